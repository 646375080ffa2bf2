"""The review queue, one submission to decide on, the logs, and the policy."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.analysis.campaigns.queries import mark_contradiction
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import stream_rows
from consult.ledger import chain
from consult.ledger.model import LOGGED_KINDS
from consult.moderation import decision_log, service
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.bulk import views as bulk_views
from consult.moderation.forms import DecisionForm, ModerationButtonForm
from consult.moderation.model import DecisionOutcome, Queue
from consult.moderation.policy import hold_rules, reasons
from consult.moderation.policy.hold_rules import HoldRuleMatch
from consult.moderation.queue import case_page, mandates
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue import service as moderation_queue
from consult.moderation.queue.case_page import ReviewCase
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.recourse import views as recourse_views
from consult.moderation.service import UNDO_DELAY
from consult.moderation.view_helpers import (
    blueprint,
    calendar_and_filter,
    current_moderator,
    requested_filter,
    review_url,
)
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece

_ID = "int(max=9223372036854775807)"
_LISTS = {
    Queue.SECOND: bulk_views.render_second_readers,
    Queue.APPEALS: recourse_views.render_appeals,
    Queue.REPORTED: recourse_views.render_reports,
}


@blueprint.route("/review", allow=Allow.MODERATOR)
def queue() -> ResponseReturnValue:
    after, (calendar, asked) = request.args.get("after"), calendar_and_filter()
    if (listed := _LISTS.get(asked.queue)) is not None:
        return listed(asked)
    page = queue_queries.get_queue_page(db.session(), current_moderator(), asked, after=after)
    return render_template(
        "moderation/queue.html",
        page=page,
        form=ModerationButtonForm(),
        first_page=not after,
        me=current_moderator(),
        days=calendar.days,
        overdue=calendar.overdue_before(now()),
        mandates=mandates.list_unread(db.session()),
    )


@blueprint.route(f"/review/<{_ID}:submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def item(submission_id: int) -> ResponseReturnValue:
    form = DecisionForm(reasons.list_choices(db.session()))
    if form.validate_on_submit():
        if form.do.data:
            return _hide_step(submission_id, form)
        try:
            words = _decide(submission_id, form)
        except service.SubmissionChanged:
            db.session.rollback()
            return _render_changed(submission_id, form)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return _redirect_to_next(submission_id, words)
    return _render_case(submission_id, form)


def _render_case(submission_id: int, form: DecisionForm) -> ResponseReturnValue:
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    if not form.is_submitted():
        form.revision.data, form.seen.data = case.submission.revision, case.seen
        form.keep(case.hidden)
    evidence = _evidence(case)
    page = render_template(
        "moderation/item.html",
        case=case,
        form=form,
        queue_filter=requested_filter(),
        press=ModerationButtonForm(),
        me=current_moderator(),
        undoable=list_undoable(db.session(), current_moderator()),
        ruled=_rule_matches(case),
        evidence=evidence,
        unread=mandates.filter_unread(case.submission, evidence),
        added=mark_contradiction(bulk_campaigns.added(db.session(), submission_id)) if case.letter else (),
        reasons=reasons.load_names(db.session(), [*case.reason_codes, *(cover.reason for cover in form.covered)]),
    )
    return page, 422 if form.problems else 200


def _evidence(case: ReviewCase) -> Sequence[EvidencePiece]:
    return evidence_queries.list_by_submission(db.session(), case.submission.id) if case.has_evidence else ()


def _rule_matches(case: ReviewCase) -> Sequence[HoldRuleMatch]:
    """The matches of the owner's rules when it came in, of rules that are still in use."""
    if case.waiting is None or not any(code.startswith("rule:") for code in case.waiting.found):
        return ()
    rules = hold_rules.get_active_rules(db.session(), [case.consultation.id]).get(case.consultation.id, [])
    return hold_rules.find_matches(rules, [item.comment.body for item in case.comments])


