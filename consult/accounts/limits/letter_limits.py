"""Limits on e-mails with links that anyone can request. See docs/decisions/0037-sign-in.md.

A request beyond the limit sends no e-mail; links sent before still work. E-mails are sent often enough that one link is
valid at any time. So an attacker cannot lock the owner out by sending requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from consult.core.logs import log_bounded
from consult.core.web import limits


class LinkRequest(StrEnum):
    """The purpose of a requested link, as it appears in the page's URL."""

    SIGN_IN = "sign-in"
    RESET = "reset"
    JOIN = "join"


@dataclass(frozen=True)
class LetterLimit:
    """Limits on e-mails to one address: `freely` is the first limit; beyond it, `then` applies."""

    freely: RateLimitItem
    then: RateLimitItem


LIMITS = {
    LinkRequest.SIGN_IN: LetterLimit(RateLimitItemPerHour(3), RateLimitItemPerMinute(1, 15)),  # links last 30 minutes
    LinkRequest.RESET: LetterLimit(RateLimitItemPerHour(3), RateLimitItemPerMinute(1, 30)),  # links last 60 minutes
    LinkRequest.JOIN: LetterLimit(RateLimitItemPerDay(3), RateLimitItemPerHour(1, 12)),  # links last a day
}
PER_NETWORK = RateLimitItemPerHour(60, namespace="letters-network")
"""Requests from one network for any addresses. Beyond the limit, only addresses with an account get e-mail."""


@dataclass(frozen=True)
class LetterAdmission:
    """The decision whether an e-mail is sent, and whether it may go to an address without an account."""

    written: bool
    strangers: bool


def admit(request: LinkRequest, email: str) -> LetterAdmission:
    """Count a request for a link and return whether to send it. The result never depends on who has an account."""
    calm = limits.take(PER_NETWORK, limits.network_key())
    limit, key = LIMITS[request], _key(email)
    written = (calm and limits.take(limit.freely, request, "freely", key)) or limits.take(
        limit.then, request, "then", key
    )
    if not (calm and written):
        log_bounded("letters.limited", request=request)
    return LetterAdmission(written, calm)


def forget(request: LinkRequest, email: str) -> None:
    """Reset the count after the owner has used a link."""
    limit, key = LIMITS[request], _key(email)
    limits.give_back(limit.freely, request, "freely", key)
    limits.give_back(limit.then, request, "then", key)


def _key(email: str) -> str:
    return limits.blind_key("email", email.strip().casefold())
