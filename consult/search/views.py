"""Search pages: in one consultation or in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.text import excerpt
from consult.core.web.access import Allow
from consult.core.web.forms import SelectChoice
from consult.core.web.requests import Blueprint, stream_rows
from consult.search import files, pages, records
from consult.search.forms import BaseSearchForm, EvidenceSearchForm, SearchForm
from consult.search.records import SearchExportRow
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.evidence import tags
from consult.submissions.pages import queries as pages_queries
from consult.submissions.pages.queries import Frame

blueprint = Blueprint("search", __name__)
AnySearchForm = TypeVar("AnySearchForm", bound=BaseSearchForm)
_KINDS: dict[str, tuple[str, Callable[[Iterable[SearchExportRow]], Iterator[str]]]] = {
    "csv": ("text/csv", files.as_csv),
    "jsonl": ("application/jsonl", files.as_jsonl),
}


@blueprint.route("/search", allow=Allow.ANYONE, whole=True)
def everywhere() -> ResponseReturnValue:
    return _page(None, _form(None), "search/search.html")


@blueprint.route("/c/<slug>/search", allow=Allow.ANYONE, whole=True)
def inside(slug: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, DraftOwner(), asking=False)
    return _page(frame, _form(frame), "search/search.html")


@blueprint.route("/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def everywhere_file(kind: str) -> ResponseReturnValue:
    return _file(None, _form(None), "comments", kind)


@blueprint.route("/c/<slug>/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def inside_file(slug: str, kind: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, DraftOwner(), asking=False)
    return _file(frame, _form(frame), slug, kind)


@blueprint.route("/evidence", allow=Allow.ANYONE, whole=True)
def evidence() -> ResponseReturnValue:
    return _page(None, _evidence_form(None), "search/evidence.html")


@blueprint.route("/c/<slug>/evidence", allow=Allow.ANYONE, whole=True)
def evidence_inside(slug: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, DraftOwner(), asking=False)
    return _page(frame, _evidence_form(frame), "search/evidence.html")


@blueprint.route("/evidence.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def evidence_file(kind: str) -> ResponseReturnValue:
    return _file(None, _evidence_form(None), "evidence", kind)


@blueprint.route("/c/<slug>/evidence.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def evidence_inside_file(slug: str, kind: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, DraftOwner(), asking=False)
    return _file(frame, _evidence_form(frame), f"{slug}-evidence", kind)


def _form(frame: Frame | None) -> SearchForm:
    return _read(SearchForm(_places(frame), request.args))


def _evidence_form(frame: Frame | None) -> EvidenceSearchForm:
    topics = tags.list_topics(db.session(), frame.consultation.id if frame else None)
    return _read(EvidenceSearchForm(topics, _places(frame), request.args))


def _read(form: AnySearchForm) -> AnySearchForm:
    form.validate()
    return form


def _places(frame: Frame | None) -> list[SelectChoice]:
    return [
        SelectChoice(
            place.key, f"\u2068{place.number} {excerpt(place.heading, 60)}\u2069" if place.heading else place.name
        )
        for chapter in (frame.places.chapters if frame else ())
        for place in chapter.all
    ]


def _page(frame: Frame | None, form: BaseSearchForm, template: str) -> ResponseReturnValue:
    query = form.to_query(frame.consultation.id if frame else None)
    everything = isinstance(form, SearchForm)
    page = pages.get_page(db.session(), frame, query, after=request.args.get("after"), everything=everything)
    return render_template(template, page=page, form=form, asked=form.asked)


def _file(frame: Frame | None, form: BaseSearchForm, name: str, kind: str) -> ResponseReturnValue:
    """Stream search results as a file, read from the database row by row."""
    for _anchor, problem in form.problems:
        raise Refusal(problem)
    query = pages.resolve_provision(db.session(), frame, form.to_query(frame.consultation.id if frame else None))
    media, written = _KINDS[kind]
    rows = stream_rows(written(records.export(db.session(), query)))
    return Response(rows, mimetype=media, headers={"Content-Disposition": f"attachment; filename={name}.{kind}"})
