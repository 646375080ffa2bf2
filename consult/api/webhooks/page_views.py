"""The pages of an account's webhooks: /account/webhooks."""

from __future__ import annotations

from typing import cast

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import AccountButtonForm
from consult.accounts.model import Account
from consult.accounts.tokens import service as tokens
from consult.api.webhooks import delivery, service
from consult.api.webhooks.events import TOPICS
from consult.api.webhooks.forms import WebhookForm
from consult.api.webhooks.model import Webhook
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint, principal

blueprint = Blueprint("webhooks", __name__)
_ONE = "/account/webhooks/<int(max=9223372036854775807):number>"


@blueprint.route("/account/webhooks", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"], key_func=account_key)
def overview() -> ResponseReturnValue:
    """List the account's webhooks and add one. Its secret is shown once, in the answer to the form."""
    person, form, secret = cast("Account", principal()), WebhookForm(), ""
    form.offer(person.display_name, tokens.list_organisations(db.session(), person))
    if form.validate_on_submit():
        try:
            _row, secret = service.add(
                db.session(),
                person,
                address=form.address.data,
                topics=form.topics.data,
                organisation_id=int(form.acts_for.data) if form.acts_for.data else None,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            form = WebhookForm(formdata=None)
            form.offer(person.display_name, tokens.list_organisations(db.session(), person))
    page = render_template(
        "api/webhooks.html", form=form, secret=secret, rows=service.list_webhooks(db.session(), person.id)
    )
    return _unstored(page, 422 if form.problems else 200)


@blueprint.route(_ONE, allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("120 per hour", methods=["POST"], key_func=account_key)
def one(number: int) -> ResponseReturnValue:
    """Show a webhook with its newest deliveries, and act on it."""
    person, form = cast("Account", principal()), AccountButtonForm()
    hook, secret = service.get_webhook(db.session(), person.id, number, lock=request.method == "POST"), ""
    if form.validate_on_submit():
        match request.form.get("do"):
            case "delete":
                service.remove(db.session(), hook)
                flash(_("Webhook deleted."), "ok")
                return redirect(url_for("webhooks.overview"), 303)
            case "secret":
                secret = service.replace_secret(db.session(), hook)
            case _other:
                return _act(hook, str(_other))
    deliveries = service.list_deliveries(db.session(), hook)
    page = render_template(
        "api/webhook.html",
        hook=hook,
        deliveries=deliveries,
        secret=secret,
        form=AccountButtonForm(formdata=None),
        kept=delivery.KEPT.days,
        topics=TOPICS,
        waits=any(row.sent_at is None for row in deliveries),
    )
    return _unstored(page, 200)


def _act(hook: Webhook, action: str) -> ResponseReturnValue:
    """Add a test, mark a delivery to be sent again, or resume sending."""
    if action == "test":
        service.send_test(db.session(), hook)
    elif action == "resume":
        service.resume(db.session(), hook)
    elif number := read_number(action.removeprefix("again:")):
        service.send_again(db.session(), hook, number)
    flash(_("We will try to send pending requests within a minute, unless this webhook is off."), "ok")
    return redirect(url_for("webhooks.one", number=hook.id), 303)


def _unstored(page: str, status: int) -> ResponseReturnValue:
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
