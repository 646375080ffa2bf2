"""The page of a consultation's files: /c/<slug>/files."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from consult.api import limits
from consult.api.reading import queries
from consult.core.db import db
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint

blueprint = Blueprint("files_page", __name__)


@blueprint.route("/c/<slug>/files", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    """List the files of a consultation, with those of each question."""
    row = queries.get_consultation(db.session(), slug)
    asked = queries.list_asked(db.session(), slug)
    return render_template("api/files.html", it=row, questions=asked, most=limits.FILES.amount)