def _decide(submission_id: int, form: DecisionForm) -> str:
    """Decides as the form says, or asks a second reader; gives what the bar of undoing does not say. May refuse."""
    outcome, session = form.chosen, db.session()
    if outcome is None:
        raise Refusal(_("Choose what to decide."))
    given = form.verdict(outcome, form.covered if outcome is DecisionOutcome.PUBLISH else ())
    if "second" not in request.form:
        try:
            service.decide(
                session,
                moderator=current_moderator(),
                submission_id=submission_id,
                revision=form.revision.data,
                outcome=outcome,
                reason=given.reason,
                note=given.note,
                internal_note=given.internal_note,
                covers=given.covers,
                delay=UNDO_DELAY,
            )
            return str(_("The words you chose will be hidden.")) if given.covers else ""
        except service.SecondReaderNeeded:
            db.session.rollback()
    this = [(submission_id, form.revision.data)]
    bulk.propose(session, moderator=current_moderator(), items=this, verdict=given, second_reader=True)
    return str(_("A second reader is asked. Nothing happens until they agree."))


def _hide_step(submission_id: int, form: DecisionForm) -> ResponseReturnValue:
    """One more step of choosing what to hide: nothing is decided, and all that was chosen is kept in the form."""
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    what, _colon, number = (form.do.data or "").partition(":")
    if what == "show" and (shown := read_number(number)) is not None:
        form.show_again(shown)
    elif what == "found":
        form.keep(case_page.suggest_redactions(case, form.covered))
    elif what == "hide":
        form.hide_more({item.comment.id: item.comment.body for item in case.comments})
    return _render_case(submission_id, form)


@blueprint.route(f"/review/<{_ID}:submission_id>/beside", allow=Allow.MODERATOR)
def beside(submission_id: int) -> ResponseReturnValue:
    """What stands beside the queue for the present item: what it is about, and what the checks found."""
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    return render_template("moderation/beside.html", case=case, ruled=_rule_matches(case), evidence=_evidence(case))


@blueprint.route(f"/review/<{_ID}:submission_id>/skip", allow=Allow.MODERATOR)
def skip(submission_id: int) -> ResponseReturnValue:
    """On to the next, without deciding on this one."""
    return redirect(
        review_url(
            queue_queries.find_next(
                db.session(), current_moderator(), calendar_and_filter()[1], submission_id=submission_id
            )
        ),
        303,
    )


@blueprint.route("/review/quick", allow=Allow.MODERATOR, methods=["POST"])
def quick() -> ResponseReturnValue:
    """Publishes one submission from the list, where all its words were shown."""
    form, asked = ModerationButtonForm(), bulk_views.parse_picks(request.form.getlist("publish"))
    if form.validate_on_submit() and asked:
        (submission_id, revision), *_rest = asked
        if not queue_queries.is_shown_whole(db.session(), submission_id):
            flash(_("Read all of it here, then decide. Nothing is published yet."), "warn")
            return redirect(review_url(submission_id), 303)
        try:
            service.decide(
                db.session(),
                moderator=current_moderator(),
                submission_id=submission_id,
                revision=revision,
                outcome=DecisionOutcome.PUBLISH,
                covers=None,
                delay=UNDO_DELAY,
            )
        except service.SubmissionChanged:
            db.session.rollback()
            return _render_changed(submission_id, None)
    return redirect(review_url(None), 303)


@blueprint.route(f"/review/decisions/<{_ID}:decision_id>/undo", allow=Allow.MODERATOR, methods=["POST"])
def undo(decision_id: int) -> ResponseReturnValue:
    if ModerationButtonForm().validate_on_submit():
        done = service.undo_decision(db.session(), moderator=current_moderator(), decision_id=decision_id)
        flash(_("Taken back: nobody has seen it. It waits where it waited before."), "ok")
        return redirect(review_url(None if request.args.get("to") == "list" else done.submission_id), 303)
    return redirect(review_url(None), 303)


