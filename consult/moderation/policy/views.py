"""Pages of the moderation policy: the current version, earlier ones with changes, and the form for the next one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, _, current_language
from consult.core.web.access import Allow
from consult.decisions import policy as policy_service
from consult.decisions import reasons
from consult.moderation.recourse.forms import build_policy_form
from consult.moderation.view_helpers import blueprint, current_moderator


@blueprint.route("/moderation", allow=Allow.ANYONE)
def policy() -> ResponseReturnValue:
    codes = [code for code, _name in reasons.list_choices(db.session())]
    return render_template(
        "moderation/policy.html",
        policy=policy_service.get_current(db.session()),
        codes=codes,
        reasons=reasons.load_names(db.session(), codes),
    )


@blueprint.route("/moderation/versions", allow=Allow.ANYONE)
def policy_versions() -> ResponseReturnValue:
    return render_template("moderation/policy_versions.html", versions=policy_service.list_versions(db.session()))


@blueprint.route("/moderation/versions/<int(max=2147483647):number>", allow=Allow.ANYONE)
def policy_version(number: int) -> ResponseReturnValue:
    shown = policy_service.compare(db.session(), number, current_language())
    return render_template(
        "moderation/policy_version.html", shown=shown, present=policy_service.get_current(db.session())
    )


@blueprint.route("/moderation/new", allow=Allow.ADMIN, methods=["GET", "POST"])
def next_policy() -> ResponseReturnValue:
    present = policy_service.get_current(db.session())
    form = build_policy_form(present)
    if form.validate_on_submit():
        try:
            made = policy_service.publish(
                db.session(),
                by=current_moderator(),
                texts=form.texts,
                appeal_days=form.appeal_days.data,
                promise_days=form.promise_days.data,
                change=form.change.data,
                after=form.after.data,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Version %(number)s is in force.", number=made.number), "ok")
            return redirect(url_for("moderation.policy"), 303)
    page = render_template("moderation/policy_new.html", form=form, present=present, codes=list(LANGUAGES))
    return page, 422 if form.problems else 200
