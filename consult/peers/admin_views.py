"""The administrator's page of partners: /desk/site/peers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.peers import queries, service
from consult.peers.forms import PeerButtonForm, PeerForm, offer_choices
from consult.peers.model import SharingKey

blueprint = Blueprint("peers_admin", __name__)


@blueprint.route("/desk/site/peers", allow=Allow.ADMIN, methods=["GET", "POST"])
def overview() -> ResponseReturnValue:
    """List partners and add one."""
    form = offer_choices(PeerForm())
    if form.validate_on_submit():
        try:
            service.add(
                db.session(),
                current_account(),
                address=form.address.data,
                takes=form.takes.data,
                every_minutes=int(form.minutes.data),
            )
            return redirect(url_for("peers_admin.overview"), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template(
        "peers/admin.html",
        form=form,
        button_form=PeerButtonForm(formdata=None),
        peers=queries.list_all_peers(db.session()),
        own=db.session().get(SharingKey, 1),
        fingerprint=service.describe_key,
    )
    return page, 422 if form.problems else 200


@blueprint.route("/desk/site/peers/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["POST"])
def act(number: int) -> ResponseReturnValue:
    """Confirm the key of a partner, or remove the partner."""
    form = PeerButtonForm()
    row = service.get_peer(db.session(), number)
    if form.validate_on_submit():
        if request.form.get("do") == "confirm":
            service.confirm(db.session(), current_account(), row)
            flash(_("We check this partner within a minute."), "ok")
        elif request.form.get("do") == "remove":
            service.remove(db.session(), current_account(), row)
            flash(_("Partner removed, with all its content."), "ok")
    return redirect(url_for("peers_admin.overview"), 303)
