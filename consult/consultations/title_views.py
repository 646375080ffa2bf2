"""Short titles of a draft's provisions: the owner sets them on one page, /desk/consultations/<n>/titles."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.view_helpers import CONSULTATION_PATH, blueprint, current_account, render_form
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.documents import queries as documents
from consult.documents import titles as short_titles
from consult.documents.forms import ShortTitlesForm


@blueprint.route(f"{CONSULTATION_PATH}/titles", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def titles(number: int) -> ResponseReturnValue:
    sheet = queries.get_sheet(db.session(), number=number, by=current_account())
    it = sheet.consultation
    whole = documents.list_provisions(db.session(), sheet.version.id)
    rows = [row for row in whole if row.text]
    known = (
        short_titles.list_titles(db.session(), it.document_id),
        short_titles.list_plain(db.session(), it.document_id),
    )
    form = ShortTitlesForm(rows, *known)
    if form.validate_on_submit():
        short_titles.replace_titles(db.session(), document_id=it.document_id, titles=form.titles)
        short_titles.replace_plain(db.session(), document_id=it.document_id, words=form.plain)
        flash(_("Saved."), "ok")
        return redirect(url_for("consultations.titles", number=number), 303)
    return render_form("consultations/titles.html", form, it=it, rows=rows, labels=documents.spoken_labels(whole))
