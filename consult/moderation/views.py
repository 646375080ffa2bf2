"""Pages of the review queue and the logs. For one submission see `queue/case_views.py`."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.slots import collect
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import stream_rows
from consult.decisions import reasons
from consult.ledger import chain
from consult.ledger.kinds import get_public_name
from consult.moderation import decision_log, service
from consult.moderation.bulk import views as bulk_views
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.model import Queue
from consult.moderation.queue import mandates
from consult.moderation.queue import queries as queue_queries
from consult.moderation.recourse import views as recourse_views
from consult.moderation.slots import QueueFoot
from consult.moderation.view_helpers import (
    blueprint,
    calendar_and_filter,
    current_moderator,
    promised_time,
    review_url,
)

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
        return listed(asked, promised_time(calendar))
    page = queue_queries.get_queue_page(db.session(), current_moderator(), asked, after=after)
    return render_template(
        "moderation/queue.html",
        page=page,
        form=ModerationButtonForm(),
        first_page=not after,
        me=current_moderator(),
        days=calendar.days,
        slot=collect(db.session(), QueueFoot()),
        **promised_time(calendar),
    )


@blueprint.route(f"/review/decisions/<{_ID}:decision_id>/undo", allow=Allow.MODERATOR, methods=["POST"])
def undo(decision_id: int) -> ResponseReturnValue:
    if ModerationButtonForm().validate_on_submit():
        done = service.undo_decision(db.session(), moderator=current_moderator(), decision_id=decision_id)
        flash(_("Decision undone before anyone saw it. The item is back in the queue."), "ok")
        return redirect(review_url(None if request.args.get("to") == "list" else done.submission_id), 303)
    return redirect(review_url(None), 303)


@blueprint.route(f"/review/mandates/<{_ID}:evidence_id>", allow=Allow.MODERATOR, methods=["POST"])
def settle_mandate(evidence_id: int) -> ResponseReturnValue:
    """Show a mandate file with its published submission, or keep it for moderators."""
    if not ModerationButtonForm().validate_on_submit():
        return redirect(review_url(None), 303)
    publish = request.form.get("do") == "publish"
    row = mandates.decide_mandate(db.session(), moderator=current_moderator(), evidence_id=evidence_id, publish=publish)
    flash(_("Everyone can now see the file.") if publish else _("Only moderators can see the file."), "ok")
    return redirect(review_url(row.id), 303)


@blueprint.route("/review/log", allow=Allow.MODERATOR)
def decisions() -> ResponseReturnValue:
    after = request.args.get("after")
    lines = decision_log.list_decisions(db.session(), after=after)
    names = reasons.load_names(db.session(), [line.decision.reason for line in lines.items])
    return render_template("moderation/decisions.html", lines=lines, first_page=not after, reasons=names)


@blueprint.route("/log", allow=Allow.ANYONE)
def log() -> ResponseReturnValue:
    kind, after = get_public_name(request.args.get("kind", "")), request.args.get("after")
    lines = decision_log.list_public_entries(db.session(), kind=kind, after=after)
    decided = [line.reason for line in lines.items if not line.kind.startswith("report.")]
    return render_template(
        "moderation/log.html",
        lines=lines,
        sizes=decision_log.count_batches(db.session(), {line.batch for line in lines.items if line.batch}),
        kind=kind,
        kinds=list(decision_log.NAMED_KINDS),
        first_page=not after,
        reasons=reasons.load_names(db.session(), decided),
        head=chain.get_last_head(db.session()),
    )


@blueprint.route("/log/head", allow=Allow.ANYONE)
def log_head() -> ResponseReturnValue:
    """Return number and hash of a ledger head: the one in `?number=312`, else the newest."""
    asked = read_number(request.args["number"]) if "number" in request.args else None
    found = chain.write_head(db.session(), before=None if asked is None else asked + 1)
    if not found or ("number" in request.args and found.partition(":")[0] != str(asked)):
        raise NotFound(_("We have no fingerprint for this number of entries. Copy the number from the e-mail."))
    return Response(f"{found}\n", mimetype="text/plain", headers={"Cache-Control": "no-cache"})


@blueprint.route("/log.csv", allow=Allow.ANYONE, whole=True)
@limiter.limit("20 per hour")
def log_csv() -> ResponseReturnValue:
    rows = stream_rows(decision_log.public_log_csv(db.session()))
    disposition = {"Content-Disposition": "attachment; filename=decisions.csv"}
    return Response(rows, mimetype="text/csv", headers=disposition)
