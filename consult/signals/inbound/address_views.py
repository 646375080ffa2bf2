"""The page of a member's address for reports by e-mail: /signals/report/as/<number>/address."""

from __future__ import annotations

from typing import cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.forms import Form
from consult.core.web.requests import Blueprint, principal, settings
from consult.signals.inbound import addresses

blueprint = Blueprint("signal_addresses", __name__)


class RenewAddressForm(Form):
    """A form with two buttons."""


@blueprint.route(
    "/signals/report/as/<int(max=9223372036854775807):organisation_id>/address",
    allow=Allow.SIGNED_IN,
    methods=["GET", "POST"],
)
def address(organisation_id: int) -> ResponseReturnValue:
    """Show a member's address. They can renew it, and an owner can renew those of all members."""
    me, session, mailbox = cast("Account", principal()), db.session(), settings().signals_mailbox
    member = organisations.get_for_member(session, organisation_id, me)
    if not mailbox:
        abort(404)
    form = RenewAddressForm()
    if form.validate_on_submit():
        if request.form.get("do") == "all":
            addresses.renew_all(session, organisation_id, me)
            flash(_("All members have a new report address. The old report addresses no longer work."), "ok")
        else:
            addresses.renew(session, organisation_id, me)
            flash(_("You have a new report address. The old report address no longer works."), "ok")
        return redirect(url_for("signal_addresses.address", organisation_id=organisation_id), 303)
    page = render_template(
        "signals/address.html",
        form=form,
        organisation=member.organisation,
        owner=member.owner,
        address=addresses.get_address(session, organisation_id, me.id, mailbox),
    )
    return page, form.problem_status if form.problems else 200
