"""Workspace pages for bodies: description and members. /desk/bodies…"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies import domains, invitations, members, merge, service
from consult.bodies.forms import (
    BodyAboutForm,
    BodyButtonForm,
    BodyDomainForm,
    BodyForm,
    BodyInvitationForm,
    BodyMemberForm,
    BodyMergeForm,
)
from consult.bodies.logos import MAX_UPLOAD
from consult.bodies.model import BodyRole, PublicBody
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, Role
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint

blueprint = Blueprint("bodies", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/desk/bodies", allow=Allow.POLICYMAKER)
def mine() -> ResponseReturnValue:
    me = current_account()
    rows = service.list_own(db.session(), me)
    return render_template("bodies/mine.html", rows=rows, roles=dict(_own_roles()))


def _own_roles() -> list[tuple[int, BodyRole]]:
    return [(body.id, role) for body, role in members.list_roles(db.session(), current_account())]


@blueprint.route("/desk/bodies/new", allow=Allow.ADMIN, methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Create a body. Only administrators can do this."""
    form = BodyForm()
    if form.validate_on_submit():
        try:
            body = service.make(db.session(), by=current_account(), described=form.described())
            _save_logo(body, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Body created. Invite its first member, who becomes its lead."), "ok")
            return redirect(url_for("bodies.team", slug=body.slug), 303)
    return render_form("bodies/edit.html", form, body=None)


@blueprint.route("/desk/bodies/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def team(slug: str) -> ResponseReturnValue:
    """Show members, open invitations and the invitation form."""
    body = get_seen(slug)
    form = BodyInvitationForm()
    if form.validate_on_submit():
        try:
            role = BodyRole(form.role.data)
            invitations.invite(db.session(), body, email=form.email.data, role=role, by=current_account())
        except Refusal as refusal:
            if isinstance(refusal, Forbidden):
                raise
            show_refusal(form, refusal)
        else:
            flash(_("Invitation sent. The person will be listed here after accepting it."), "ok")
            return redirect(url_for("bodies.team", slug=slug), 303)
    waiting = [
        (unseal(link.email_sealed or b""), row.role, link) for row, link in invitations.list_waiting(db.session(), body)
    ]
    return render_form(
        "bodies/team.html",
        form,
        body=body,
        people=members.list_members(db.session(), body),
        waiting=waiting,
        may=service.may_edit(db.session(), body, current_account()),
        me=current_account(),
        roles=list(BodyRole),
    )


@blueprint.route(f"/desk/bodies/<slug>/invitations/{_NUMBER}", allow=Allow.POLICYMAKER, methods=["POST"])
def invitation(slug: str, number: int) -> ResponseReturnValue:
    """Resend or withdraw an invitation."""
    body, me = get_seen(slug), current_account()
    if BodyButtonForm().validate_on_submit():
        if request.form.get("do") == "again":
            invitations.send_again(db.session(), body, number=number, by=me)
            flash(_("New link sent. The old link no longer works."), "ok")
        else:
            invitations.take_back(db.session(), body, number=number, by=me)
            flash(_("Invitation withdrawn."), "ok")
    return redirect(url_for("bodies.team", slug=slug), 303)


@blueprint.route("/desk/bodies/<slug>/members", allow=Allow.POLICYMAKER, methods=["POST"])
def change_member(slug: str) -> ResponseReturnValue:
    """Change or remove a member's role."""
    body, form, me = get_seen(slug), BodyMemberForm(), current_account()
    role = form.role.data or ""
    if not form.validate() or role not in ("none", *BodyRole):
        service.check_may_edit(db.session(), body, me)
        raise NotFound(_("This person does not work for this body."))
    try:
        notice = (
            _remove(body, form.account.data) if role == "none" else _change(body, form.account.data, BodyRole(role))
        )
    except Conflict as refusal:
        db.session.rollback()
        flash(refusal.message, "warn")
        return redirect(url_for("bodies.team", slug=slug), 303)
    flash(notice, "ok")
    gone = role == "none" and form.account.data == me.id and me.role is not Role.ADMIN
    return redirect(url_for("bodies.mine") if gone else url_for("bodies.team", slug=slug), 303)


def _remove(body: PublicBody, account_id: int) -> str:
    members.remove(db.session(), body, account_id=account_id, by=current_account())
    return _("This person no longer works for this body.")


def _change(body: PublicBody, account_id: int, role: BodyRole) -> str:
    service.check_may_edit(db.session(), body, current_account())
    known = {account.id: account for _row, account in members.list_members(db.session(), body)}
    if account_id not in known:
        raise NotFound(_("This person does not work for this body."))
    members.add(db.session(), body, account=known[account_id], role=role, by=current_account())
    return _("Role saved.")


@blueprint.route("/desk/bodies/<slug>/about", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def about(slug: str) -> ResponseReturnValue:
    body, me = get_seen(slug), current_account()
    service.check_may_edit(db.session(), body, me)
    form = BodyForm(body) if me.role is Role.ADMIN else BodyAboutForm(body)
    if form.validate_on_submit():
        revision = int(form.revision.data) if str(form.revision.data).isdecimal() else 0
        try:
            service.change(db.session(), body, by=me, revision=revision, described=form.described())
            _save_logo(body, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("bodies.team", slug=slug), 303)
    return render_form("bodies/edit.html", form, body=body)


@blueprint.route("/desk/bodies/<slug>/domain", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def domain(slug: str) -> ResponseReturnValue:
    """Set and verify the domain of a body."""
    body, me = get_seen(slug), current_account()
    service.check_may_edit(db.session(), body, me)
    form = BodyDomainForm(domain=body.domain or "")
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "prove":
                domains.prove(db.session(), body, by=me)
                notice = _("Web address verified.")
            else:
                domains.set_domain(db.session(), body, by=me, typed=form.domain.data or "")
                notice = _("Saved.")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(notice, "ok")
            return redirect(url_for("bodies.domain", slug=slug), 303)
    return render_form("bodies/domain.html", form, body=body, line=domains.dns_line(body) if body.domain else "")


@blueprint.route("/desk/bodies/<slug>/merge", allow=Allow.ADMIN, methods=["GET", "POST"])
def merge_into(slug: str) -> ResponseReturnValue:
    """Merge a body into another one permanently."""
    body, me = service.get(db.session(), slug), current_account()
    others = {each.slug: each.name for each in service.list_bodies(db.session()) if each.id != body.id}
    form = BodyMergeForm(others)
    if form.validate_on_submit():
        try:
            merge.merge(db.session(), body=body, into=service.get(db.session(), form.into.data), by=me)
        except Refusal as refusal:
            show_refusal(form, refusal)
            body = service.get(db.session(), slug)
        else:
            flash(_("Bodies merged."), "ok")
            return redirect(url_for("bodies.team", slug=form.into.data), 303)
    return render_form("bodies/merge.html", form, body=body)


def get_seen(slug: str) -> PublicBody:
    """Return a body that the account works for. Raises NotFound and Forbidden."""
    body = service.get(db.session(), slug)
    if not service.may_see(db.session(), body, current_account()):
        raise Forbidden(_("Only people who work for this body can see this page."))
    return body


def _save_logo(body: PublicBody, form: BodyAboutForm) -> None:
    uploaded = request.files.get("logo")
    if uploaded is not None and uploaded.filename:
        service.set_logo(db.session(), body, by=current_account(), data=uploaded.read(MAX_UPLOAD + 1))
    elif form.no_logo.data and body.has_logo:
        service.set_logo(db.session(), body, by=current_account(), data=None)
