"""Pages of bulk decisions, second readers, campaign letters, saved filters and reasons."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.calls import queries as calls
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.decisions import reasons
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import queries as bulk_queries
from consult.moderation.bulk import service as bulk
from consult.moderation.forms import (
    OUTCOME_LABELS,
    BulkDecisionForm,
    FilterNameForm,
    ModerationButtonForm,
    ReasonForm,
    SecondReaderForm,
    VerdictForm,
)
from consult.moderation.model import Batch, BatchProgress
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue import saved_filters
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.view_helpers import (
    PromisedTime,
    blueprint,
    calendar_and_filter,
    current_moderator,
    requested_filter,
    review_url,
)

_ID = "int(max=9223372036854775807)"
_MOST_PICKED = 1000


def render_second_readers(asked: QueueFilter, promised: PromisedTime) -> ResponseReturnValue:
    """Render the queue of batches that wait for a second reader."""
    listed = bulk_queries.list_second_reader_requests(db.session())
    return render_template(
        "moderation/second.html",
        listed=listed,
        reasons=reasons.load_names(db.session(), [row.batch.reason for row in listed]),
        queue_counts=queue_queries.count_queues(db.session(), asked),
        **promised,
        queue_filter=asked,
        me=current_moderator(),
        undoable=list_undoable(db.session(), current_moderator()),
        form=ModerationButtonForm(),
    )


@blueprint.route("/review/bulk", allow=Allow.MODERATOR, methods=["POST"])
def many() -> ResponseReturnValue:
    """Preview a bulk decision on the selected submissions. With an outcome, propose it as a batch."""
    form = BulkDecisionForm(reasons.list_choices(db.session()))
    items = parse_picks(request.form.getlist("pick"))
    where = calendar_and_filter()[1].conditions if form.all.data else None
    if form.validate_on_submit() and form.chosen is not None:
        try:
            batch = bulk.propose(
                db.session(), moderator=current_moderator(), items=items, where=where, verdict=form.verdict(form.chosen)
            )
            return _redirect_to_batch(batch)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    if not items and where is None:
        flash(_("Choose at least one submission."), "warn")
        return redirect(review_url(None), 303)
    summary = bulk_queries.summarise_selection(db.session(), current_moderator(), items=items, where=where)
    page = render_template(
        "moderation/bulk.html",
        summary=summary,
        form=form,
        items=items,
        queue_filter=requested_filter(),
        alone=bulk.MAX_WITHOUT_SECOND_READER,
        outcomes=OUTCOME_LABELS,
    )
    return page, 422 if form.problems else 200


@blueprint.route(f"/review/batches/<{_ID}:batch_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def batch(batch_id: int) -> ResponseReturnValue:
    form = SecondReaderForm()
    if form.validate_on_submit():
        try:
            return _redirect_to_batch(_answer_batch(batch_id, form))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    shown = bulk_queries.get_batch_report(db.session(), batch_id, for_whom=current_moderator())
    beyond = bulk_campaigns.count_copies_beyond(db.session(), shown.batch)
    page = render_template(
        "moderation/batch.html",
        shown=shown,
        beyond=beyond,
        form=form,
        me=current_moderator(),
        outcomes=OUTCOME_LABELS,
        reasons=reasons.load_names(db.session(), [shown.batch.reason, *(code for _words, code in shown.hidden)]),
    )
    return page, 422 if form.problems else 200


def _answer_batch(batch_id: int, form: SecondReaderForm) -> Batch:
    if form.do.data == "confirm":
        return bulk.confirm(db.session(), second=current_moderator(), batch_id=batch_id, answer=form.answer.data)
    if form.do.data == "refuse":
        return bulk.refuse(db.session(), second=current_moderator(), batch_id=batch_id, answer=form.answer.data)
    return bulk.undo_batch(db.session(), moderator=current_moderator(), batch_id=batch_id)


@blueprint.route("/review/campaigns", allow=Allow.MODERATOR)
def letters() -> ResponseReturnValue:
    return render_template(
        "moderation/letters.html",
        letters=bulk_campaigns.list_waiting_letters(db.session()),
        calls=calls.list_running(db.session()),
    )


@blueprint.route(f"/review/campaigns/<{_ID}:campaign_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def letter(campaign_id: int) -> ResponseReturnValue:
    form = VerdictForm(reasons.list_choices(db.session()))
    if form.validate_on_submit() and form.chosen is not None:
        try:
            return _redirect_to_batch(
                bulk_campaigns.decide(
                    db.session(),
                    moderator=current_moderator(),
                    campaign_id=campaign_id,
                    verdict=form.verdict(form.chosen),
                )
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _render_letter(campaign_id, form)


def _render_letter(campaign_id: int, form: VerdictForm) -> ResponseReturnValue:
    session, after = db.session(), request.args.get("after")
    case = bulk_campaigns.get_letter_case(session, campaign_id)
    items = queue_queries.list_additions(session, current_moderator(), campaign_id, after=after)
    ids = [row.id for row in items.items]
    page = render_template(
        "moderation/letter.html",
        case=case,
        items=items,
        said=bulk_campaigns.list_added_words(session, case.consultation.id, ids) if ids else {},
        first_page=not after,
        left=queue_queries.count_additions(session, campaign_id),
        me=current_moderator(),
        undoable=list_undoable(session, current_moderator()),
        form=form,
        alone=bulk.MAX_WITHOUT_SECOND_READER,
        outcomes=OUTCOME_LABELS,
        reasons=reasons.load_names(db.session(), [case.batch.reason] if case.batch else []),
    )
    return page, 422 if form.problems else 200


@blueprint.route("/review/filters", allow=Allow.MODERATOR, methods=["POST"])
def save_filter() -> ResponseReturnValue:
    form, asked = FilterNameForm(), requested_filter()
    if "forget" in request.form and ModerationButtonForm().validate_on_submit():
        saved_filters.forget(db.session(), moderator=current_moderator(), name=request.form["forget"])
        flash(_("Filter deleted."), "ok")
    elif form.validate_on_submit():
        saved_filters.save(db.session(), moderator=current_moderator(), name=form.name.data, queue_filter=asked)
        flash(_("Saved as “%(name)s”.", name=form.name.data), "ok")
    else:
        flash(_("Name the filter in at most 60 characters."), "warn")
    return redirect(url_for("moderation.queue", **asked.address), 303)


@blueprint.route("/review/reasons", allow=Allow.ADMIN, methods=["GET", "POST"])
def reason_list() -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            reasons.add(db.session(), name=form.name.data, meaning=form.meaning.data)
            flash(_("Reason added. Moderators can now choose it."), "ok")
            return redirect(url_for("moderation.reason_list"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    rows = reasons.list_reasons(db.session())
    names = reasons.load_names(db.session(), [row.code for row in rows])
    page = render_template("moderation/reasons.html", rows=rows, form=form, press=ModerationButtonForm(), reasons=names)
    return page, 422 if form.problems else 200


@blueprint.route("/review/reasons/<code>", allow=Allow.ADMIN, methods=["POST"])
def change_reason(code: str) -> ResponseReturnValue:
    form, session = ReasonForm(), db.session()
    try:
        if "retire" in request.form and ModerationButtonForm().validate_on_submit():
            reasons.retire(session, code=code)
            flash(_("Reason retired. Moderators can no longer choose it. Earlier decisions keep it."), "ok")
        elif "again" in request.form and ModerationButtonForm().validate_on_submit():
            reasons.reinstate(session, code=code)
            flash(_("Reason restored. Moderators can choose it again."), "ok")
        elif form.validate_on_submit():
            reasons.change(session, code=code, name=form.name.data, meaning=form.meaning.data)
            flash(_("Reason changed."), "ok")
    except reasons.ReasonRefused as refusal:
        db.session.rollback()
        flash(refusal.message, "warn")
    return redirect(url_for("moderation.reason_list"), 303)


def parse_picks(values: Sequence[str]) -> list[tuple[int, int]]:
    """Parse the values `id:revision` of checkboxes and buttons. Other values are ignored.

    >>> parse_picks(["12:1", "x", "7", "9:99999999999999999999"])
    [(12, 1)]
    """
    picks = []
    for value in values[:_MOST_PICKED]:
        first, _colon, second = value.partition(":")
        number, revision = read_number(first), read_number(second)
        if number is not None and revision is not None and revision < 2**31:
            picks.append((number, revision))
    return picks


def _redirect_to_batch(batch: Batch) -> ResponseReturnValue:
    words = {
        BatchProgress.SECOND_READER: _("We asked a second moderator. Nothing happens until they approve."),
        BatchProgress.DUE: _("The decision takes effect in 30 seconds."),
        BatchProgress.REFUSED: _("Proposal refused. All submissions are back in the queue."),
        BatchProgress.TAKEN_BACK: _("Decision undone. Nobody saw it. All submissions are back in the queue."),
    }
    if batch.progress in words:
        flash(words[batch.progress], "ok")
    return redirect(url_for("moderation.batch", batch_id=batch.id), 303)
