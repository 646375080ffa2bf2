"""The page of an account's access tokens: /account/tokens."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import AccountButtonForm
from consult.accounts.second_factor.views import check_password
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.forms import SCOPES, AccessTokenForm
from consult.accounts.tokens.model import Scope
from consult.accounts.views import blueprint, current_account, is_refused, show_refusal
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter


@blueprint.route("/account/tokens", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def access_tokens() -> ResponseReturnValue:
    """List the account's tokens and create one. Its secret is shown once, in the answer to the form."""
    person, form = current_account(), AccessTokenForm()
    form.offer(person.display_name, tokens.list_organisations(db.session(), person))
    if not person.password_hash:
        del form["current"]
    secret = ""
    if form.validate_on_submit():
        try:
            check_password(form, person)
            scopes = [Scope(scope) for scope in form.scopes.data]
            organisation_id = int(form.acts_for.data) if form.acts_for.data else None
            tokens.check_scopes(db.session(), scopes, organisation_id)
            secret = tokens.create(
                db.session(),
                person,
                name=form.name.data,
                scopes=scopes,
                organisation_id=organisation_id,
                days=int(form.days.data),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
    answer = make_response(
        render_template(
            "accounts/tokens.html",
            form=form,
            secret=secret,
            rows=tokens.list_tokens(db.session(), person),
            labels=SCOPES,
            end=AccountButtonForm(formdata=None),
            at=now(),
        ),
        422 if form.problems else 200,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route(
    "/account/tokens/<int(max=9223372036854775807):number>/delete", allow=Allow.SIGNED_IN, methods=["POST"]
)
def delete_access_token(number: int) -> ResponseReturnValue:
    if AccountButtonForm().validate_on_submit():
        tokens.revoke(db.session(), current_account(), number)
        flash(_("Token deleted. It no longer works."), "ok")
    return redirect(url_for("accounts.access_tokens"), 303)
