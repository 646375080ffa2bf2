"""Joining, signing in, and what is one's own: /join, /sign-in, /reset, /account, /org."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import gate, links, organisations, service
from consult.accounts.forms import (
    Address,
    ChangePassword,
    Confirm,
    Invite,
    Join,
    Member,
    NewPassword,
    OrganisationForm,
    Profile,
    SignIn,
)
from consult.accounts.model import Account, OrganisationKind, Purpose
from consult.core.access import Allow, Role
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import Form
from consult.core.i18n import _, language
from consult.core.limits import limiter, named
from consult.core.web import Blueprint, principal, safe_next

blueprint = Blueprint("accounts", __name__)
_HOME = {Role.MODERATOR: "/review", Role.POLICYMAKER: "/desk", Role.ADMIN: "/desk", Role.CONTRIBUTOR: "/my"}


def only_refused(response: Response) -> bool:
    """Only tries that failed count: an office behind one address may sign in as often as it likes."""
    return response.status_code >= 400


@blueprint.after_request
def keep_links_private(response: Response) -> Response:
    """A page whose address is a secret link is stored nowhere and told to nobody."""
    if "token" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/sign-in", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=only_refused)
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=only_refused, key_func=named("email"))
def sign_in() -> ResponseReturnValue:
    form = SignIn(next=request.args.get("next"))
    if form.validate_on_submit():
        try:
            account = service.sign_in(db.session(), email=form.email.data, password=form.password.data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return _enter(account, form.next.data)
    return page("accounts/sign_in.html", form)


@blueprint.route("/sign-in/link", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@limiter.limit("5 per hour", methods=["POST"], key_func=named("email"))
def ask_sign_in_link() -> ResponseReturnValue:
    form = Address()
    if form.validate_on_submit():
        service.ask_sign_in_link(db.session(), email=form.email.data, language=language())
        return redirect(url_for("accounts.sent", what="sign-in"), 303)
    return page("accounts/ask_sign_in_link.html", form)


@blueprint.route("/sign-in/link/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def use_link(token: str) -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit():
        return _enter(service.use_link(db.session(), token=token))
    links.look(db.session(), token=token, purposes=[Purpose.SIGN_IN])
    return page("accounts/use_link.html", form)


@blueprint.route("/sent", allow=Allow.ANYONE)
def sent() -> ResponseReturnValue:
    """The same words for every address."""
    return render_template("accounts/sent.html", what=request.args.get("what"))


@blueprint.route("/sign-out", allow=Allow.ANYONE, methods=["POST"])
def sign_out() -> ResponseReturnValue:
    gate.leave()
    flash(_("You have signed out."), "ok")
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'  # words kept in this browser: the next person finds none
    return answer


@blueprint.route("/join", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@limiter.limit("5 per day", methods=["POST"], key_func=named("email"))
def register() -> ResponseReturnValue:
    form = Address()
    if form.validate_on_submit():
        service.register(db.session(), email=form.email.data, language=language())
        return redirect(url_for("accounts.sent", what="join"), 303)
    return page("accounts/register.html", form)


@blueprint.route("/join/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def join(token: str) -> ResponseReturnValue:
    offer = service.offer(db.session(), token=token)
    form = Confirm() if offer.account else Join()
    if form.validate_on_submit():
        given = form.answers()
        account = service.join(
            db.session(), token=token, name=given.get("name", ""), password=given.get("password") or None,
            language=language(),
        )  # fmt: skip
        return _enter(account)
    return page("accounts/join.html", form, offer=offer)


@blueprint.route("/reset", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per day", methods=["POST"])
@limiter.limit("5 per day", methods=["POST"], key_func=named("email"))
def ask_reset() -> ResponseReturnValue:
    form = Address()
    if form.validate_on_submit():
        service.ask_reset(db.session(), email=form.email.data, language=language())
        return redirect(url_for("accounts.sent", what="reset"), 303)
    return page("accounts/ask_reset.html", form)


@blueprint.route("/reset/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    form = NewPassword()
    if form.validate_on_submit():
        entered = _enter(service.reset(db.session(), token=token, password=form.password.data))
        flash(_("Your password is changed. Every other session was signed out."), "ok")
        return entered
    links.look(db.session(), token=token, purposes=[Purpose.RESET])
    return page("accounts/reset.html", form)


@blueprint.route("/account", allow=Allow.SIGNED_IN)
def account() -> ResponseReturnValue:
    mine = organisations.organisations_of(db.session(), me())
    return render_template(
        "accounts/account.html", person=me(), email=unseal(me().email_sealed), mine=mine, end=Confirm()
    )


@blueprint.route("/account/name", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def change_name() -> ResponseReturnValue:
    form = Profile(name=me().display_name, language=me().language)
    if form.validate_on_submit():
        service.change_name(db.session(), me(), name=form.name.data, language=form.language.data)
        gate.speak(form.language.data)
        return _done(_("Your name and language are saved."))
    return page("accounts/change_name.html", form)


@blueprint.route("/account/password", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=only_refused)
def change_password() -> ResponseReturnValue:
    form = ChangePassword()
    if form.validate_on_submit():
        person = me()
        try:
            service.change_password(db.session(), person, current=form.current.data, password=form.password.data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            gate.enter(person)
            return _done(_("Your password is changed. Every other session was signed out."))
    return page("accounts/change_password.html", form, person=me(), email=unseal(me().email_sealed))


@blueprint.route("/account/sessions", allow=Allow.SIGNED_IN, methods=["POST"])
def end_sessions() -> ResponseReturnValue:
    person = service.end_sessions(db.session(), me())
    gate.enter(person)
    return _done(_("Every other session was signed out."))


@blueprint.route("/org", allow=Allow.SIGNED_IN)
def organisation_list() -> ResponseReturnValue:
    return render_template("accounts/organisations.html", mine=organisations.organisations_of(db.session(), me()))


@blueprint.route("/org/new", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per day", methods=["POST"], deduct_when=lambda response: not only_refused(response))
def found() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            organisation = organisations.found(
                db.session(), founder=me(), name=form.name.data, kind=OrganisationKind(form.kind.data),
                country=form.country.data, website=form.website.data or None,
                registry_number=form.registry_number.data,
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The organisation is here. You can file comments in its name."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation.id), 303)
    return page("accounts/new_organisation.html", form)


@blueprint.route("/org/<int(max=9223372036854775807):organisation_id>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Its members; for an owner, a form that invites another one."""
    form = Invite()
    if form.validate_on_submit():
        try:
            service.invite_member(db.session(), by=me(), organisation_id=organisation_id, email=form.email.data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The invitation is on its way."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)
    shown = organisations.sheet(db.session(), organisation_id, me())
    return page("accounts/organisation.html", form, it=shown, me=me())


@blueprint.route("/org/<int(max=9223372036854775807):organisation_id>/members", allow=Allow.SIGNED_IN, methods=["POST"])
def change_member(organisation_id: int) -> ResponseReturnValue:
    form = Member()
    if not form.validate_on_submit():
        raise Refusal(_("The form could not be read. Go back, reload the page and try again."))
    organisations.change_member(
        db.session(), by=me(), organisation_id=organisation_id, account_id=form.account.data, change=form.change.data
    )
    if form.account.data == me().id and form.change.data == "remove":
        flash(_("You have left the organisation."), "ok")
        return redirect(url_for("accounts.organisation_list"), 303)
    flash(_("The list of members is changed."), "ok")
    return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)


def refuse(form: Form, refusal: Refusal) -> None:
    """Shows why not; nothing stays of what was written before it was refused."""
    db.session.rollback()
    form.refuse(refusal)


def me() -> Account:
    """The row of whoever is signed in; for routes that need somebody to be."""
    return cast("Account", principal())


def page(template: str, form: Form, **more: Any) -> ResponseReturnValue:
    """The form's page; 422 where something in it must be mended."""
    return render_template(template, form=form, **more), 422 if form.problems else 200


def _enter(account: Account, target: str | None = None) -> ResponseReturnValue:
    gate.enter(account)
    return redirect(safe_next(target, _HOME[account.role]), 303)


def _done(words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for("accounts.account"), 303)
