"""What we heard: the page that everybody may read, its tables as files, and the list of what is not placed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from consult.core import etag
from consult.core.access import Allow
from consult.core.db import db
from consult.core.i18n import _
from consult.core.limits import limiter
from consult.core.text import csv_line
from consult.digests import contributors, headings, hearing, lists, phrases, telling
from consult.digests.routes import blueprint
from consult.submissions.model import State


@blueprint.route("/c/<slug>/heard", allow=Allow.ANYONE)
def heard(slug: str) -> ResponseReturnValue:
    page = hearing.read(db.session(), slug, about=request.args.get("about", ""))
    places = {row["key"]: row for row in page.data["places"]} if page.data else {}

    def made() -> str:
        return render_template(
            "digests/heard.html", page=page, places=places, say=phrases, tell=telling, who=contributors
        )

    return etag.answer(etag.tag(*page.stamp), made) if etag.for_everybody() else made()


@blueprint.route("/c/<slug>/heard/<name>.csv", allow=Allow.ANYONE)
def heard_csv(slug: str, name: str) -> ResponseReturnValue:
    return csv_file(f"{slug}-{name}.csv", hearing.table(db.session(), slug, name))


@blueprint.route("/c/<slug>/heard/list/<what>", allow=Allow.ANYONE)
def heard_list(slug: str, what: str) -> ResponseReturnValue:
    """The list behind a number of the page: what is not published is in it without its words and its reference."""
    row, counted = hearing.numbers(db.session(), slug)
    listed = lists.listing(db.session(), counted, what, after=request.args.get("after"))
    return render_template(
        "digests/list.html", listing=listed, title=headings.title(listed), lead=headings.public_lead(), head=headings,
        slug=slug, zone=row.timezone, over=row.title, references=False,
        crumbs=[(_("What we heard"), url_for("digests.heard", slug=slug))],
        way=partial(url_for, "digests.heard_list", slug=slug, what=what),
        file=url_for("digests.heard_list_csv", slug=slug, what=what),
    )  # fmt: skip


@blueprint.route("/c/<slug>/heard/list/<what>.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def heard_list_csv(slug: str, what: str) -> ResponseReturnValue:
    """All of the list as a file, the newest first."""
    _row, counted = hearing.numbers(db.session(), slug)
    rows = list_rows(lists.everything(db.session(), counted, what), references=False)
    return csv_file(f"{slug}-{file_name(what)}.csv", rows)


def list_rows(lines: Iterable[lists.Line], *, references: bool) -> Iterable[Sequence[Any]]:
    """A list as rows of a file; with the references of what is not published only where these may be known."""
    yield ("reference", "state", "day", "name", "language", "kind_of_comment", "words", "stands_for")
    for line in lines:
        open_to_all = references or line.state is State.PUBLISHED
        yield (line.reference if open_to_all else "", str(line.state), line.at.date() if line.at else "",
               line.name or "", line.language, line.stance or "", line.words or "", line.copies)  # fmt: skip


def file_name(what: str) -> str:
    """The name of a list in that of its file."""
    return re.sub(r"[^\w-]+", "-", what, flags=re.ASCII)


def csv_file(name: str, rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as a file that spreadsheets open and do not run; sent while they are read, however many they are."""
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(stream_with_context(map(csv_line, rows)), mimetype="text/csv", headers=disposition)


@blueprint.route("/c/<slug>/heard/unplaced", allow=Allow.ANYONE)
def unplaced(slug: str) -> ResponseReturnValue:
    page = hearing.read(db.session(), slug)
    listed = hearing.unplaced(db.session(), page.consultation.id, after=request.args.get("after"))
    return render_template("digests/unplaced.html", page=page, listed=listed)
