"""The rules of a consultation, with a box to try one out before it is added."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint, principal
from consult.moderation import holding
from consult.moderation.forms import Press
from consult.moderation.recourse import RuleKind
from consult.moderation.recourse_forms import RuleForm

blueprint = Blueprint("rules", __name__)
_ONE = "/desk/consultations/<int(max=9223372036854775807):number>/rules"


@blueprint.route(_ONE, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def listed(number: int) -> ResponseReturnValue:
    """The rules in use; a new one is tried out first, or added."""
    form, me, trial = RuleForm(), cast("Account", principal()), None
    consultation, rules = holding.sheet(db.session(), number=number, by=me)
    if form.validate_on_submit():
        kind, text = RuleKind(form.kind.data), form.text.data
        try:
            if form.do.data != "add":
                typed = form.typed.data or ""
                trial = holding.try_out(db.session(), number=number, by=me, kind=kind, text=text, typed=typed)
            else:
                holding.add(db.session(), number=number, by=me, name=form.name.data, kind=kind, text=text)
                flash(_("The rule is in use: a person looks at what it finds before anything else happens."), "ok")
                return redirect(url_for("rules.listed", number=number), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            consultation, rules = holding.sheet(db.session(), number=number, by=me)
    page = render_template(
        "moderation/rules.html", it=consultation, rules=rules, form=form, trial=trial, press=Press()
    )  # fmt: skip
    return page, 422 if form.problems else 200


@blueprint.route(_ONE + "/<int(max=9223372036854775807):rule_id>/retire", allow=Allow.POLICYMAKER, methods=["POST"])
def retire(number: int, rule_id: int) -> ResponseReturnValue:
    if Press().validate_on_submit():
        holding.retire(db.session(), number=number, by=cast("Account", principal()), rule_id=rule_id)
        flash(_("The rule holds nothing any more."), "ok")
    return redirect(url_for("rules.listed", number=number), 303)
