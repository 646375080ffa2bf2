"""The review of one submission: as a page, and in the pane next to the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.analysis.campaigns.queries import list_passages
from consult.calls import queries as calls
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.decisions import reasons
from consult.decisions.service import UNDO_DELAY
from consult.moderation import service
from consult.moderation import waiting_list as moderation_queue
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.forms import DecisionForm, ModerationButtonForm
from consult.moderation.model import DecisionOutcome
from consult.moderation.policy import hold_rules
from consult.moderation.policy.hold_rules import HoldRuleMatch
from consult.moderation.queue import case_page, mandates
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue.case_page import ReviewCase
from consult.moderation.queue.undoable import list_undoable
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


@blueprint.route(f"/review/<{_ID}:submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def item(submission_id: int) -> ResponseReturnValue:
    return _answer(submission_id, "", lambda words: _redirect_to_next(submission_id, words))


@blueprint.route(f"/review/<{_ID}:submission_id>/beside", allow=Allow.MODERATOR, methods=["GET", "POST"])
def beside(submission_id: int) -> ResponseReturnValue:
    """Render the submission next to the queue. After a decision, render the undo bar.

    `next` is opened afterwards. It is claimed in the same request.
    """
    return _answer(submission_id, "beside", _render_decided)


def _answer(submission_id: int, beside: str, answer: Callable[[str], ResponseReturnValue]) -> ResponseReturnValue:
    """Return the page of a submission, or its part for the pane. After a decision, return the `answer`."""
    form, page = DecisionForm(reasons.list_choices(db.session())), f"moderation/{beside or 'item'}.html"
    if form.validate_on_submit():
        if form.do.data:
            return _hide_step(submission_id, form, page)
        try:
            words = _decide(submission_id, form)
        except service.SubmissionChanged:
            db.session.rollback()
            changed = "moderation/beside_changed.html" if beside else "moderation/changed.html"
            return _render_changed(submission_id, form, changed)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return answer(words)
    return _render_case(submission_id, form, page)


def _render_decided(words: str) -> ResponseReturnValue:
    if (following := read_number(request.form.get("next", ""))) is not None:
        _claim_while_reading(following)
    undoable = list_undoable(db.session(), current_moderator())
    return render_template("moderation/decided.html", undoable=undoable, words=words, queue_filter=requested_filter())


def _render_case(submission_id: int, form: DecisionForm, template: str) -> ResponseReturnValue:
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    if not form.is_submitted():
        form.revision.data, form.seen.data = case.submission.revision, case.seen
        form.keep(case.hidden)
    page = render_template(template, case=case, form=form, queue_filter=requested_filter(), **_context(case, form))
    return page, 422 if form.problems else 200


def _context(case: ReviewCase, form: DecisionForm) -> dict[str, Any]:
    """Return the template context for a submission."""
    evidence, ruled = _evidence(case), _rule_matches(case)
    said = bulk_campaigns.added(db.session(), case.submission.id) if case.letter else ()
    return {
        "press": ModerationButtonForm(),
        "me": current_moderator(),
        "undoable": list_undoable(db.session(), current_moderator()),
        "ruled": ruled,
        "evidence": evidence,
        "unread": mandates.filter_unread(case.submission, evidence),
        "added": list_passages(said),
        "calls": calls.list_by_letter(db.session(), case.letter) if case.letter else (),
        "marks": case.list_marks(ruled, said),
        "reasons": reasons.load_names(db.session(), [*case.reason_codes, *(cover.reason for cover in form.covered)]),
    }


def _evidence(case: ReviewCase) -> Sequence[EvidencePiece]:
    return evidence_queries.list_by_submission(db.session(), case.submission.id) if case.has_evidence else ()


def _rule_matches(case: ReviewCase) -> Sequence[HoldRuleMatch]:
    """Return the matches of active hold rules, if the submission was held by one."""
    if case.waiting is None or not any(code.startswith("rule:") for code in case.waiting.found):
        return ()
    rules = hold_rules.get_active_rules(db.session(), [case.consultation.id]).get(case.consultation.id, [])
    return hold_rules.find_matches(rules, [item.comment.body for item in case.comments])


def _decide(submission_id: int, form: DecisionForm) -> str:
    """Make the decision in the form, or ask a second reader. Return a message for the moderator. Raises a refusal."""
    outcome, session = form.chosen, db.session()
    if outcome is None:
        raise Refusal(_("Choose a decision."))
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
            return str(_("We will hide the words you chose.")) if given.covers else ""
        except service.SecondReaderNeeded:
            db.session.rollback()
    this = [(submission_id, form.revision.data)]
    bulk.propose(session, moderator=current_moderator(), items=this, verdict=given, second_reader=True)
    return str(_("We asked a second moderator. Nothing happens until they approve."))


def _hide_step(submission_id: int, form: DecisionForm, template: str) -> ResponseReturnValue:
    """Handle a step of choosing words to hide. Nothing is decided, and the form keeps all choices."""
    case = case_page.get_case(db.session(), current_moderator(), submission_id)
    what, _colon, number = (form.do.data or "").partition(":")
    if what == "show" and (shown := read_number(number)) is not None:
        form.show_again(shown)
    elif what == "found":
        form.keep(case_page.suggest_redactions(case, form.covered))
    elif what == "hide":
        form.hide_more({item.comment.id: item.comment.body for item in case.comments})
    return _render_case(submission_id, form, template)


@blueprint.route(f"/review/<{_ID}:submission_id>/skip", allow=Allow.MODERATOR)
def skip(submission_id: int) -> ResponseReturnValue:
    """Skip this submission and open the next one."""
    return redirect(review_url(_find_next(submission_id)), 303)


def _find_next(submission_id: int) -> int | None:
    asked = calendar_and_filter()[1]
    return queue_queries.find_next(db.session(), current_moderator(), asked, submission_id=submission_id)


def _redirect_to_next(submission_id: int, words: str) -> ResponseReturnValue:
    following = _find_next(submission_id)
    said = [words, "" if following else str(_("No other submissions are waiting here."))]
    if any(said):
        flash(" ".join(filter(None, said)), "ok")
    return redirect(review_url(following), 303)


def _render_changed(submission_id: int, form: DecisionForm, template: str) -> ResponseReturnValue:
    """Render a conflict: a colleague's decision or changed text."""
    case: ReviewCase = case_page.get_case(db.session(), current_moderator(), submission_id)
    page = render_template(
        template,
        case=case,
        read=set((form.seen.data or "").split()),
        queue_filter=requested_filter(),
        note=form.note.data,
        revision=form.revision.data,
        url=url_for("moderation.queue"),
        reasons=reasons.load_names(db.session(), case.reason_codes),
    )
    return page, 409