@blueprint.route(f"/review/<{_ID}:submission_id>/claim", allow=Allow.MODERATOR, methods=["POST"])
def claim(submission_id: int) -> ResponseReturnValue:
    if ModerationButtonForm().validate_on_submit():
        if "back" in request.form:
            moderation_queue.release(db.session(), moderator=current_moderator(), submission_ids=[submission_id])
        elif moderation_queue.claim(db.session(), moderator=current_moderator(), submission_ids=[submission_id]):
            flash(_("Colleagues see for 15 minutes that you read this."), "ok")
        else:
            flash(_("A colleague reads this just now."), "warn")
    return redirect(review_url(None if "list" in request.form else submission_id), 303)


@blueprint.route(f"/review/mandates/<{_ID}:evidence_id>", allow=Allow.MODERATOR, methods=["POST"])
def settle_mandate(evidence_id: int) -> ResponseReturnValue:
    """Shows a mandate file with the published submission that it came with, or keeps it for moderators."""
    if not ModerationButtonForm().validate_on_submit():
        return redirect(review_url(None), 303)
    publish = request.form.get("do") == "publish"
    row = mandates.decide_mandate(db.session(), moderator=current_moderator(), evidence_id=evidence_id, publish=publish)
    flash(_("Everybody can see the file now.") if publish else _("Only moderators can see the file."), "ok")
    return redirect(review_url(row.id), 303)


@blueprint.route("/review/log", allow=Allow.MODERATOR)
def decisions() -> ResponseReturnValue:
    after = request.args.get("after")
    lines = decision_log.list_decisions(db.session(), after=after)
    names = reasons.load_names(db.session(), [line.decision.reason for line in lines.items])
    return render_template("moderation/decisions.html", lines=lines, first_page=not after, reasons=names)


@blueprint.route("/log", allow=Allow.ANYONE)
def log() -> ResponseReturnValue:
    kind, after = request.args.get("kind", ""), request.args.get("after")
    lines = decision_log.list_public_entries(db.session(), kind=kind, after=after)
    decided = [line.reason for line in lines.items if not line.kind.startswith("report.")]
    return render_template(
        "moderation/log.html",
        lines=lines,
        sizes=decision_log.count_batches(db.session(), {line.batch for line in lines.items if line.batch}),
        kind=kind,
        kinds=LOGGED_KINDS,
        first_page=not after,
        reasons=reasons.load_names(db.session(), decided),
        head=chain.get_last_head(db.session()),
    )


@blueprint.route("/log.csv", allow=Allow.ANYONE, whole=True)
@limiter.limit("20 per hour")
def log_csv() -> ResponseReturnValue:
    rows = stream_rows(decision_log.public_log_csv(db.session()))
    disposition = {"Content-Disposition": "attachment; filename=decisions.csv"}
    return Response(rows, mimetype="text/csv", headers=disposition)


def _redirect_to_next(submission_id: int, words: str) -> ResponseReturnValue:
    following = queue_queries.find_next(
        db.session(), current_moderator(), calendar_and_filter()[1], submission_id=submission_id
    )
    said = [words, "" if following else str(_("Nothing else waits here."))]
    if any(said):
        flash(" ".join(filter(None, said)), "ok")
    return redirect(review_url(following), 303)


def _render_changed(submission_id: int, form: DecisionForm | None) -> ResponseReturnValue:
    """The page after a conflict: a colleague's decision, or other words."""
    case: ReviewCase = case_page.get_case(db.session(), current_moderator(), submission_id)
    read = set((form.seen.data or "").split()) if form else {item.mark for item in case.comments}
    page = render_template(
        "moderation/changed.html",
        case=case,
        read=read,
        queue_filter=requested_filter(),
        note=form.note.data if form else "",
        revision=form.revision.data if form else case.submission.revision - 1,
        url=url_for("moderation.queue"),
        reasons=reasons.load_names(db.session(), case.reason_codes),
    )
    return page, 409
