"""Pages for domain verification: /org/<n>/proof."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import AccountButtonForm
from consult.accounts.model import Account
from consult.accounts.organisations import domain_verification
from consult.accounts.organisations import service as organisations
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal

blueprint = Blueprint("proving", __name__)


@blueprint.route(
    "/org/<int(max=9223372036854775807):organisation_id>/proof", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
@limiter.limit("20 per hour", methods=["POST"])
def prove(organisation_id: int) -> ResponseReturnValue:
    form, me = AccountButtonForm(), cast("Account", principal())
    if form.validate_on_submit():
        ways = {"address": domain_verification.prove_by_address, "dns": domain_verification.prove_by_dns}
        try:
            ways.get(request.form.get("by", ""), domain_verification.prove_by_dns)(
                db.session(), by=me, organisation_id=organisation_id
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Web address verified."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)
    row = organisations.get_for_member(db.session(), organisation_id, me).organisation
    page = render_template(
        "accounts/proof.html",
        form=form,
        it=row,
        domain=domain_verification.get_domain(row),
        line=domain_verification.dns_line(row),
    )
    return page, 422 if form.problems else 200
