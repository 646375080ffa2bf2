"""The page /desk/consultations/<n>/import-comments: preview a table of comments, choose its columns, and import it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from flask import request
from flask.typing import ResponseReturnValue

from consult.analysis.collected.forms import CommentTableForm
from consult.analysis.text.kept_words import find_identifying
from consult.consultations import queries
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.consultations.view_helpers import CONSULTATION_PATH, current_account, render_form, show_refusal
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.core.web.table_form import seal_table
from consult.files.records import UnreadableFile, read_names
from consult.submissions import imports
from consult.submissions.tables import service
from consult.submissions.tables.platforms import propose_mapping

blueprint = Blueprint("collected", __name__)
MOST_REASONS = 1_000
"""Rejected rows on the page."""
_JSON = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")


@blueprint.route(f"{CONSULTATION_PATH}/import-comments", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def page(number: int) -> ResponseReturnValue:
    """Import comments collected elsewhere. A table is previewed first, and imported with a second button."""
    row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DECIDE).consultation
    if row.phase is Phase.DRAFT:
        raise NotFound(_("This consultation is not published yet."))
    form, shown = CommentTableForm(), {}
    if form.is_submitted():
        try:
            shown = dict(_read(form, row))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("analysis/collected.html", form, it=row, most=MOST_REASONS, **shown)


def _read(form: CommentTableForm, row: Consultation) -> Mapping[str, object]:
    """Return what the page shows of the sent table. Raises a Refusal."""
    if now() < row.opens_at:
        raise Refusal(_("Comments can be imported once the consultation is open."))
    purpose = f"comments {row.id}"
    name, data = form.read_table(purpose)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("table.jsonl" if name.lower().endswith(_JSON) else "table.csv")
        path.write_bytes(data)
        try:
            shown = _use(form, row, path)
        except UnreadableFile as error:
            message = _("This file cannot be read as a table. Save it as CSV, then choose it.")
            raise Refusal(message, field="file") from error
    form.table.data = seal_table(name, data, purpose)
    return shown


def _use(form: CommentTableForm, row: Consultation, path: Path) -> Mapping[str, object]:
    """Import the table, or return its columns and a preview. Raises UnreadableFile and a Refusal."""
    names = read_names(path)
    proposed = propose_mapping(names, language=row.language)
    form.offer_columns(names, proposed)
    shown: dict[str, object] = {"names": names}
    if not form.validate():
        return shown
    mapping = form.read_mapping(proposed)
    if not mapping.is_complete:
        text = _(
            "We do not recognise these columns. Choose the column with the identifier and the columns with the text."
        )
        form.refuse(Refusal(text, field="id_column"))
        return shown
    session, published = db.session(), bool(form.published.data)
    into = imports.get_target(session, slug=row.slug, source=form.source.data or "", published=published)
    if request.form.get("do") == "keep":
        return {"result": service.import_file(session, path, mapping, into, find_identifying, most=MOST_REASONS)}
    return {**shown, "preview": service.preview(path, mapping, into), "platform": proposed.platform}
