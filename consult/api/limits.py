"""Rate limits of the interface: by token, else by blinded network."""

from __future__ import annotations

import time

from flask import Response, g, request
from limits import parse

from consult.accounts.tokens.model import AccessToken
from consult.api.authorisation import find_token
from consult.api.problems import ApiProblem
from consult.core.i18n import _
from consult.core.web.limits import blind_key, filing_limit, network_key, read_window, take

READS = parse("600/hour")
READS_WITH_TOKEN = parse("5000/hour")
FILES = parse("12/hour")
"""Whole lists, also with a token."""
UPLOADS = parse("120/hour")
"""As many as the form takes from a network."""


def has_token() -> bool:
    """Return whether the request carries a valid token."""
    return find_token() is not None


def count_request() -> None:
    """Count a request. Raises ApiProblem if the limit of its token or network is used up."""
    if request.method == "OPTIONS":
        return
    token = find_token()
    g.api_limit = (READS_WITH_TOKEN, _token_key(token)) if token else (READS, network_key())
    limit, key = g.api_limit
    _check(take(limit, "api", key))


def count_file() -> None:
    """Count a download of a whole list. Raises ApiProblem."""
    _limit, key = g.api_limit
    _check(take(FILES, "api-file", key))


def count_upload() -> None:
    """Count a file that a token uploads. Raises ApiProblem."""
    _limit, key = g.api_limit
    _check(take(UPLOADS, "api-upload", key))


def count_upload_of(token: AccessToken) -> None:
    """Count a file that is uploaded to an address made for a token. Raises ApiProblem."""
    _check(take(UPLOADS, "api-upload", _token_key(token)))


def count_filing() -> None:
    """Count a submission of a token, with the limit that forms have for a network. Raises ApiProblem."""
    _limit, key = g.api_limit
    _check(take(parse(filing_limit()), "api-filing", key))


def _token_key(token: AccessToken) -> str:
    return blind_key("token", str(token.id))


def _check(within: bool) -> None:
    if not within:
        raise ApiProblem(
            "too-many-requests", _("Too many attempts in a short time. Wait a few minutes, then try again.")
        )


def add_headers(answer: Response) -> None:
    """Add the limit, what is left of it and when it is full again. Source: draft-ietf-httpapi-ratelimit-headers-10."""
    if "api_limit" not in g:
        return
    limit, key = g.api_limit
    left, reset = read_window(limit, "api", key)
    seconds = max(1, int(reset - time.time()) + 1)
    answer.headers["RateLimit-Policy"] = f'"requests";q={limit.amount};w={limit.get_expiry()}'
    answer.headers["RateLimit"] = f'"requests";r={left};t={seconds}'
    if answer.status_code == 429:
        answer.headers["Retry-After"] = str(seconds)
