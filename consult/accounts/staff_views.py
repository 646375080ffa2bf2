"""Staff administration: /people."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import links, staff
from consult.accounts.forms import AccountButtonForm, RoleForm
from consult.accounts.views import current_account, render_form, show_refusal
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, Role
from consult.core.web.requests import Blueprint
from consult.mail import suppression

blueprint = Blueprint("people", __name__)


@blueprint.route("/people", allow=Allow.ADMIN)
def listed() -> ResponseReturnValue:
    words = request.args.get("q", "")
    found = staff.list_people(db.session(), words=words, after=request.args.get("after", ""))
    waiting = [
        (unseal(row.email_sealed or b""), row.role, row.expires_at) for row in links.list_role_invitations(db.session())
    ]
    return render_template("accounts/people.html", page=found, words=words, invited=waiting)


@blueprint.route("/people/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    """One of them, and the form that gives another role."""
    person = staff.get_person(db.session(), number)
    form = RoleForm(role=person.role)
    if form.validate_on_submit():
        try:
            staff.change_role(db.session(), person, role=Role(form.role.data), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The role is saved."), "ok")
            return redirect(url_for("people.listed"), 303)
    email = unseal(person.email_sealed)
    stopped = suppression.get_closed_address(db.session(), email)
    return render_form("accounts/person.html", form, person=person, email=email, me=current_account(), stopped=stopped)


@blueprint.route("/people/<int(max=9223372036854775807):number>/letters", allow=Allow.ADMIN, methods=["POST"])
def write_again(number: int) -> ResponseReturnValue:
    """Opens the address to which letters came back, as an administrator who knows that it is good."""
    person = staff.get_person(db.session(), number)
    if AccountButtonForm().validate_on_submit() and suppression.reopen(db.session(), unseal(person.email_sealed)):
        flash(_("Letters to this address are sent again."), "ok")
    return redirect(url_for("people.one", number=number), 303)
