"""The review queue, one submission to decide on, the logs, and the policy."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.limits import limiter
from consult.core.web import Blueprint, principal
from consult.moderation import logs, queries, service
from consult.moderation.forms import DecisionForm, Filter
from consult.moderation.model import Outcome
from consult.moderation.queries import Case, Wish
from consult.moderation.reasons import MEANINGS

blueprint = Blueprint("moderation", __name__)


@blueprint.route("/review", allow=Allow.MODERATOR)
def queue() -> ResponseReturnValue:
    after = request.args.get("after")
    page = queries.queue(db.session(), me(), wish(), after=after)
    form = Filter([(slug, title) for slug, title, _n in page.consultations], data=wish().address)
    return render_template("moderation/queue.html", page=page, form=form, first_page=not after)


@blueprint.route("/review/<int(max=9223372036854775807):submission_id>", allow=Allow.MODERATOR, methods=["GET", "POST"])
def item(submission_id: int) -> ResponseReturnValue:
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            done = service.decide(
                db.session(), moderator=me(), submission_id=submission_id, revision=form.revision.data,
                outcome=Outcome(form.outcome.data), reason=form.chosen, note=form.note.data,
            )  # fmt: skip
        except service.Stale:
            db.session.rollback()
            return _changed(submission_id, form)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            return _next(submission_id, done.outcome)
    case = queries.case(db.session(), me(), submission_id)
    if not form.is_submitted():
        form.revision.data, form.seen.data = case.submission.revision, case.seen
    return render_template("moderation/item.html", case=case, form=form, wish=wish()), 422 if form.problems else 200


@blueprint.route("/review/<int(max=9223372036854775807):submission_id>/skip", allow=Allow.MODERATOR)
def skip(submission_id: int) -> ResponseReturnValue:
    """On to the next, without deciding on this one."""
    return redirect(_place(queries.following(db.session(), me(), wish(), submission_id=submission_id)), 303)


@blueprint.route("/review/log", allow=Allow.MODERATOR)
def decisions() -> ResponseReturnValue:
    after = request.args.get("after")
    lines = logs.decisions(db.session(), after=after)
    return render_template("moderation/decisions.html", lines=lines, first_page=not after)


@blueprint.route("/log", allow=Allow.ANYONE)
def log() -> ResponseReturnValue:
    kind, after = request.args.get("kind", ""), request.args.get("after")
    lines = logs.public(db.session(), kind=kind, after=after)
    return render_template("moderation/log.html", lines=lines, kind=kind, kinds=logs.DECIDED, first_page=not after)


@blueprint.route("/log.csv", allow=Allow.ANYONE)
@limiter.limit("20 per hour")
def log_csv() -> ResponseReturnValue:
    rows = stream_with_context(logs.as_csv(db.session()))
    disposition = {"Content-Disposition": "attachment; filename=decisions.csv"}
    return Response(rows, mimetype="text/csv", headers=disposition)


@blueprint.route("/moderation", allow=Allow.ANYONE)
def policy() -> ResponseReturnValue:
    return render_template("moderation/policy.html", reasons=list(MEANINGS))


def me() -> Account:
    """The row of the moderator who is signed in."""
    return cast("Account", principal())


def wish() -> Wish:
    """Which queue, and what of it, the address asks for."""
    return Wish.of(request.args.to_dict())


def _place(submission_id: int | None) -> str:
    if submission_id is None:
        return url_for("moderation.queue", **wish().address)
    return url_for("moderation.item", submission_id=submission_id, **wish().address)


def _next(submission_id: int, outcome: Outcome) -> ResponseReturnValue:
    words = {
        Outcome.PUBLISH: _("Published. Here is the next one."),
        Outcome.RETURN: _("Returned to its author. Here is the next one."),
        Outcome.WITHHOLD: _("Withheld; its author is told why. Here is the next one."),
    }
    following = queries.following(db.session(), me(), wish(), submission_id=submission_id)
    flash(words[outcome] if following else _("Done. Nothing else waits here."), "ok")
    return redirect(_place(following), 303)


def _changed(submission_id: int, form: DecisionForm) -> ResponseReturnValue:
    """What the moderator did not know when deciding: a colleague's decision, or other words."""
    case: Case = queries.case(db.session(), me(), submission_id)
    read = set((form.seen.data or "").split())
    return render_template("moderation/changed.html", case=case, read=read, form=form, wish=wish()), 409
