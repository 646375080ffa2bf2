"""Limits on letters with a link that anybody can ask for. See docs/decisions/0037-sign-in.md.

A request beyond them is answered too, without a letter: the links that were sent before still work. A letter goes at
least so often that one of them is good at any time, so nobody keeps the owner out by asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from consult.core.logs import log_bounded
from consult.core.web import limits


class LinkRequest(StrEnum):
    """What a link is asked for: in its page's address."""

    SIGN_IN = "sign-in"
    RESET = "reset"
    JOIN = "join"


@dataclass(frozen=True)
class LetterLimit:
    """So many letters freely, and then at least one in a part of the life of a link."""

    freely: RateLimitItem
    then: RateLimitItem


LIMITS = {
    LinkRequest.SIGN_IN: LetterLimit(RateLimitItemPerHour(3), RateLimitItemPerMinute(1, 15)),  # of 30 minutes
    LinkRequest.RESET: LetterLimit(RateLimitItemPerHour(3), RateLimitItemPerMinute(1, 30)),  # of 60 minutes
    LinkRequest.JOIN: LetterLimit(RateLimitItemPerDay(3), RateLimitItemPerHour(1, 12)),  # of a day
}
PER_NETWORK = RateLimitItemPerHour(60, namespace="letters-network")
"""Of requests from one network for any addresses: beyond, only addresses that have an account are written to."""


@dataclass(frozen=True)
class LetterAdmission:
    """Whether a letter is written, and whether one may go to an address without an account."""

    written: bool
    strangers: bool


def admit(request: LinkRequest, email: str) -> LetterAdmission:
    """Counts a request for a link. The answer depends on what was asked before, never on who has an account."""
    calm = limits.take(PER_NETWORK, limits.network_key())
    limit, key = LIMITS[request], _key(email)
    written = (calm and limits.take(limit.freely, request, "freely", key)) or limits.take(
        limit.then, request, "then", key
    )
    if not (calm and written):
        log_bounded("letters.limited", request=request)
    return LetterAdmission(written, calm)


def forget(request: LinkRequest, email: str) -> None:
    """A link was used: its owner may ask for others."""
    limit, key = LIMITS[request], _key(email)
    limits.give_back(limit.freely, request, "freely", key)
    limits.give_back(limit.then, request, "then", key)


def _key(email: str) -> str:
    return limits.blind_key("email", email.strip().casefold())
