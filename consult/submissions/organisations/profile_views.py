"""Pages for editing an organisation's profile and leaving it: /org/<n>/edit, /org/<n>/leave."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import OrganisationForm
from consult.accounts.model import Account, OrganisationKind
from consult.accounts.organisations import profile as organisations_profile
from consult.accounts.organisations import service as organisations
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.submissions.coalitions import service as coalitions
from consult.submissions.forms import LeaveOrganisationForm
from consult.submissions.organisations import service as submissions_organisations

blueprint = Blueprint("organisations", __name__)


@blueprint.route(
    "/org/<int(max=9223372036854775807):organisation_id>/edit", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
@limiter.limit("60 per hour", methods=["POST"])
def edit(organisation_id: int) -> ResponseReturnValue:
    """Edit the profile. The type can only be changed until something was filed or signed."""
    me = cast("Account", principal())
    row = organisations.get_for_owner(db.session(), organisation_id, me)
    known = coalitions.has_filed_or_signed(db.session(), organisation_id)
    form = OrganisationForm(obj=row)
    if known:
        del form.kind
    if form.validate_on_submit():
        kind = row.kind if known else OrganisationKind(form.kind.data)
        try:
            organisations_profile.edit(
                db.session(),
                by=me,
                organisation_id=organisation_id,
                known=known,
                name=form.name.data,
                kind=kind,
                country=form.country.data,
                website=form.website.data,
                registry_number=form.registry_number.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Organisation updated."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)
    page = render_template("submissions/edit_organisation.html", form=form, it=row, known=known)
    return page, 422 if form.problems else 200


@blueprint.route(
    "/org/<int(max=9223372036854775807):organisation_id>/leave", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
def leave(organisation_id: int) -> ResponseReturnValue:
    """Leave the organisation after a confirmation, with a choice about drafts prepared for it."""
    me = cast("Account", principal())
    row = organisations.get_for_member(db.session(), organisation_id, me).organisation
    form, prepared = (
        LeaveOrganisationForm(),
        submissions_organisations.list_prepared_drafts(db.session(), me.id, organisation_id),
    )
    if not prepared:
        del form.drafts
    if form.validate_on_submit():
        try:
            hand = bool(prepared) and form.drafts.data == "hand"
            submissions_organisations.leave_organisation(
                db.session(), by=me, organisation_id=organisation_id, hand=hand
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("You have left the organisation."), "ok")
            return redirect(url_for("accounts.organisation_list"), 303)
    page = render_template("submissions/leave_organisation.html", form=form, it=row, prepared=prepared)
    return page, 422 if form.problems else 200
