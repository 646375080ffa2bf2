"""What the draft is about: the owner tags its provisions with terms, at /desk/consultations/<n>/topics."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.desk import ONE, blueprint, me
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.documents import queries as documents
from consult.documents import tags
from consult.documents.model import Provision
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.forms import Tagging


@blueprint.route(f"{ONE}/topics", allow=Allow.POLICYMAKER)
def topics(number: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    it = sheet.consultation
    whole = documents.provisions(db.session(), sheet.version.id)
    rows = [row for row in whole if row.text]
    found = tags.review(db.session(), rows, document_id=it.document_id, language=it.language)
    called = documents.labels(whole)
    return render_template("consultations/topics.html", it=it, rows=found, called=called, form=Tagging())


@blueprint.route(f"{ONE}/topics/<wid>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def topic(number: int, wid: str) -> ResponseReturnValue:
    """One provision with every term; "accept" adds the terms that are sent to those it has."""
    sheet = queries.sheet(db.session(), number=number, by=me())
    it, form = sheet.consultation, Tagging()
    row, called = _provision(sheet.version.id, wid)
    if form.validate_on_submit():
        change = tags.add if request.form.get("do") == "accept" else tags.replace
        change(db.session(), document_id=it.document_id, wid=wid, term_ids=form.term_ids, by=me().id)
        flash(_("Saved."), "ok")
        return redirect(url_for("consultations.topics", number=number, _anchor=row.eid), 303)
    [tagged] = tags.review(db.session(), [row], document_id=it.document_id, language=it.language)
    branches = taxonomy.tree(taxonomy.terms(db.session()))
    schemes = taxonomy.schemes(db.session())
    return render_template(
        "consultations/topic.html", it=it, row=tagged, called=called, form=form, schemes=schemes, branches=branches
    )  # fmt: skip


def _provision(version_id: int, wid: str) -> tuple[Provision, str]:
    """The provision with this permanent id, and what people call it. Raises NotFound."""
    whole = documents.provisions(db.session(), version_id)
    found = next((row for row in whole if row.wid == wid), None)
    if found is None:
        raise NotFound(_("This provision is not in the draft any more."))
    return found, documents.labels(whole)[found.id]
