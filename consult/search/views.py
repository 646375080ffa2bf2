"""Search in what is public: in one consultation, or in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.forms import SelectChoice
from consult.core.text import excerpt
from consult.core.web import Blueprint
from consult.search import files, pages, queries
from consult.search.forms import SearchForm
from consult.search.queries import Record
from consult.submissions import pages as reading
from consult.submissions.drafts import Owner
from consult.submissions.pages import Frame

blueprint = Blueprint("search", __name__)
_KINDS: dict[str, tuple[str, Callable[[Iterable[Record]], Iterator[str]]]] = {
    "csv": ("text/csv", files.as_csv),
    "jsonl": ("application/jsonl", files.as_jsonl),
}


@blueprint.route("/search", allow=Allow.ANYONE)
def everywhere() -> ResponseReturnValue:
    return _page(None)


@blueprint.route("/c/<slug>/search", allow=Allow.ANYONE)
def inside(slug: str) -> ResponseReturnValue:
    return _page(reading.frame(db.session(), slug, Owner(), counted=True))


@blueprint.route("/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE)
def everywhere_file(kind: str) -> ResponseReturnValue:
    return _file(None, kind)


@blueprint.route("/c/<slug>/search.<any(csv, jsonl):kind>", allow=Allow.ANYONE)
def inside_file(slug: str, kind: str) -> ResponseReturnValue:
    return _file(reading.frame(db.session(), slug, Owner()), kind)


def _form(frame: Frame | None) -> SearchForm:
    chapters = frame.places.chapters if frame else ()
    listed = [
        SelectChoice(
            place.key, f"\u2068{place.number} {excerpt(place.heading, 60)}\u2069" if place.heading else place.name
        )
        for chapter in chapters
        for place in chapter.all
    ]
    return SearchForm(listed, request.args)


def _page(frame: Frame | None) -> ResponseReturnValue:
    form = _form(frame)
    form.validate()
    wish = form.wish(frame.consultation.id if frame else None)
    page = pages.searched(db.session(), frame, wish, after=request.args.get("after"))
    return render_template("search/search.html", page=page, form=form, asked=form.asked)


def _file(frame: Frame | None, kind: str) -> ResponseReturnValue:
    """Streamed: neither the site nor the database holds all of it at once."""
    form = _form(frame)
    wish = pages.resolve(db.session(), frame, form.wish(frame.consultation.id if frame else None))
    media, written = _KINDS[kind]
    name = f"{frame.consultation.slug if frame else 'comments'}.{kind}"
    rows = stream_with_context(written(queries.export(db.session(), wish)))
    return Response(rows, mimetype=media, headers={"Content-Disposition": f"attachment; filename={name}"})
