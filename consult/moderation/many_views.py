"""Decisions on many submissions, those that wait for a second reader, letters, saved filters, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.moderation import batches, bulk, campaigns, filters, queries, reasons
from consult.moderation.board import blueprint, desk, me, place, wish
from consult.moderation.forms import OUTCOMES, Answer, BulkForm, FilterName, Press, ReasonForm, VerdictForm
from consult.moderation.model import Batch, Progress
from consult.moderation.wish import Wish

_ID = "int(max=9223372036854775807)"
_MOST_PICKED = 1000


def second_readers(asked: Wish) -> ResponseReturnValue:
    """The queue of what waits for a second person."""
    listed = bulk.waiting_for_second(db.session())
    return render_template(
        "moderation/second.html", listed=listed, standings=queries.standings(db.session(), asked), wish=asked, me=me(),
        undoable=queries.undoable(db.session(), me()), form=Press(),
    )  # fmt: skip


@blueprint.route("/review/bulk", allow=Allow.MODERATOR, methods=["POST"])
def many() -> ResponseReturnValue:
    """First what would happen to what was picked; with an outcome, the decision."""
    form = BulkForm(reasons.choices(db.session()))
    items = picked(request.form.getlist("pick"))
    where = desk()[1].conditions if form.all.data else None
    if form.validate_on_submit() and form.chosen is not None:
        try:
            batch = batches.propose(
                db.session(), moderator=me(), items=items, where=where, verdict=form.verdict(form.chosen)
            )
            return _to(batch)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    if not items and where is None:
        flash(_("Choose at least one submission."), "warn")
        return redirect(place(None), 303)
    summary = bulk.summary(db.session(), me(), items=items, where=where)
    page = render_template(
        "moderation/bulk.html", summary=summary, form=form, items=items, wish=wish(), alone=batches.ALONE,
        outcomes=OUTCOMES,
    )  # fmt: skip
    return page, 422 if form.problems else 200


@blueprint.route(f"/review/batches/<{_ID}:batch_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def batch(batch_id: int) -> ResponseReturnValue:
    form = Answer()
    if form.validate_on_submit():
        try:
            return _to(_answer(batch_id, form))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    shown = bulk.report(db.session(), batch_id, for_whom=me())
    beyond = campaigns.beyond(db.session(), shown.batch)
    page = render_template(
        "moderation/batch.html", shown=shown, beyond=beyond, form=form, me=me(), outcomes=OUTCOMES
    )  # fmt: skip
    return page, 422 if form.problems else 200


def _answer(batch_id: int, form: Answer) -> Batch:
    if form.do.data == "confirm":
        return batches.confirm(db.session(), second=me(), batch_id=batch_id, answer=form.answer.data)
    if form.do.data == "refuse":
        return batches.refuse(db.session(), second=me(), batch_id=batch_id, answer=form.answer.data)
    return batches.take_back(db.session(), moderator=me(), batch_id=batch_id)


@blueprint.route("/review/campaigns", allow=Allow.MODERATOR)
def letters() -> ResponseReturnValue:
    return render_template("moderation/letters.html", letters=campaigns.waiting(db.session()))


@blueprint.route(f"/review/campaigns/<{_ID}:campaign_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def letter(campaign_id: int) -> ResponseReturnValue:
    form = VerdictForm(reasons.choices(db.session()))
    if form.validate_on_submit() and form.chosen is not None:
        try:
            return _to(
                campaigns.decide(
                    db.session(), moderator=me(), campaign_id=campaign_id, verdict=form.verdict(form.chosen)
                )
            )  # fmt: skip
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    case = campaigns.letter(db.session(), campaign_id)
    page = render_template("moderation/letter.html", case=case, form=form, alone=batches.ALONE, outcomes=OUTCOMES)
    return page, 422 if form.problems else 200


@blueprint.route("/review/filters", allow=Allow.MODERATOR, methods=["POST"])
def save_filter() -> ResponseReturnValue:
    form, asked = FilterName(), wish()
    if "forget" in request.form and Press().validate_on_submit():
        filters.forget(db.session(), moderator=me(), name=request.form["forget"])
        flash(_("The filter is forgotten."), "ok")
    elif form.validate_on_submit():
        filters.save(db.session(), moderator=me(), name=form.name.data, wish=asked)
        flash(_("Saved as “%(name)s”.", name=form.name.data), "ok")
    else:
        flash(_("Give the filter a name of at most 60 characters."), "warn")
    return redirect(url_for("moderation.queue", **asked.address), 303)


@blueprint.route("/review/reasons", allow=Allow.ADMIN, methods=["GET", "POST"])
def reason_list() -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            reasons.add(db.session(), name=form.name.data, meaning=form.meaning.data)
            flash(_("The reason can be chosen from now on."), "ok")
            return redirect(url_for("moderation.reason_list"), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    rows = reasons.every(db.session())
    page = render_template("moderation/reasons.html", rows=rows, form=form, press=Press())
    return page, 422 if form.problems else 200


@blueprint.route("/review/reasons/<code>", allow=Allow.ADMIN, methods=["POST"])
def change_reason(code: str) -> ResponseReturnValue:
    form, session = ReasonForm(), db.session()
    try:
        if "retire" in request.form and Press().validate_on_submit():
            reasons.retire(session, code=code)
            flash(_("It can no longer be chosen. What was decided with it keeps it."), "ok")
        elif "again" in request.form and Press().validate_on_submit():
            reasons.use_again(session, code=code)
            flash(_("It can be chosen again."), "ok")
        elif form.validate_on_submit():
            reasons.change(session, code=code, name=form.name.data, meaning=form.meaning.data)
            flash(_("Changed."), "ok")
    except reasons.ReasonRefused as refusal:
        db.session.rollback()
        flash(refusal.message, "warn")
    return redirect(url_for("moderation.reason_list"), 303)


def picked(values: Sequence[str]) -> list[tuple[int, int]]:
    """What check boxes and buttons say, `id:revision`; what says something else is left out.

    >>> picked(["12:1", "x", "7", "9:99999999999999999999"])
    [(12, 1)]
    """
    found = []
    for value in values[:_MOST_PICKED]:
        number, _colon, revision = value.partition(":")
        if number.isascii() and number.isdigit() and revision.isascii() and revision.isdigit():
            found.append((int(number), int(revision)))
    return [(number, revision) for number, revision in found if number < 2**63 and revision < 2**31]


def _to(batch: Batch) -> ResponseReturnValue:
    words = {
        Progress.SECOND_READER: _("A second reader is asked. Nothing happens until they agree."),
        Progress.DUE: _("Takes effect in 30 seconds."),
        Progress.REFUSED: _("Refused. Everything waits as before."),
        Progress.TAKEN_BACK: _("Taken back: nobody has seen it. Everything waits as before."),
    }
    if batch.progress in words:
        flash(words[batch.progress], "ok")
    return redirect(url_for("moderation.batch", batch_id=batch.id), 303)
