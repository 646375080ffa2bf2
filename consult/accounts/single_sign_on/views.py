"""Single sign-on pages: /sign-in/with/<slug>, /account/sign-on.

A provider redirects the browser back with a GET, which changes nothing. That page submits the response as a form, by
script or by a button.
"""

from __future__ import annotations

import secrets
import time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import hooks, login
from consult.accounts.forms import AccountButtonForm
from consult.accounts.sessions.model import SignInMethod
from consult.accounts.sessions.service import ProviderLink
from consult.accounts.single_sign_on import identities, providers, service
from consult.accounts.single_sign_on.forms import BeginForm, CallbackForm
from consult.accounts.single_sign_on.service import ProviderIdentity
from consult.accounts.views import blueprint, current_account, is_refused, lead_on
from consult.core.crypto import hash_token, seal, unseal
from consult.core.db import db, separate_transaction
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.logs import log_bounded
from consult.core.text import one_line
from consult.core.web import limits
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.limits import limiter
from consult.core.web.requests import csrf as protection
from consult.core.web.requests import principal, safe_next

_BROWSER = "sign_on_browser"
_NEXT = 500
SIGN_ON_ROUTE = "/sign-in/with/<slug>"


@blueprint.route(SIGN_ON_ROUTE, allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("60 per hour", methods=["POST"], key_func=limits.caller_key)
def begin_sign_on(slug: str) -> ResponseReturnValue:
    """Show a page that leads the browser to the provider, since a form may not redirect to another site."""
    form = BeginForm()
    if not form.validate_on_submit():
        return redirect(url_for("accounts.sign_in"), 303)
    provider = providers.get_provider(db.session(), slug)
    browser = secrets.token_urlsafe(32)
    address = service.begin(
        db.session(), provider, browser=browser, callback=_callback(slug), target=safe_next(form.next.data, "")[:_NEXT]
    )
    login.remember_for(_BROWSER, browser)
    page = render_template("accounts/sign_on_away.html", provider=provider, address=address)
    return page, 200, {"Cache-Control": "no-store", "Refresh": f"0;url={address}", "Referrer-Policy": "no-referrer"}


@blueprint.route(f"{SIGN_ON_ROUTE}/back", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"], deduct_when=is_refused, key_func=limits.caller_key)
def end_sign_on(slug: str) -> ResponseReturnValue:
    """Handle the callback from a provider."""
    provider = providers.get_provider(db.session(), slug)
    if request.method == "GET":
        form = CallbackForm(**{name: request.args.get(name, "") for name in ("code", "state", "iss", "error")})
        page = render_template("accounts/sign_on_back.html", provider=provider, form=form)
        return page, 200, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    form = CallbackForm()
    if not form.validate_on_submit():
        return redirect(url_for("accounts.sign_in"), 303)
    browser = str(login.recall(_BROWSER) or "")
    with separate_transaction() as apart:  # used up even if the sign-in fails
        attempt = service.use_attempt(
            apart, providers.get_provider(apart, slug), state=form.state.data, browser=browser
        )
    if form.error.data:
        raise service.SignOnRefused(_("The provider did not sign you in. Sign in another way, or try again."))
    who = service.read_answer(
        provider, attempt, code=form.code.data, issuer=form.iss.data or None, callback=_callback(slug)
    )
    login.remember_for(_BROWSER, None)
    return _admit(who)


@blueprint.route("/account/sign-on", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def confirm_sign_on() -> ResponseReturnValue:
    """Link a confirmed identity to the signed-in account after the user agrees."""
    kept = login.recall(login.WAITING_LINK)
    target = safe_next(request.args.get("next"), url_for("accounts.security"))
    if not isinstance(kept, list) or len(kept) != 4 or not 0 <= _minute() - kept[2] <= login.WAITING_MINUTES:
        login.remember_for(login.WAITING_LINK, None)
        return redirect(target, 303)
    provider = providers.get_provider(db.session(), kept[0])
    if AccountButtonForm().validate_on_submit():
        login.remember_for(login.WAITING_LINK, None)
        if request.form.get("do") == "link":
            identities.link(db.session(), current_account(), provider_id=provider.id, subject=kept[1])
            flash(_("Account linked. You can now sign in with %(provider)s.", provider=provider.name), "ok")
        return redirect(target, 303)
    name, email = unseal(kept[3]).split("\n")
    return render_template(
        "accounts/confirm_sign_on.html",
        provider=provider,
        name=name,
        email=email,
        subject=kept[1],
        address=unseal(current_account().email_sealed),
        form=AccountButtonForm(),
    )


@blueprint.route(
    "/account/sign-on/<int(max=9223372036854775807):number>/remove", allow=Allow.SIGNED_IN, methods=["POST"]
)
def unlink_sign_on(number: int) -> ResponseReturnValue:
    if AccountButtonForm().validate_on_submit():
        identities.unlink(db.session(), current_account(), number)
        flash(_("Link removed. Sessions started through it have ended."), "ok")
    return redirect(url_for("accounts.security"), 303)


@blueprint.route(f"{SIGN_ON_ROUTE}/sign-out", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("600 per hour", methods=["POST"], key_func=limits.caller_key)
def sign_out_by_provider(slug: str) -> ResponseReturnValue:
    """Handle a back-channel logout request of a provider's server. The signed token replaces the cookie."""
    provider = providers.get_provider(db.session(), slug)
    try:
        ended = service.sign_out(db.session(), provider, token=request.form.get("logout_token", ""))
    except Refusal as refusal:
        log_bounded("sign_on.logout_refused", provider=provider.id)
        return {"error": "invalid_request", "error_description": type(refusal).__name__}, 400, _UNSTORED
    log_bounded("sign_on.logout", provider=provider.id, sessions=ended)  # nosemgrep: request-into-log - a count
    return "", 200, _UNSTORED


protection.exempt(sign_out_by_provider)
_UNSTORED = {"Cache-Control": "no-store"}


def _admit(who: ProviderIdentity) -> ResponseReturnValue:
    """Sign in the account of the identity. If there is none, ask the user to sign in as before and link it."""
    session = db.session()
    known = identities.find_account(session, who)
    if known is None and principal() is None:
        known = identities.admit_by_address(session, who)
    if known is None:
        login.remember_for(login.WAITING_LINK, [who.provider.slug, who.subject, _minute(), seal(_describe(who))])
        if principal() is not None:
            return redirect(url_for("accounts.confirm_sign_on", next=who.next or None), 303)
        flash(
            _(
                "Your login at %(provider)s is not linked to an account here yet. Sign in the way you usually "
                "do, or create an account. Then you can link the two.",
                provider=who.provider.name,
            )
        )
        return redirect(url_for("accounts.sign_in", next=who.next or None), 303)
    identity, account = known
    identities.apply_roles(session, identity, account, who)
    hooks.check_means(session, account, who.provider.slug)
    link = ProviderLink(identity.id, hash_token(who.session) if who.session else None, who.provider.own_factor)
    if not login.enter(account, SignInMethod.SIGN_ON, who.next, link=link):
        return redirect(url_for("accounts.second_step"), 303)
    return lead_on(account, who.next)


def _describe(who: ProviderIdentity) -> str:
    """Return the name and address that the linking page shows.

    They are encrypted in the cookie because the next user of the computer could read it.
    """
    return f"{one_line(who.name)}\n{one_line(who.email or '')}"


def _callback(slug: str) -> str:
    return public_url("accounts.end_sign_on", slug=slug)


def _minute() -> int:
    return int(time.time()) // 60
