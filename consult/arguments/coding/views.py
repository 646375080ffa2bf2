"""Coding pages: label statements with topics, and accept or reject suggestions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments.coding import agreement
from consult.arguments.coding import service as coding
from consult.arguments.forms import CodebookTermForm, StatementLabelForm
from consult.arguments.views import DESK_PATH, blueprint
from consult.consultations.view_helpers import current_account, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.submissions.comments import queries as comments_queries
from consult.taxonomy.model import Term


@blueprint.route(f"{DESK_PATH}/themes", allow=Allow.STAFF, methods=["GET", "POST"])
def themes(slug: str) -> ResponseReturnValue:
    """Show the codebook. With `code`, show statements to label for it."""
    page = coding.get_codebook_page(db.session(), slug, code=request.args.get("code"), by=current_account())
    form = StatementLabelForm()
    if form.validate_on_submit() and page.code:
        try:
            n = coding.label_statements(
                db.session(),
                consultation=page.consultation,
                code=page.code.code,
                values=_submitted_labels(),
                by=current_account(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(ngettext("%(num)s excerpt labelled.", "%(num)s excerpts labelled.", n), "ok")
            return redirect(url_for("arguments.themes", slug=slug, code=page.code.code), 303)
    add = CodebookTermForm(page.terms, _label, formdata=None)
    answer = render_template("arguments/themes.html", page=page, form=form, add=add)
    return answer, 422 if form.is_submitted() else 200


@blueprint.route(f"{DESK_PATH}/themes/apart", allow=Allow.STAFF, methods=["GET", "POST"])
def themes_apart(slug: str) -> ResponseReturnValue:
    """Show statements for a second label, without the first label."""
    session, by = db.session(), current_account()
    page = coding.get_codebook_page(session, slug, code=request.args.get("code"), by=by)
    if page.code is None:
        return redirect(url_for("arguments.themes", slug=slug), 303)
    form, code = StatementLabelForm(), page.code.code
    if form.validate_on_submit():
        try:
            n = agreement.label_apart(
                session, consultation=page.consultation, code=code, values=_submitted_labels(), by=by
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(ngettext("%(num)s excerpt has a second label.", "%(num)s excerpts have a second label.", n), "ok")
            return redirect(url_for("arguments.themes_apart", slug=slug, code=code), 303)
    read = agreement.list_apart(session, page.consultation.id, code, by) if page.may else []
    agreed = agreement.list_agreements(session, page.consultation.id)
    here = next((one for one in agreed if one.code == code), None)
    answer = render_template(
        "arguments/themes_apart.html", page=page, form=form, read=read, agreed=here, enough=agreement.ENOUGH
    )
    return answer, 422 if form.is_submitted() else 200


@blueprint.route(f"{DESK_PATH}/themes/add", allow=Allow.STAFF, methods=["POST"])
def add_theme(slug: str) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    page = coding.get_codebook_page(db.session(), slug, code=None, by=current_account())
    form = CodebookTermForm(page.terms, _label)
    if form.validate_on_submit():
        code = coding.add_code(db.session(), consultation=row, term_id=int(form.term.data), by=current_account())
        flash(_("Topic added to the codebook. Now label a few excerpts for it."), "ok")
        return redirect(url_for("arguments.themes", slug=slug, code=code.term_id), 303)
    return render_template("arguments/themes.html", page=page, form=StatementLabelForm(formdata=None), add=form), 422


def _label(term: Term) -> str:
    return term.label(current_language())


def _submitted_labels() -> dict[int, str]:
    """Return the submitted labels by statement ID, from fields named `s` followed by the ID."""
    given = {name[1:]: value for name, value in request.form.items() if name[:1] == "s"}
    return {number: value for name, value in given.items() if (number := read_number(name)) is not None}
