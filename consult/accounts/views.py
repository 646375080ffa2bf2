"""Join, sign in, reset, account and organisation pages: /join, /sign-in, /reset, /account, /org."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import hooks, links, login, service
from consult.accounts.forms import (
    AccountButtonForm,
    ChangePasswordForm,
    InviteMemberForm,
    JoinForm,
    MemberForm,
    NewPasswordForm,
    OrganisationForm,
    ProfileForm,
    SendLinkForm,
    SignInForm,
)
from consult.accounts.limits import letter_limits
from consult.accounts.limits.letter_limits import LinkRequest
from consult.accounts.limits.password_limits import PasswordTry, TooManyPasswords
from consult.accounts.model import Account, LinkPurpose, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.accounts.passkeys import service as passkeys
from consult.accounts.password_policy import WeakPassword
from consult.accounts.sessions import service as sessions
from consult.accounts.sessions.model import SignInMethod
from consult.accounts.single_sign_on import providers
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language
from consult.core.web import face
from consult.core.web.access import Allow, Role
from consult.core.web.forms import Form
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint, principal, safe_next
from consult.mail import suppression

blueprint = Blueprint("accounts", __name__)
_HOME = {Role.MODERATOR: "/review", Role.POLICYMAKER: "/desk", Role.ADMIN: "/desk", Role.CONTRIBUTOR: "/my"}


def is_refused(response: Response) -> bool:
    """Return True for a failed attempt. Only failed attempts count towards the limit of an IP address."""
    return response.status_code >= 400


@blueprint.after_request
def keep_links_private(response: Response) -> Response:
    """Forbid caches and referrers on pages whose URL contains a secret link."""
    if "token" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/sign-in", allow=Allow.ANYONE, methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=request.args.get("next"))
    if form.validate_on_submit():
        attempt = PasswordTry(form.email.data)
        try:
            account = service.sign_in(
                db.session(), email=form.email.data, password=form.password.data, admit=attempt.admit
            )
        except TooManyPasswords as refusal:
            show_refusal(form, refusal)
            return render_template("accounts/sign_in.html", form=form, **_list_ways()), refusal.status
        except Refusal as refusal:
            attempt.fail()
            show_refusal(form, refusal)
        else:
            attempt.succeed()
            return enter(account, SignInMethod.PASSWORD, form.next.data)
    return render_form("accounts/sign_in.html", form, **_list_ways())


def _list_ways() -> dict[str, Any]:
    """Return the sign-in methods other than a password."""
    return {"providers": providers.list_buttons(db.session()), "passkeys": passkeys.are_possible()}


@blueprint.route("/sign-in/link", allow=Allow.ANYONE, methods=["GET", "POST"])
def ask_sign_in_link() -> ResponseReturnValue:
    return _ask_for_link(LinkRequest.SIGN_IN, service.send_sign_in_link, "accounts/ask_sign_in_link.html")


@blueprint.route("/sign-in/link/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def use_link(token: str) -> ResponseReturnValue:
    form = AccountButtonForm()
    if form.validate_on_submit():
        account = service.use_link(db.session(), token=token)
        letter_limits.forget(LinkRequest.SIGN_IN, unseal(account.email_sealed))
        return enter(account, SignInMethod.LINK)
    links.get_link(db.session(), token=token, purposes=[LinkPurpose.SIGN_IN])
    return render_form("accounts/use_link.html", form)


@blueprint.route("/sent", allow=Allow.ANYONE)
def sent() -> ResponseReturnValue:
    """Confirm that a link was requested. The page does not depend on the address."""
    return render_template("accounts/sent.html", what=request.args.get("what"), late="late" in request.args)


@blueprint.route("/sign-out", allow=Allow.ANYONE, methods=["POST"])
def sign_out() -> ResponseReturnValue:
    login.sign_out()
    flash(_("You have signed out."), "ok")
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'  # deletes text stored in the browser, for the next user
    return answer


@blueprint.route("/join", allow=Allow.ANYONE, methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    return _ask_for_link(LinkRequest.JOIN, service.register, "accounts/register.html")


@blueprint.route("/join/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def join(token: str) -> ResponseReturnValue:
    offer = service.get_offer(db.session(), token=token)
    form = AccountButtonForm() if offer.account else JoinForm()
    if form.validate_on_submit():
        given = form.answers()
        try:
            account = service.join(
                db.session(),
                token=token,
                name=given.get("name", ""),
                password=given.get("password") or None,
                language=current_language(),
            )
        except WeakPassword as refusal:
            show_refusal(form, refusal)
        else:
            return enter(account, SignInMethod.INVITATION)
    return render_form("accounts/join.html", form, offer=offer, site=face.name_site())


@blueprint.route("/reset", allow=Allow.ANYONE, methods=["GET", "POST"])
def ask_reset() -> ResponseReturnValue:
    return _ask_for_link(LinkRequest.RESET, service.send_reset_link, "accounts/ask_reset.html")


@blueprint.route("/reset/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            account = service.reset_password(db.session(), token=token, password=form.password.data)
        except WeakPassword as refusal:
            show_refusal(form, refusal)
        else:
            letter_limits.forget(LinkRequest.RESET, unseal(account.email_sealed))
            entered = enter(account, SignInMethod.RESET)
            flash(_("Password changed. All your other sessions were signed out."), "ok")
            return entered
    links.get_link(db.session(), token=token, purposes=[LinkPurpose.RESET])
    return render_form("accounts/reset.html", form)


@blueprint.route("/account", allow=Allow.SIGNED_IN)
def account() -> ResponseReturnValue:
    mine = organisations.list_organisations(db.session(), current_account())
    email = unseal(current_account().email_sealed)
    stopped = suppression.get_closed_address(db.session(), email)
    session_number = login.current_session()
    return render_template(
        "accounts/account.html",
        person=current_account(),
        email=email,
        mine=mine,
        end=AccountButtonForm(),
        stopped=stopped,
        sessions=sorted(
            sessions.list_sessions(db.session(), current_account()), key=lambda row: row.id != session_number
        ),
        here=session_number,
    )


@blueprint.route("/account/name", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def change_name() -> ResponseReturnValue:
    form = ProfileForm(name=current_account().display_name, language=current_account().language)
    if form.validate_on_submit():
        service.change_name(db.session(), current_account(), name=form.name.data, language=form.language.data)
        login.set_language(form.language.data)
        return _done(_("Name and language saved."))
    return render_form("accounts/change_name.html", form)


@blueprint.route("/account/password", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        person = current_account()
        try:
            service.change_password(db.session(), person, current=form.current.data, password=form.password.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            login.sign_in(person, SignInMethod.PASSWORD)
            return _done(_("Password changed. All your other sessions were signed out."))
    return render_form(
        "accounts/change_password.html", form, person=current_account(), email=unseal(current_account().email_sealed)
    )


@blueprint.route("/org", allow=Allow.SIGNED_IN)
def organisation_list() -> ResponseReturnValue:
    return render_template(
        "accounts/organisations.html", mine=organisations.list_organisations(db.session(), current_account())
    )


@blueprint.route("/org/new", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per day", methods=["POST"], deduct_when=lambda response: not is_refused(response))
def found() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            organisation = organisations.create_organisation(
                db.session(),
                founder=current_account(),
                name=form.name.data,
                kind=OrganisationKind(form.kind.data),
                country=form.country.data,
                website=form.website.data or None,
                registry_number=form.registry_number.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Organisation added. You can send comments in its name."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation.id), 303)
    return render_form("accounts/new_organisation.html", form)


@blueprint.route("/org/<int(max=9223372036854775807):organisation_id>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Show the members, and for owners a form to invite one."""
    form = InviteMemberForm()
    if form.validate_on_submit():
        try:
            service.invite_member(
                db.session(), by=current_account(), organisation_id=organisation_id, email=form.email.data
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("We are sending the invitation."), "ok")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)
    shown = organisations.get_page(db.session(), organisation_id, current_account())
    return render_form("accounts/organisation.html", form, it=shown, me=current_account())


