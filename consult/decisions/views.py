"""Pages for all kinds of statements: undo a decision, agree or disagree as the second person, an author's appeal."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint
from consult.decisions import service
from consult.decisions.forms import DecisionButtonForm
from consult.decisions.process import get_process
from consult.decisions.view_helpers import show_appeal

blueprint = Blueprint("decisions", __name__)
_NUMBER = "<kind>/<int(max=9223372036854775807):number>"


@blueprint.route(f"/review/decisions/{_NUMBER}", allow=Allow.MODERATOR, methods=["POST"])
def act(kind: str, number: int) -> ResponseReturnValue:
    session, me, process = db.session(), current_account(), get_process(kind)
    if DecisionButtonForm().validate_on_submit():
        match request.form.get("do"):
            case "undo":
                service.undo(session, process, decision_id=number, by=me)
                flash(_("Decision undone before anyone saw it. The item is back in the queue."), "ok")
            case "agree":
                service.agree(session, process, decision_id=number, by=me)
                flash(_("Approved. The decision takes effect in 30 seconds."), "ok")
            case "disagree":
                service.disagree(session, process, decision_id=number, by=me)
                flash(_("Proposal refused. The item is back in the queue."), "ok")
    return redirect(url_for(process.list_endpoint), 303)


@blueprint.route(f"/appeals/{_NUMBER}", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per hour;20 per day", methods=["POST"], key_func=account_key)
def appeal(kind: str, number: int) -> ResponseReturnValue:
    """Appeal against the decision on one's own statement, or read the outcome."""
    return show_appeal(get_process(kind), number)
