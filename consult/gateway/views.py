"""Administrators' page of incoming messages: /operator/inbound. Health of each channel, and what is in quarantine."""

from __future__ import annotations

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from consult.core.clock import now
from consult.core.crypto import pseudonym, unseal_bytes
from consult.core.db import db
from consult.core.i18n import N_, _, ngettext
from consult.core.text import clean_text, read_number
from consult.core.web.access import Allow
from consult.core.web.forms import Form
from consult.core.web.requests import Blueprint
from consult.gateway import health, service
from consult.gateway.model import InboundChannel
from consult.ledger import service as ledger
from consult.ledger.model import Kind

blueprint = Blueprint("inbound", __name__)
CHANNELS = {
    InboundChannel.LETTER: N_("Incoming e-mails"),
    InboundChannel.MESSAGE: N_("Text messages"),
    InboundChannel.TABLE: N_("Tables of drug-checking results"),
}
MAX_LISTED = 100
MAX_SHOWN = 20_000
"""Maximum number of characters of a message that are shown."""


class InboundForm(Form):
    """A form with buttons."""


@blueprint.route("/operator/inbound", allow=Allow.ADMIN)
def page() -> ResponseReturnValue:
    """Show the state of each channel and the messages in quarantine."""
    session, at = db.session(), now()
    channels = [
        (health.check_channel(session, channel, at=at), health.list_days(session, channel, at=at))
        for channel in InboundChannel
    ]
    items = service.list_aside(session, most=MAX_LISTED)
    return render_template(
        "gateway/inbound.html", channels=channels, items=items, names=CHANNELS, at=at, form=InboundForm()
    )


@blueprint.route("/operator/inbound", allow=Allow.ADMIN, methods=["POST"])
def decide() -> ResponseReturnValue:
    """Read a message again (`again`) or delete it (`drop`), given its number. `all` reads the listed ones again."""
    if InboundForm().validate_on_submit():
        again, dropped = request.form.get("again", ""), read_number(request.form.get("drop", ""))
        if dropped is not None and service.drop(db.session(), [dropped]):
            flash(_("Message deleted."), "ok")
        elif again:
            _read_again(again)
    return redirect(url_for("inbound.page"), 303)


def _read_again(number: str) -> None:
    listed = [item.id for item in service.list_aside(db.session(), most=MAX_LISTED)]
    chosen = [item for item in listed if number == "all" or item == read_number(number)]
    with current_app.app_context():  # with a session of its own, because each message has its own transaction
        outcomes = [service.read_again(item) for item in chosen]
    failed = sum(outcome == service.ASIDE for outcome in outcomes)
    if read := sum(outcome is not None for outcome in outcomes) - failed:
        flash(ngettext("%(num)s message read.", "%(num)s messages read.", read), "ok")
    if failed:
        words = ngettext(
            "%(num)s message could not be read again and stays in quarantine.",
            "%(num)s messages could not be read again and stay in quarantine.",
            failed,
        )
        flash(words, "warn")


@blueprint.route("/operator/inbound/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["POST"])
def show(number: int) -> ResponseReturnValue:
    """Show the text of a message in quarantine. The public record notes that an administrator opened it."""
    item = service.get_aside(db.session(), number)
    if item is None or item.sealed is None or not InboundForm().validate_on_submit():
        abort(404)
    actor = pseudonym("account", current_user.id)
    ledger.record(db.session(), Kind.INBOUND_OPENED, subject_id=item.id, actor=actor, at=now())
    text = clean_text(unseal_bytes(bytes(item.sealed)).decode("utf-8", "replace"))[:MAX_SHOWN]
    answer = make_response(render_template("gateway/message.html", item=item, names=CHANNELS, text=text))
    answer.headers["Cache-Control"] = "no-store"
    return answer
