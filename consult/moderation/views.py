"""The review queue, one submission to decide on, the logs, and the policy."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.limits import limiter
from consult.ledger.model import LOGGED
from consult.moderation import (
    batches,
    docket,
    holding,
    logs,
    many_views,
    queries,
    reading,
    reasons,
    recourse_views,
    service,
    team_views,
    translation_views,
)
from consult.moderation.board import blueprint, desk, me, place, wish
from consult.moderation.forms import DecisionForm, Press
from consult.moderation.holding import Hit
from consult.moderation.model import Outcome, Queue
from consult.moderation.reading import Case
from consult.moderation.service import DELAY
from consult.submissions import exhibits
from consult.submissions.exhibits import Exhibit

__all__ = ["blueprint", "many_views", "team_views", "translation_views"]
_ID = "int(max=9223372036854775807)"
_LISTS = {Queue.SECOND: many_views.second_readers, Queue.APPEALS: recourse_views.appeal_list,
    Queue.REPORTED: recourse_views.report_list,
}  # fmt: skip


@blueprint.route("/review", allow=Allow.MODERATOR)
def queue() -> ResponseReturnValue:
    after, (calendar, asked) = request.args.get("after"), desk()
    if (listed := _LISTS.get(asked.queue)) is not None:
        return listed(asked)
    page = queries.queue(db.session(), me(), asked, after=after)
    return render_template(
        "moderation/queue.html", page=page, form=Press(), first_page=not after, me=me(), days=calendar.days,
        overdue=calendar.overdue_before(now()),
    )  # fmt: skip


@blueprint.route(f"/review/<{_ID}:submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def item(submission_id: int) -> ResponseReturnValue:
    form = DecisionForm(reasons.choices(db.session()))
    if form.validate_on_submit():
        if form.do.data:
            return _hide(submission_id, form)
        try:
            words = _decide(submission_id, form)
        except service.Stale:
            db.session.rollback()
            return _changed(submission_id, form)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return _next(submission_id, words)
    return _shown(submission_id, form)


def _shown(submission_id: int, form: DecisionForm) -> ResponseReturnValue:
    case = reading.case(db.session(), me(), submission_id)
    if not form.is_submitted():
        form.revision.data, form.seen.data = case.submission.revision, case.seen
        form.keep(case.hidden)
    page = render_template(
        "moderation/item.html", case=case, form=form, wish=wish(), press=Press(), me=me(),
        undoable=queries.undoable(db.session(), me()), ruled=_ruled(case), evidence=_evidence(case),
    )  # fmt: skip
    return page, 422 if form.problems else 200


def _evidence(case: Case) -> Sequence[Exhibit]:
    return exhibits.of_submission(db.session(), case.submission.id) if case.has_evidence else ()


def _ruled(case: Case) -> Sequence[Hit]:
    """What an owner's rules found in it when it came in, as far as they are still in use."""
    if case.waiting is None or not any(code.startswith("rule:") for code in case.waiting.found):
        return ()
    rules = holding.in_use(db.session(), [case.consultation.id]).get(case.consultation.id, [])
    return holding.matches(rules, [item.comment.body for item in case.said])


def _decide(submission_id: int, form: DecisionForm) -> str:
    """Decides as the form says, or asks a second reader; gives what the bar of undoing does not say. May refuse."""
    outcome, session = form.chosen, db.session()
    if outcome is None:
        raise Refusal(_("Choose what to decide."))
    given = form.verdict(outcome, form.covered if outcome is Outcome.PUBLISH else ())
    if "second" not in request.form:
        try:
            service.decide(
                session, moderator=me(), submission_id=submission_id, revision=form.revision.data, outcome=outcome,
                reason=given.reason, note=given.note, internal_note=given.internal_note, covers=given.covers,
                delay=DELAY,
            )  # fmt: skip
            return str(_("The words you chose will be hidden.")) if given.covers else ""
        except service.SecondReaderNeeded:
            db.session.rollback()
    this = [(submission_id, form.revision.data)]
    batches.propose(session, moderator=me(), items=this, verdict=given, second_reader=True)
    return str(_("A second reader is asked. Nothing happens until they agree."))


def _hide(submission_id: int, form: DecisionForm) -> ResponseReturnValue:
    """One more step of choosing what to hide: nothing is decided, and all that was chosen is kept in the form."""
    case = reading.case(db.session(), me(), submission_id)
    what, _colon, number = (form.do.data or "").partition(":")
    if what == "show" and number.isdigit():
        form.show_again(int(number))
    elif what == "found":
        form.keep(reading.suggested(case, form.covered))
    elif what == "hide":
        form.hide_more({item.comment.id: item.comment.body for item in case.said})
    return _shown(submission_id, form)


