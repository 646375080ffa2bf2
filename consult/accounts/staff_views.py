"""Staff administration: /people."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import hooks, staff, staff_invitations
from consult.accounts.forms import AccountButtonForm, RoleForm, StaffInvitationForm
from consult.accounts.organisations import campaign_tools as organisation_tools
from consult.accounts.second_factor import recovery
from consult.accounts.sessions import service as sessions
from consult.accounts.suspension import service as suspension
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
    page = staff.list_people(db.session(), words=words, after=request.args.get("after", ""))
    waiting = staff_invitations.list_waiting(db.session())
    ids = [person.id for person in page.items]
    return render_template(
        "accounts/people.html",
        page=page,
        words=words,
        invited=waiting,
        signed_in=sessions.count_sign_ins(db.session(), ids),
        places=hooks.find_places(db.session(), ids),
    )


@blueprint.route("/people/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    """Show a person and the form that changes their role."""
    person = staff.get_person(db.session(), number)
    form = RoleForm(role=person.role)
    if form.validate_on_submit():
        try:
            staff.change_role(db.session(), person, role=Role(form.role.data), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Role saved."), "ok")
            return redirect(url_for("people.listed"), 303)
    email = unseal(person.email_sealed)
    stopped = suppression.get_closed_address(db.session(), email)
    return render_form(
        "accounts/person.html",
        form,
        person=person,
        email=email,
        me=current_account(),
        stopped=stopped,
        places=hooks.find_places(db.session(), [number]).get(number, ()),
        signed_in=sessions.count_sign_ins(db.session(), [number]).get(number),
    )


@blueprint.route("/people/<int(max=9223372036854775807):number>/letters", allow=Allow.ADMIN, methods=["POST"])
def write_again(number: int) -> ResponseReturnValue:
    """Send e-mail again to an address that bounced, after an administrator has confirmed it."""
    person = staff.get_person(db.session(), number)
    if AccountButtonForm().validate_on_submit() and suppression.reopen(db.session(), unseal(person.email_sealed)):
        flash(_("We will send e-mail to this person again."), "ok")
    return redirect(url_for("people.one", number=number), 303)


@blueprint.route("/people/<int(max=9223372036854775807):number>/sign-in", allow=Allow.ADMIN, methods=["POST"])
def change_sign_in(number: int) -> ResponseReturnValue:
    """Suspend or restore an account, or reset its two-step verification."""
    person, me = staff.get_person(db.session(), number), current_account()
    if AccountButtonForm().validate_on_submit():
        wanted = request.form.get("do")
        if wanted == "suspend":
            suspension.suspend(db.session(), person, by=me)
            flash(_("Account suspended. Its sessions have ended, and nobody can sign in to it."), "ok")
        elif wanted == "restore":
            suspension.restore(db.session(), person, by=me)
            flash(_("Account restored."), "ok")
        elif wanted == "reset":
            recovery.reset(db.session(), person, by=me)
            flash(_("Two-step verification turned off. All sessions of the account have ended."), "ok")
    return redirect(url_for("people.one", number=number), 303)


@blueprint.route("/people/invite", allow=Allow.ADMIN, methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    """Send an invitation in the administrator's name. The invited person chooses a name and password."""
    me = current_account()
    form = StaffInvitationForm(language=me.language)
    if form.validate_on_submit():
        given = {"email": form.email.data, "role": Role(form.role.data), "language": form.language.data}
        try:
            staff_invitations.invite(db.session(), **given, by=me)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Invitation sent."), "ok")
            return redirect(url_for("people.listed"), 303)
    return render_form("accounts/invite.html", form)


@blueprint.route("/people/invitations/<int(max=9223372036854775807):number>", allow=Allow.ADMIN, methods=["POST"])
def invitation(number: int) -> ResponseReturnValue:
    """Resend or withdraw an invitation."""
    if AccountButtonForm().validate_on_submit():
        if request.form.get("do") == "again":
            staff_invitations.send_again(db.session(), number=number, by=current_account())
            flash(_("New link sent. The old link no longer works."), "ok")
        else:
            staff_invitations.take_back(db.session(), number=number, by=current_account())
            flash(_("Invitation withdrawn."), "ok")
    return redirect(url_for("people.listed"), 303)


@blueprint.route("/people/campaign-tools", allow=Allow.ADMIN)
def campaign_tools() -> ResponseReturnValue:
    return render_template(
        "accounts/campaign_tools.html",
        rows=organisation_tools.list_verified(db.session()),
        form=AccountButtonForm(formdata=None),
    )


@blueprint.route(
    "/people/campaign-tools/<int(max=9223372036854775807):organisation_id>", allow=Allow.ADMIN, methods=["POST"]
)
def permit_campaign_tool(organisation_id: int) -> ResponseReturnValue:
    """Let an organisation send submissions of supporters, or end that."""
    if AccountButtonForm().validate_on_submit():
        permitted = request.form.get("do") == "permit"
        row = organisation_tools.set_files_for_others(db.session(), organisation_id, permitted=permitted)
        flash(
            _("%(name)s may now send submissions on behalf of supporters.", name=row.name)
            if permitted
            else _("%(name)s may no longer send submissions on behalf of supporters.", name=row.name),
            "ok",
        )
    return redirect(url_for("people.campaign_tools"), 303)


@blueprint.route("/people/acts", allow=Allow.ADMIN)
def acts() -> ResponseReturnValue:
    """List the actions of administrators and leads that concern the site and its staff."""
    page = staff_invitations.list_acts(db.session(), after=request.args.get("after"))
    return render_template("accounts/acts.html", page=page)
