"""Topics of a draft: the owner assigns topics to provisions, at /desk/consultations/<n>/topics."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.rights import Deed
from consult.consultations.view_helpers import CONSULTATION_PATH, blueprint, current_account
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.documents import queries as documents
from consult.documents import tags
from consult.documents.model import Provision
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.forms import TermTagsForm


@blueprint.route(f"{CONSULTATION_PATH}/topics", allow=Allow.POLICYMAKER)
def topics(number: int) -> ResponseReturnValue:
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.ARRANGE)
    it = sheet.consultation
    whole = documents.list_provisions(db.session(), sheet.version.id)
    rows = [row for row in whole if row.text]
    tagged = tags.get_tagged(db.session(), rows, document_id=it.document_id, language=it.language)
    labels = documents.spoken_labels(whole)
    return render_template("consultations/topics.html", it=it, rows=tagged, labels=labels, form=TermTagsForm())


@blueprint.route(f"{CONSULTATION_PATH}/topics/<wid>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def topic(number: int, wid: str) -> ResponseReturnValue:
    """Show a provision with all topics. “accept” adds topics to the assigned ones."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.ARRANGE)
    it, form = sheet.consultation, TermTagsForm()
    row, label = _provision(sheet.version.id, wid)
    if form.validate_on_submit():
        change = tags.add_tags if request.form.get("do") == "accept" else tags.replace_tags
        change(db.session(), document_id=it.document_id, wid=wid, term_ids=form.term_ids, by=current_account().id)
        flash(_("Saved."), "ok")
        return redirect(url_for("consultations.topics", number=number, _anchor=row.eid), 303)
    [tagged] = tags.get_tagged(db.session(), [row], document_id=it.document_id, language=it.language)
    branches = taxonomy.build_tree(taxonomy.list_terms(db.session()))
    schemes = taxonomy.list_schemes(db.session())
    return render_template(
        "consultations/topic.html", it=it, row=tagged, label=label, form=form, schemes=schemes, branches=branches
    )


def _provision(version_id: int, wid: str) -> tuple[Provision, str]:
    """Return the provision with this permanent ID and its label. Raises NotFound."""
    whole = documents.list_provisions(db.session(), version_id)
    found = next((row for row in whole if row.wid == wid), None)
    if found is None:
        raise NotFound(_("This provision is no longer in the draft."))
    return found, documents.spoken_labels(whole)[found.id]
