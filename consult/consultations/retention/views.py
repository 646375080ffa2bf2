"""Retention period of addresses of one consultation. /desk/consultations/<n>/retention."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from consult.consultations import queries, rights
from consult.consultations.retention import service
from consult.consultations.retention.forms import ConsultationRetentionForm
from consult.consultations.rights import Deed
from consult.consultations.view_helpers import (
    CONSULTATION_PATH,
    blueprint,
    current_account,
    redirect_to,
    render_form,
    show_refusal,
)
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.operator.retention import RULES


@blueprint.route(f"{CONSULTATION_PATH}/retention", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def periods(number: int) -> ResponseReturnValue:
    me = current_account()
    deed = Deed.DECIDE if request.method == "POST" else Deed.SEE
    row = queries.get_sheet(db.session(), number=number, by=me, deed=deed).consultation
    form = ConsultationRetentionForm(contacts=str(service.get_days(db.session(), row)))
    if form.validate_on_submit():
        try:
            service.set_days(db.session(), number=number, by=me, days=form.days)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect_to("periods", number)
    may = rights.may(db.session(), me, row, Deed.DECIDE)
    due = service.list_due(db.session(), row)
    return render_form("consultations/retention.html", form, it=row, may=may, due=due, rules=RULES)
