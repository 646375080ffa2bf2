"""Search in what is public: in one consultation, or in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import SelectChoice
from consult.core.text import excerpt
from consult.core.web import Blueprint
from consult.search import files, pages, records
from consult.search.forms import Asking, EvidenceForm, SearchForm
from consult.search.records import Record
from consult.submissions import evidence_tags
from consult.submissions import pages as reading
from consult.submissions.drafts import Owner
from consult.submissions.pages import Frame

blueprint = Blueprint("search", __name__)
Searching = TypeVar("Searching", bound=Asking)
_KINDS: dict[str, tuple[str, Callable[[Iterable[Record]], Iterator[str]]]] = {
    "csv": ("text/csv", files.as_csv),
    "jsonl": ("application/jsonl", files.as_jsonl),
}


@blueprint.route("/search", allow=Allow.ANYONE, whole=True)
def everywhere() -> ResponseReturnValue:
    return _page(None, _form(None), "search/search.html")


@blueprint.route("/c/<slug>/search", allow=Allow.ANYONE, whole=True)
def inside(slug: str) -> ResponseReturnValue:
    frame = reading.frame(db.session(), slug, Owner(), asking=False)
    return _page(frame, _form(frame), "search/search.html")


@blueprint.route("/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def everywhere_file(kind: str) -> ResponseReturnValue:
    return _file(None, _form(None), "comments", kind)


@blueprint.route("/c/<slug>/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def inside_file(slug: str, kind: str) -> ResponseReturnValue:
    frame = reading.frame(db.session(), slug, Owner(), asking=False)
    return _file(frame, _form(frame), slug, kind)


@blueprint.route("/evidence", allow=Allow.ANYONE, whole=True)
def evidence() -> ResponseReturnValue:
    return _page(None, _evidence_form(None), "search/evidence.html")


@blueprint.route("/c/<slug>/evidence", allow=Allow.ANYONE, whole=True)
def evidence_inside(slug: str) -> ResponseReturnValue:
    frame = reading.frame(db.session(), slug, Owner(), asking=False)
    return _page(frame, _evidence_form(frame), "search/evidence.html")


@blueprint.route("/evidence.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def evidence_file(kind: str) -> ResponseReturnValue:
    return _file(None, _evidence_form(None), "evidence", kind)


@blueprint.route("/c/<slug>/evidence.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def evidence_inside_file(slug: str, kind: str) -> ResponseReturnValue:
    frame = reading.frame(db.session(), slug, Owner(), asking=False)
    return _file(frame, _evidence_form(frame), f"{slug}-evidence", kind)


def _form(frame: Frame | None) -> SearchForm:
    return _read(SearchForm(_places(frame), request.args))


def _evidence_form(frame: Frame | None) -> EvidenceForm:
    topics = evidence_tags.in_use(db.session(), frame.consultation.id if frame else None)
    return _read(EvidenceForm(topics, _places(frame), request.args))


def _read(form: Searching) -> Searching:
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


def _page(frame: Frame | None, form: Asking, template: str) -> ResponseReturnValue:
    wish = form.wish(frame.consultation.id if frame else None)
    page = pages.searched(db.session(), frame, wish, after=request.args.get("after"))
    return render_template(template, page=page, form=form, asked=form.asked)


def _file(frame: Frame | None, form: Asking, name: str, kind: str) -> ResponseReturnValue:
    """Streamed: neither the site nor the database holds all of it at once."""
    for _anchor, problem in form.problems:
        raise Refusal(problem)
    wish = pages.resolve(db.session(), frame, form.wish(frame.consultation.id if frame else None))
    media, written = _KINDS[kind]
    rows = stream_with_context(written(records.export(db.session(), wish)))
    return Response(rows, mimetype=media, headers={"Content-Disposition": f"attachment; filename={name}.{kind}"})
