"""Bodies of a consultation, their agreement, and the owner. /desk/consultations/…/bodies"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.bodies import service as bodies
from consult.bodies.model import BodyRole, PublicBody
from consult.consultations import charge, queries, rights
from consult.consultations.joint import service as joint
from consult.consultations.joint.forms import ChargeForm, OtherBodyForm, PartButtonForm
from consult.consultations.joint.model import PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.consultations.view_helpers import CONSULTATION_PATH, blueprint, current_account, redirect_to, show_refusal
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, Role


@blueprint.route(f"{CONSULTATION_PATH}/bodies", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def asking(number: int) -> ResponseReturnValue:
    """Show the bodies of a consultation. The form adds another one."""
    row = _get(number, Deed.SEE if request.method == "GET" else Deed.DECIDE)
    form = OtherBodyForm(_list_choices(row), fixed=row.phase is not Phase.DRAFT)
    if form.validate_on_submit():
        try:
            part = PartInConsultation(form.part.data)
            joint.add(db.session(), number=number, by=current_account(), body_id=form.chosen, part=part)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved. The leads of that body now see the consultation in their workspace."), "ok")
            return redirect_to("asking", number)
    return _page(row, form, ChargeForm(charge.list_candidates(db.session(), row), formdata=None))


@blueprint.route(f"{CONSULTATION_PATH}/bodies/agree", allow=Allow.POLICYMAKER, methods=["POST"])
def agree(number: int) -> ResponseReturnValue:
    """Agree for a body, or remove it."""
    _get(number)
    form = PartButtonForm()
    if form.validate_on_submit():
        if form.do.data == "agree":
            joint.agree(db.session(), number=number, by=current_account(), body_id=form.body.data)
            flash(_("Approved. If anything changes before publication, we ask you to approve again."), "ok")
        else:
            joint.remove(db.session(), number=number, by=current_account(), body_id=form.body.data)
            flash(_("Body removed from the consultation."), "ok")
        return _back(number)
    raise NotFound(_("This body is not part of the consultation."))


@blueprint.route(f"{CONSULTATION_PATH}/charge", allow=Allow.POLICYMAKER, methods=["POST"])
def hand_over(number: int) -> ResponseReturnValue:
    """Make another person the owner."""
    row = _get(number, Deed.DECIDE)
    form = ChargeForm(charge.list_candidates(db.session(), row))
    if form.validate_on_submit():
        try:
            to = charge.hand_over(db.session(), number=number, by=current_account(), to_id=form.chosen)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("%(name)s is now the consultation owner.", name=to.display_name), "ok")
            return _back(number)
    fixed = row.phase is not Phase.DRAFT
    return _page(row, OtherBodyForm(_list_choices(row), fixed=fixed, formdata=None), form)


def _back(number: int) -> ResponseReturnValue:
    """Redirect to the page, or to the list if the person can no longer see the consultation."""
    if joint.may_see(db.session(), number, current_account()):
        return redirect_to("asking", number)
    return redirect(url_for("consultations.mine"), 303)


def _get(number: int, deed: Deed = Deed.SEE) -> Consultation:
    return queries.get_sheet(db.session(), number=number, by=current_account(), deed=deed).consultation


def _list_choices(row: Consultation) -> list[PublicBody]:
    return [body for body in bodies.list_bodies(db.session()) if body.id != row.body_id]


def _page(row: Consultation, form: OtherBodyForm, person: ChargeForm) -> ResponseReturnValue:
    here, me = db.session(), current_account()
    more: dict[str, Any] = {
        "first": next(iter(joint.list_asking(here, row)), None) if row.body_id else None,
        "others": joint.list_others(here, row),
        "leads": {body.id for body in bodies.list_own(here, me, BodyRole.LEAD)} if me.role is not Role.ADMIN else set(),
        "decides": rights.may(here, me, row, Deed.DECIDE),
        "charge": charge.get_person(here, row),
        "fixed": row.phase is not Phase.DRAFT,
    }
    problems = form.problems or person.problems
    return render_template("consultations/asking.html", it=row, form=form, person=person, **more), (
        422 if problems else 200
    )
