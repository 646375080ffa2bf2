"""Campaigns as the public reads them, and the page by which their organisers describe them."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.analysis import public as queries
from consult.analysis import service
from consult.analysis.forms import CampaignForm
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint, principal
from consult.submissions import lists

blueprint = Blueprint("analysis", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/c/<slug>/campaigns", allow=Allow.ANYONE)
def campaigns(slug: str) -> ResponseReturnValue:
    row = lists.consultation(db.session(), slug)
    return render_template("analysis/campaigns.html", it=row, found=queries.campaigns(db.session(), row.id))


@blueprint.route(f"/c/<slug>/campaigns/{_NUMBER}", allow=Allow.ANYONE)
def campaign(slug: str, number: int) -> ResponseReturnValue:
    row = lists.consultation(db.session(), slug)
    letter = queries.campaign(db.session(), row.id, number)
    page = queries.page_of(db.session(), letter.id, after=request.args.get("after"))
    return render_template("analysis/campaign.html", it=row, letter=letter, page=page)


@blueprint.route("/c/<slug>/campaigns/declare", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def declare(slug: str) -> ResponseReturnValue:
    row = lists.consultation(db.session(), slug)
    form = CampaignForm()
    if form.validate_on_submit():
        try:
            service.declare(
                db.session(), consultation=row, account=cast("Account", principal()), **form.answers()
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("The campaign is declared. It is shown once five people's copies are published."), "ok")
            return redirect(url_for("analysis.campaigns", slug=slug), 303)
    mine = queries.declared_by(db.session(), row.id, cast("Account", principal()).id)
    return render_template("analysis/declare.html", it=row, form=form, mine=mine)
