"""What we heard: the page that everybody may read, its tables as files, and the list of what is not placed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core import etag
from consult.core.access import Allow
from consult.core.db import db
from consult.core.text import csv_cell
from consult.digests import hearing, phrases, telling
from consult.digests.routes import blueprint


@blueprint.route("/c/<slug>/heard", allow=Allow.ANYONE)
def heard(slug: str) -> ResponseReturnValue:
    page = hearing.read(db.session(), slug, about=request.args.get("about", ""))
    places = {row["key"]: row for row in page.data["places"]} if page.data else {}

    def made() -> str:
        return render_template("digests/heard.html", page=page, places=places, say=phrases, tell=telling)

    return etag.answer(etag.tag(*page.stamp), made) if etag.for_everybody() else made()


@blueprint.route("/c/<slug>/heard/<name>.csv", allow=Allow.ANYONE)
def heard_csv(slug: str, name: str) -> ResponseReturnValue:
    return csv_file(f"{slug}-{name}.csv", hearing.table(db.session(), slug, name))


def csv_file(name: str, rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as a file that spreadsheets open and do not run."""
    out = io.StringIO()
    csv.writer(out).writerows([csv_cell(cell) for cell in row] for row in rows)
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(out.getvalue(), mimetype="text/csv", headers=disposition)


@blueprint.route("/c/<slug>/heard/unplaced", allow=Allow.ANYONE)
def unplaced(slug: str) -> ResponseReturnValue:
    page = hearing.read(db.session(), slug)
    listed = hearing.unplaced(db.session(), page.consultation.id, after=request.args.get("after"))
    return render_template("digests/unplaced.html", page=page, listed=listed)
