"""The owner's setting for the anonymous form: /desk/consultations/<n>/safety."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import queries
from consult.consultations.participation import service as participation
from consult.core.db import db
from consult.core.i18n import N_, _
from consult.core.web.access import Allow
from consult.core.web.forms import BooleanField, Form
from consult.core.web.requests import Blueprint, principal

blueprint = Blueprint("safety", __name__)


class NoIdentityForm(Form):
    no_identity = BooleanField(
        N_("People may use the anonymous form"),
        description=N_(
            "No account, cookie or script. Seven recovery words are the only way to open the submission again. For "
            "people at risk."
        ),
    )


@blueprint.route(
    "/desk/consultations/<int(max=9223372036854775807):number>/safety", allow=Allow.POLICYMAKER, methods=["GET", "POST"]
)
def switch(number: int) -> ResponseReturnValue:
    me = cast("Account", principal())
    row = queries.get_sheet(db.session(), number=number, by=me).consultation
    form = NoIdentityForm(no_identity=row.no_identity)
    if form.validate_on_submit():
        participation.set_no_identity(db.session(), number=number, by=me, allowed=form.no_identity.data)
        flash(_("Saved."), "ok")
        return redirect(url_for("consultations.overview", number=number), 303)
    return render_template("consultations/safety.html", form=form, it=row)