@blueprint.route("/review/claims", allow=Allow.MODERATOR)
def claims() -> ResponseReturnValue:
    """Return the claims of colleagues as JSON. Queue pages poll it."""
    claims = moderation_queue.list_claims(db.session(), moderator=current_moderator())
    answer: Response = jsonify({str(number): name for number, name in claims.items()})
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.route(f"/review/<{_ID}:submission_id>/claim", allow=Allow.MODERATOR, methods=["POST"])
def claim(submission_id: int) -> ResponseReturnValue:
    """Claim or release a submission. With `reading` the page itself sends the request, and the response is empty."""
    if ModerationButtonForm().validate_on_submit():
        if "reading" in request.form:
            _claim_while_reading(None if "back" in request.form else submission_id)
            return "", 204
        if "back" in request.form:
            moderation_queue.release(db.session(), moderator=current_moderator(), submission_ids=[submission_id])
        elif moderation_queue.claim(db.session(), moderator=current_moderator(), submission_ids=[submission_id]):
            flash(_("For 15 minutes, colleagues see that you are reading this."), "ok")
        else:
            flash(_("A colleague is reading this now."), "warn")
    return redirect(review_url(None if "list" in request.form else submission_id), 303)


def _claim_while_reading(submission_id: int | None) -> None:
    """Claim an opened submission for some minutes and release the one in `left`. Longer claims are kept."""
    me, session, lasting = current_moderator(), db.session(), moderation_queue.READING_DURATION
    if (left := read_number(request.form.get("left", ""))) is not None:
        moderation_queue.release(session, moderator=me, submission_ids=[left], within=lasting)
    if submission_id is not None:
        moderation_queue.claim(session, moderator=me, submission_ids=[submission_id], lasting=lasting)
