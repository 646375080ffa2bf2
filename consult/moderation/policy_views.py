"""The policy of moderation: what holds now, every version with what it changed, and the administrator's next."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, _, language
from consult.moderation import policies, reasons
from consult.moderation.board import blueprint, me
from consult.moderation.recourse_forms import policy_form


@blueprint.route("/moderation", allow=Allow.ANYONE)
def policy() -> ResponseReturnValue:
    return render_template(
        "moderation/policy.html", policy=policies.present(db.session()),
        reasons=[code for code, _name in reasons.choices(db.session())],
    )  # fmt: skip


@blueprint.route("/moderation/versions", allow=Allow.ANYONE)
def policy_versions() -> ResponseReturnValue:
    return render_template("moderation/policy_versions.html", versions=policies.every(db.session()))


@blueprint.route("/moderation/versions/<int(max=2147483647):number>", allow=Allow.ANYONE)
def policy_version(number: int) -> ResponseReturnValue:
    shown = policies.compare(db.session(), number, language())
    return render_template("moderation/policy_version.html", shown=shown, present=policies.present(db.session()))


@blueprint.route("/moderation/new", allow=Allow.ADMIN, methods=["GET", "POST"])
def next_policy() -> ResponseReturnValue:
    present = policies.present(db.session())
    form = policy_form(present)
    if form.validate_on_submit():
        try:
            made = policies.publish(
                db.session(), by=me(), texts=form.texts, appeal_days=form.appeal_days.data,
                promise_days=form.promise_days.data, change=form.change.data, after=form.after.data,
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Version %(number)s is in force.", number=made.number), "ok")
            return redirect(url_for("moderation.policy"), 303)
    page = render_template("moderation/policy_new.html", form=form, present=present, codes=list(LANGUAGES))
    return page, 422 if form.problems else 200