@blueprint.route("/org/<int(max=9223372036854775807):organisation_id>/members", allow=Allow.SIGNED_IN, methods=["POST"])
def change_member(organisation_id: int) -> ResponseReturnValue:
    form = MemberForm()
    if not form.validate_on_submit():
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))
    organisations.change_member(
        db.session(),
        by=current_account(),
        organisation_id=organisation_id,
        account_id=form.account.data,
        change=form.change.data,
    )
    if form.account.data == current_account().id and form.change.data == "remove":
        flash(_("You have left the organisation."), "ok")
        return redirect(url_for("accounts.organisation_list"), 303)
    about_all = form.change.data in ("two_people", "one_person")
    flash(_("Saved.") if about_all else _("Members updated."), "ok")
    return redirect(url_for("accounts.organisation", organisation_id=organisation_id), 303)


def show_refusal(form: Form, refusal: Refusal) -> None:
    """Roll back the transaction and show the error in the form."""
    db.session.rollback()
    form.refuse(refusal)


def current_account() -> Account:
    """Return the signed-in account. Only for routes that require one."""
    return cast("Account", principal())


def render_form(template: str, form: Form, **more: Any) -> ResponseReturnValue:
    """Render a form's page, with status 422 if the form has errors."""
    return render_template(template, form=form, **more), 422 if form.problems else 200


def _ask_for_link(what: LinkRequest, send: Callable[..., None], template: str) -> ResponseReturnValue:
    """Show a form that requests a link. The response does not reveal whether the address has an account."""
    form = SendLinkForm()
    if form.validate_on_submit():
        admission = letter_limits.admit(what, form.email.data)
        if admission.written:
            send(db.session(), email=form.email.data, language=current_language(), strangers=admission.strangers)
        return redirect(url_for("accounts.sent", what=what, late=None if admission.written else 1), 303)
    return render_form(template, form)


def enter(account: Account, method: SignInMethod, target: str | None = None) -> ResponseReturnValue:
    """Sign in and redirect to the target, or to the second step if the account has one."""
    hooks.check_means(db.session(), account, login.find_waiting_provider())
    if not login.enter(account, method, target):
        return redirect(url_for("accounts.second_step"), 303)
    return lead_on(account, target)


def lead_on(account: Account, target: str | None) -> ResponseReturnValue:
    """Redirect to the page that the person asked for, or to the start page of their role."""
    if login.recall(login.WAITING_LINK):
        return redirect(url_for("accounts.confirm_sign_on", next=safe_next(target, "") or None), 303)
    return redirect(safe_next(target, _HOME[account.role]), 303)


def _done(words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for("accounts.account"), 303)
