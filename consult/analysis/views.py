"""Public pages of campaigns, and the page to declare one."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.analysis import service
from consult.analysis.campaigns import public_queries as queries
from consult.analysis.campaigns.composition import describe_composition, list_cells
from consult.analysis.forms import CampaignForm
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import csv_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.submissions.comments import queries as comments_queries

blueprint = Blueprint("analysis", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/c/<slug>/campaigns", allow=Allow.ANYONE)
def campaigns(slug: str) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    return render_template(
        "analysis/campaigns.html",
        it=row,
        found=queries.list_campaigns(db.session(), row.id),
        short=queries.list_short_answers(db.session(), row.id),
    )


@blueprint.route(f"/c/<slug>/campaigns/{_NUMBER}", allow=Allow.ANYONE)
def campaign(slug: str, number: int) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    letter = queries.get_campaign(db.session(), row.id, number)
    page = queries.get_statement_page(db.session(), letter.id, after=request.args.get("after"))
    return render_template(
        "analysis/campaign.html",
        it=row,
        letter=letter,
        page=page,
        picture=queries.describe_template(db.session(), letter),
        composition=describe_composition(letter),
    )


@blueprint.route(f"/c/<slug>/campaigns/{_NUMBER}.csv", allow=Allow.ANYONE)
def campaign_csv(slug: str, number: int) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    letter = queries.get_campaign(db.session(), row.id, number)
    lines = map(csv_line, list_cells(describe_composition(letter)))
    disposition = {"Content-Disposition": f"attachment; filename={row.slug}-campaign-{letter.id}.csv"}
    return Response("".join(lines), mimetype="text/csv", headers=disposition)


@blueprint.route("/c/<slug>/campaigns/declare", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def declare(slug: str) -> ResponseReturnValue:
    row = comments_queries.get_consultation(db.session(), slug)
    form = CampaignForm()
    if form.validate_on_submit():
        try:
            service.declare(db.session(), consultation=row, account=cast("Account", principal()), **form.answers())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Campaign added. We show it when copies from five people are published."), "ok")
            return redirect(url_for("analysis.campaigns", slug=slug), 303)
    mine = queries.list_declared_by(db.session(), row.id, cast("Account", principal()).id)
    return render_template("analysis/declare.html", it=row, form=form, mine=mine)
