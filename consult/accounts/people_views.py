"""The people who work on this site, for administrators: /people."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import people
from consult.accounts.forms import RoleForm
from consult.accounts.views import me, page, refuse
from consult.core.access import Allow, Role
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint

blueprint = Blueprint("people", __name__)


@blueprint.route("/people", allow=Allow.ADMIN)
def listed() -> ResponseReturnValue:
    words = request.args.get("q", "")
    found = people.listed(db.session(), words=words, after=request.args.get("after", ""))
    return render_template("accounts/people.html", page=found, words=words)


@blueprint.route("/people/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    """One of them, and the form that gives another role."""
    person = people.one(db.session(), number)
    form = RoleForm(role=person.role)
    if form.validate_on_submit():
        try:
            people.change_role(db.session(), person, role=Role(form.role.data), by=me())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The role is saved."), "ok")
            return redirect(url_for("people.listed"), 303)
    return page("accounts/person.html", form, person=person, email=unseal(person.email_sealed), me=me())
