"""The token of a request: read from its header, checked once, and required by operations for one of its scopes."""

from __future__ import annotations

from flask import g, request

from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import AccessToken, Scope
from consult.api.problems import ApiProblem
from consult.core.clock import now
from consult.core.db import db, separate_transaction
from consult.core.i18n import _


def find_token() -> AccessToken | None:
    """Return the valid token of the request, or None. The day of its use is noted once a day."""
    if "api_token" not in g:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        use_secret(secret.strip() if kind.casefold() == "bearer" else "")
    token: AccessToken | None = g.api_token
    return token


def use_secret(secret: str) -> None:
    """Take the token with this secret, if it is valid, as that of the request."""
    g.api_token = tokens.find(db.session(), secret)
    today = now().date()
    if g.api_token is not None and g.api_token.used_on != today:
        with separate_transaction() as session:
            tokens.note_use(session, g.api_token.id, today)


def check_program() -> None:
    """Raise ApiProblem unless the request carries a valid token, or a secret that its operation checks.

    In a demo, the key of the demo is enough. It opens nothing that a token is asked for.
    """
    if "Consult-Return" not in request.headers and not g.get("has_demo_key"):
        get_token()


def use_demo_key() -> None:
    """Let the request in without a token."""
    g.api_token, g.has_demo_key = None, True


def get_token(scope: Scope | None = None) -> AccessToken:
    """Return the token of the request. Raises ApiProblem without a valid one, or without this scope."""
    token = find_token()
    if token is None:
        raise ApiProblem("token-required", _("Send a valid token as Authorization: Bearer."))
    if scope is not None and scope not in token.scopes:
        raise ApiProblem("not-allowed", _("This token does not permit this request."))
    return token
