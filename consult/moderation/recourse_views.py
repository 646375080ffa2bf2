"""Appeals and reports, as moderators answer them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.moderation import appealing, appeals, queries, reasons, reporting, reports
from consult.moderation.board import blueprint, me
from consult.moderation.recourse import AppealOutcome, ReportOutcome
from consult.moderation.recourse_forms import AppealAnswer, ReportAnswer
from consult.moderation.wish import Wish

_ID = "int(max=9223372036854775807)"
_DO = {"uphold": AppealOutcome.UPHELD, "overturn": AppealOutcome.OVERTURNED, "hide": AppealOutcome.OVERTURNED}


def appeal_list(asked: Wish) -> ResponseReturnValue:
    """The queue of appeals."""
    return render_template(
        "moderation/appeals.html", lines=appealing.waiting(db.session(), me()), wish=asked,
        standings=queries.standings(db.session(), asked),
    )  # fmt: skip


@blueprint.route(f"/review/appeals/<{_ID}:appeal_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def appeal(appeal_id: int) -> ResponseReturnValue:
    form, session = AppealAnswer(reasons.choices(db.session())), db.session()
    case = appealing.case(session, me(), appeal_id)
    if form.validate_on_submit() and (outcome := _DO.get(form.do.data or "")):
        try:
            covers = form.covers(case.bodies, case.hidden) if form.do.data == "hide" else []
            if form.do.data == "hide" and not covers:
                raise Refusal(_("Say which words stay hidden, or publish it as it was filed."), field="hide")
            appeals.answer(
                session, moderator=me(), appeal_id=appeal_id, outcome=outcome, reasons=form.reasons.data, covers=covers
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            case = appealing.case(db.session(), me(), appeal_id)
        else:
            flash(_("The appeal is answered, and its author is told."), "ok")
            return redirect(url_for("moderation.queue", queue="appeals"), 303)
    if not form.is_submitted():
        form.offer(case.hidden, case.decision.reason)
    page = render_template("moderation/appeal.html", case=case, form=form)
    return page, 422 if form.problems else 200


def report_list(asked: Wish) -> ResponseReturnValue:
    """What the public has reported."""
    return render_template(
        "moderation/reports.html", lines=reporting.waiting(db.session(), me()), wish=asked,
        standings=queries.standings(db.session(), asked),
    )  # fmt: skip


@blueprint.route(f"/review/reports/<{_ID}:submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def reported(submission_id: int) -> ResponseReturnValue:
    form, session = ReportAnswer(reasons.choices(db.session())), db.session()
    case = reporting.case(session, me(), submission_id)
    if form.validate_on_submit() and form.do.data in ("keep", "hide"):
        hides = form.do.data == "hide"
        try:
            reports.answer(
                session, moderator=me(), submission_id=submission_id, words=form.answer.data or "",
                outcome=ReportOutcome.HIDDEN if hides else ReportOutcome.KEPT,
                covers=form.covers(case.bodies, case.hidden) if hides else (),
            )  # fmt: skip
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            case = reporting.case(db.session(), me(), submission_id)
        else:
            flash(_("The report is answered."), "ok")
            return redirect(url_for("moderation.queue", queue="reported"), 303)
    if not form.is_submitted():
        form.offer(case.hidden)
    page = render_template("moderation/reported_case.html", case=case, form=form)
    return page, 422 if form.problems else 200
