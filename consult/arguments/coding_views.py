"""The page on which a person says of a few statements what they are about, and decides on what is suggested."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments import coding
from consult.arguments.forms import CodeForm, LabelForm
from consult.arguments.views import OF, blueprint
from consult.consultations.desk import me, refuse
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, language, ngettext
from consult.submissions import lists
from consult.taxonomy.model import Term


@blueprint.route(f"{OF}/themes", allow=Allow.STAFF, methods=["GET", "POST"])
def themes(slug: str) -> ResponseReturnValue:
    """The codebook; with `code`, statements to label for it."""
    page = coding.page(db.session(), slug, code=request.args.get("code"), by=me())
    form = LabelForm()
    if form.validate_on_submit() and page.code:
        try:
            n = coding.label(
                db.session(), consultation=page.consultation, code=page.code.code, values=_said(), by=me()
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(ngettext("%(num)s statement is labelled.", "%(num)s statements are labelled.", n), "ok")
            return redirect(url_for("arguments.themes", slug=slug, code=page.code.code), 303)
    add = CodeForm(page.terms, _label, formdata=None)
    answer = render_template("arguments/themes.html", page=page, form=form, add=add)
    return answer, 422 if form.is_submitted() else 200


@blueprint.route(f"{OF}/themes/add", allow=Allow.STAFF, methods=["POST"])
def add_theme(slug: str) -> ResponseReturnValue:
    row = lists.consultation(db.session(), slug)
    page = coding.page(db.session(), slug, code=None, by=me())
    form = CodeForm(page.terms, _label)
    if form.validate_on_submit():
        code = coding.add(db.session(), consultation=row, term_id=int(form.term.data), by=me())
        flash(_("The term is in the codebook. Label a few statements for it."), "ok")
        return redirect(url_for("arguments.themes", slug=slug, code=code.term_id), 303)
    return render_template("arguments/themes.html", page=page, form=LabelForm(formdata=None), add=form), 422


def _label(term: Term) -> str:
    return term.label(language())


def _said() -> dict[int, str]:
    """What was said of each statement: fields named `s` and its number."""
    given = {name[1:]: value for name, value in request.form.items() if name[:1] == "s"}
    return {int(number): value for number, value in given.items() if number.isdigit() and len(number) < 19}