@blueprint.route(f"/review/<{_ID}:submission_id>/beside", allow=Allow.MODERATOR)
def beside(submission_id: int) -> ResponseReturnValue:
    """What stands beside the queue for the present item: what it is about, and what the checks found."""
    case = reading.case(db.session(), me(), submission_id)
    return render_template("moderation/beside.html", case=case, ruled=_ruled(case), evidence=_evidence(case))


@blueprint.route(f"/review/<{_ID}:submission_id>/skip", allow=Allow.MODERATOR)
def skip(submission_id: int) -> ResponseReturnValue:
    """On to the next, without deciding on this one."""
    return redirect(place(queries.following(db.session(), me(), desk()[1], submission_id=submission_id)), 303)


@blueprint.route("/review/quick", allow=Allow.MODERATOR, methods=["POST"])
def quick() -> ResponseReturnValue:
    """Publishes one submission from the list, where all its words were shown."""
    form, asked = Press(), many_views.picked(request.form.getlist("publish"))
    if form.validate_on_submit() and asked:
        (submission_id, revision), *_rest = asked
        try:
            service.decide(
                db.session(), moderator=me(), submission_id=submission_id, revision=revision,
                outcome=Outcome.PUBLISH, covers=None, delay=DELAY,
            )  # fmt: skip
        except service.Stale:
            db.session.rollback()
            return _changed(submission_id, None)
    return redirect(place(None), 303)


@blueprint.route(f"/review/decisions/<{_ID}:decision_id>/undo", allow=Allow.MODERATOR, methods=["POST"])
def undo(decision_id: int) -> ResponseReturnValue:
    if Press().validate_on_submit():
        done = service.take_back(db.session(), moderator=me(), decision_id=decision_id)
        flash(_("Taken back: nobody has seen it. It waits where it waited before."), "ok")
        return redirect(place(done.submission_id), 303)
    return redirect(place(None), 303)


@blueprint.route(f"/review/<{_ID}:submission_id>/claim", allow=Allow.MODERATOR, methods=["POST"])
def claim(submission_id: int) -> ResponseReturnValue:
    if Press().validate_on_submit():
        if "back" in request.form:
            docket.give_back(db.session(), moderator=me(), submission_ids=[submission_id])
        elif docket.claim(db.session(), moderator=me(), submission_ids=[submission_id]):
            flash(_("Colleagues see for 15 minutes that you read this."), "ok")
        else:
            flash(_("A colleague reads this just now."), "warn")
    return redirect(place(submission_id), 303)


@blueprint.route("/review/log", allow=Allow.MODERATOR)
def decisions() -> ResponseReturnValue:
    after = request.args.get("after")
    lines = logs.decisions(db.session(), after=after)
    return render_template("moderation/decisions.html", lines=lines, first_page=not after)


@blueprint.route("/log", allow=Allow.ANYONE)
def log() -> ResponseReturnValue:
    kind, after = request.args.get("kind", ""), request.args.get("after")
    lines = logs.public(db.session(), kind=kind, after=after)
    return render_template("moderation/log.html", lines=lines, kind=kind, kinds=LOGGED, first_page=not after)


@blueprint.route("/log.csv", allow=Allow.ANYONE, whole=True)
@limiter.limit("20 per hour")
def log_csv() -> ResponseReturnValue:
    rows = stream_with_context(logs.as_csv(db.session()))
    disposition = {"Content-Disposition": "attachment; filename=decisions.csv"}
    return Response(rows, mimetype="text/csv", headers=disposition)


def _next(submission_id: int, words: str) -> ResponseReturnValue:
    following = queries.following(db.session(), me(), desk()[1], submission_id=submission_id)
    said = [words, "" if following else str(_("Nothing else waits here."))]
    if any(said):
        flash(" ".join(filter(None, said)), "ok")
    return redirect(place(following), 303)


def _changed(submission_id: int, form: DecisionForm | None) -> ResponseReturnValue:
    """What the moderator did not know when deciding: a colleague's decision, or other words."""
    case: Case = reading.case(db.session(), me(), submission_id)
    read = set((form.seen.data or "").split()) if form else {item.mark for item in case.said}
    page = render_template(
        "moderation/changed.html", case=case, read=read, wish=wish(), note=form.note.data if form else "",
        revision=form.revision.data if form else case.submission.revision - 1, url=url_for("moderation.queue"),
    )  # fmt: skip
    return page, 409
