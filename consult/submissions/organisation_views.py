"""What is said of an organisation, for its owners to change: /org/<n>/edit."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import editing, organisations
from consult.accounts.forms import OrganisationForm
from consult.accounts.model import Account, OrganisationKind
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.limits import limiter
from consult.core.web import Blueprint, principal
from consult.submissions import coalition

blueprint = Blueprint("organisations", __name__)


@blueprint.route("/org/<int(max=9223372036854775807):organisation_id>/edit", allow=Allow.SIGNED_IN,
                 methods=["GET", "POST"])  # fmt: skip
@limiter.limit("60 per hour", methods=["POST"])
def edit(organisation_id: int) -> ResponseReturnValue:
    """Its kind only while nothing was filed or signed in its name."""
    me = cast("Account", principal())
    row = organisations.own(db.session(), organisation_id, me)
    known = coalition.is_known(db.session(), organisation_id)
    form = OrganisationForm(obj=row)
    if known:
        del form.kind
    if form.validate_on_submit():
        kind = row.kind if known else OrganisationKind(form.kind.data)
        try:
            editing.edit(
                db.session(), by=me, organisation_id=organisation_id, known=known, name=form.name.data, kind=kind,
                country=form.country.data, website=form.website.data, registry_number=form.registry_number.data,
            )  # fmt: skip
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("The organisation is changed."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)
    page = render_template("submissions/edit_organisation.html", form=form, it=row, known=known)
    return page, 422 if form.problems else 200
