"""Pages of a consultation's hold rules, with a trial run before a rule is added."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.policy import hold_rules
from consult.moderation.recourse.forms import HoldRuleForm
from consult.moderation.recourse.model import HoldRuleKind

blueprint = Blueprint("rules", __name__)
_ONE = "/desk/consultations/<int(max=9223372036854775807):number>/rules"


@blueprint.route(_ONE, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def listed(number: int) -> ResponseReturnValue:
    """Show the active rules, and try or add a new one."""
    form, me, trial = HoldRuleForm(), cast("Account", principal()), None
    consultation, rules = hold_rules.get_owned_rules(db.session(), number=number, by=me)
    if form.validate_on_submit():
        kind, text = HoldRuleKind(form.kind.data), form.text.data
        try:
            if form.do.data != "add":
                typed = form.typed.data or ""
                trial = hold_rules.try_out(db.session(), number=number, by=me, kind=kind, text=text, typed=typed)
            else:
                hold_rules.add(db.session(), number=number, by=me, name=form.name.data, kind=kind, text=text)
                flash(
                    _(
                        "Rule added. A moderator checks every submission that matches this rule before anything else "
                        "happens."
                    ),
                    "ok",
                )
                return redirect(url_for("rules.listed", number=number), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            consultation, rules = hold_rules.get_owned_rules(db.session(), number=number, by=me)
    page = render_template(
        "moderation/rules.html", it=consultation, rules=rules, form=form, trial=trial, press=ModerationButtonForm()
    )
    return page, 422 if form.problems else 200


@blueprint.route(_ONE + "/<int(max=9223372036854775807):rule_id>/retire", allow=Allow.POLICYMAKER, methods=["POST"])
def retire(number: int, rule_id: int) -> ResponseReturnValue:
    if ModerationButtonForm().validate_on_submit():
        hold_rules.retire(db.session(), number=number, by=cast("Account", principal()), rule_id=rule_id)
        flash(_("Rule retired. It no longer holds submissions for checking."), "ok")
    return redirect(url_for("rules.listed", number=number), 303)
