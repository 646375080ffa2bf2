"""Keys of the regulations.gov interface: access tokens, and DEMO_KEY in the demo. Each has a limit."""

from __future__ import annotations

import time

import flask
from flask import Response, g, request
from limits import RateLimitItem, parse

from consult.accounts.tokens.model import AccessToken, Scope
from consult.api import authorisation, limits
from consult.api.problems import ApiProblem
from consult.api.v4.refusals import KeyProblem
from consult.core.web.limits import network_key, read_window, take
from consult.core.web.requests import Blueprint, csrf, settings

DEMO_KEY = "DEMO_KEY"
DEMO_READS = parse("40/hour")
_EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, Retry-After"


def prepare(blueprint: Blueprint) -> Blueprint:
    """Check the key of every request of a blueprint, count it, and add the headers that clients read."""
    csrf.exempt(blueprint)  # keys are sent in a header or in the web address, which another site cannot add
    blueprint.before_request(_check_key)
    blueprint.after_request(add_headers)
    return blueprint


def get_sent_key() -> str:
    """Return the key of the request, or an empty text."""
    return (request.headers.get("X-Api-Key") or request.args.get("api_key") or "").strip()


def get_token(scope: Scope) -> AccessToken:
    """Return the token of the request. Raises ApiProblem for DEMO_KEY, or a token without this scope."""
    if authorisation.find_token() is None:
        raise ApiProblem("not-allowed", "DEMO_KEY cannot send comments. Use a token from the page Access tokens.")
    return authorisation.get_token(scope)


def _check_key() -> None:
    if request.method == "OPTIONS" or request.endpoint == "v4.put_file":  # the address of a file needs no key
        return
    key = get_sent_key()
    if not key:
        raise KeyProblem("API_KEY_MISSING", "No API key was supplied. Send one as X-Api-Key.")
    if key == DEMO_KEY and settings().demo:
        authorisation.use_demo_key()
        _count(DEMO_READS, network_key(), "v4-demo")
        return
    authorisation.use_secret(key)
    if authorisation.find_token() is None:
        raise KeyProblem("API_KEY_INVALID", "An invalid API key was supplied.")
    limits.count_request()
    g.v4_limit = (*g.api_limit, "api")


def _count(limit: RateLimitItem, key: str, kind: str) -> None:
    g.v4_limit = (limit, key, kind)
    if not take(limit, kind, key):
        raise ApiProblem("too-many-requests", "You have exceeded your rate limit. Try again later.")


def _get_limit() -> tuple[RateLimitItem, str, str]:
    """Return the limit of the request with its counter: that of the key, or else of the network."""
    if (counted := g.get("v4_limit")) is not None:
        limit, key, kind = counted
        return limit, key, kind
    limit, key = g.get("api_limit") or (limits.READS, network_key())
    return limit, key, "api"


def add_headers(answer: Response) -> Response:
    """Add the limit and what is left of it as numbers, and let pages of other sites read the answer."""
    flask.session.modified = False  # no cookie, whatever the request carried
    limit, key, kind = _get_limit()
    left, reset = read_window(limit, kind, key)
    head = answer.headers
    head["X-RateLimit-Limit"], head["X-RateLimit-Remaining"] = str(limit.amount), str(max(left, 0))
    if answer.status_code == 429:
        head["Retry-After"] = str(max(1, int(reset - time.time()) + 1))
    head["Access-Control-Allow-Origin"] = "*"
    head["Access-Control-Allow-Methods"] = "GET, POST, PUT, OPTIONS"
    head["Access-Control-Allow-Headers"] = "X-Api-Key, Content-Type, Accept"
    head["Access-Control-Expose-Headers"] = _EXPOSED
    head["Cache-Control"] = "private, no-store"
    return answer
