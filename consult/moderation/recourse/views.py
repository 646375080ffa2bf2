"""Moderators' pages of appeals and content reports."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.decisions import reasons
from consult.decisions.model import AppealOutcome, ReportOutcome
from consult.decisions.service import UNDO_DELAY
from consult.moderation import held_answers as recourse_answers
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue.case_page import list_redaction_reasons
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.recourse import appeal_queries, appeals, report_queries, reports
from consult.moderation.recourse.forms import AppealAnswerForm, ReportAnswerForm
from consult.moderation.view_helpers import PromisedTime, blueprint, current_moderator

_ID = "int(max=9223372036854775807)"
_DO = {"reject": AppealOutcome.REJECTED, "accept": AppealOutcome.ACCEPTED, "hide": AppealOutcome.ACCEPTED}


def render_appeals(asked: QueueFilter, promised: PromisedTime) -> ResponseReturnValue:
    """Render the queue of appeals."""
    lines = appeal_queries.list_waiting(db.session(), current_moderator())
    return render_template(
        "moderation/appeals.html",
        lines=lines,
        reasons=reasons.load_names(db.session(), [line.reason for line in lines]),
        queue_filter=asked,
        queue_counts=queue_queries.count_queues(db.session(), asked),
        **promised,
        undoable=list_undoable(db.session(), current_moderator()),
    )


@blueprint.route(f"/review/appeals/<{_ID}:appeal_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def appeal(appeal_id: int) -> ResponseReturnValue:
    form, session = AppealAnswerForm(reasons.list_choices(db.session())), db.session()
    case = appeal_queries.get_case(session, current_moderator(), appeal_id)
    if form.validate_on_submit() and (outcome := _DO.get(form.do.data or "")):
        try:
            covers = form.covers(case.bodies, case.hidden) if form.do.data == "hide" else []
            if form.do.data == "hide" and not covers:
                raise Refusal(
                    _("Enter the words that stay hidden, or publish the submission as received."), field="hide"
                )
            appeals.answer(
                session,
                moderator=current_moderator(),
                appeal_id=appeal_id,
                outcome=outcome,
                reasons=form.reasons.data,
                covers=covers,
                delay=UNDO_DELAY,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            case = appeal_queries.get_case(db.session(), current_moderator(), appeal_id)
        else:
            return redirect(url_for("moderation.queue", queue="appeals"), 303)
    if not form.is_submitted():
        form.offer(case.offered, case.decision.reason)
    undoable = list_undoable(db.session(), current_moderator())
    names = reasons.load_names(session, case.reason_codes)
    me = current_moderator()
    page = render_template("moderation/appeal.html", case=case, form=form, undoable=undoable, reasons=names, me=me)
    return page, 422 if form.problems else 200


@blueprint.route(f"/review/appeals/<{_ID}:appeal_id>/second", allow=Allow.MODERATOR, methods=["POST"])
def second_answer(appeal_id: int) -> ResponseReturnValue:
    """Confirm or reject an answer that waits for a second person. A rejected one leaves the appeal open."""
    if ModerationButtonForm().validate_on_submit():
        session, me = db.session(), current_moderator()
        if request.form.get("do") == "agree":
            appeals.agree(session, second=me, appeal_id=appeal_id, delay=UNDO_DELAY)
            return redirect(url_for("moderation.queue", queue="appeals"), 303)
        appeals.disagree(session, second=me, appeal_id=appeal_id)
        flash(_("Proposal refused. The appeal is open again."), "ok")
    return redirect(url_for("moderation.appeal", appeal_id=appeal_id), 303)


def render_reports(asked: QueueFilter, promised: PromisedTime) -> ResponseReturnValue:
    """Render the queue of content reports."""
    return render_template(
        "moderation/reports.html",
        lines=report_queries.list_waiting(db.session(), current_moderator()),
        queue_filter=asked,
        queue_counts=queue_queries.count_queues(db.session(), asked),
        **promised,
        undoable=list_undoable(db.session(), current_moderator()),
    )


@blueprint.route(f"/review/reports/<{_ID}:submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def reported(submission_id: int) -> ResponseReturnValue:
    form, session = ReportAnswerForm(reasons.list_choices(db.session())), db.session()
    case = report_queries.get_case(session, current_moderator(), submission_id)
    if form.validate_on_submit() and form.do.data in ("keep", "hide"):
        hides = form.do.data == "hide"
        try:
            reports.answer(
                session,
                moderator=current_moderator(),
                submission_id=submission_id,
                words=form.answer.data or "",
                outcome=ReportOutcome.HIDDEN if hides else ReportOutcome.KEPT,
                covers=form.covers(case.bodies, case.hidden) if hides else (),
                delay=UNDO_DELAY,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            case = report_queries.get_case(db.session(), current_moderator(), submission_id)
        else:
            return redirect(url_for("moderation.queue", queue="reported"), 303)
    if not form.is_submitted():
        form.offer(case.hidden)
    undoable = list_undoable(db.session(), current_moderator())
    names = reasons.load_names(session, list_redaction_reasons(case.comments))
    page = render_template("moderation/reported_case.html", case=case, form=form, undoable=undoable, reasons=names)
    return page, 422 if form.problems else 200


@blueprint.route(f"/review/answers/<{_ID}:answer_id>/undo", allow=Allow.MODERATOR, methods=["POST"])
def undo_answer(answer_id: int) -> ResponseReturnValue:
    """Undo a pending answer and open its appeal or report."""
    if not ModerationButtonForm().validate_on_submit():
        return redirect(url_for("moderation.queue", queue="appeals"), 303)
    done = recourse_answers.undo_answer(db.session(), moderator=current_moderator(), answer_id=answer_id)
    flash(_("Decision undone before anyone saw it. The item is back in the queue."), "ok")
    if done.appeal_id is not None:
        return redirect(url_for("moderation.appeal", appeal_id=done.appeal_id), 303)
    return redirect(url_for("moderation.reported", submission_id=done.submission_id), 303)
