"""Retry schedule of letters: given up after four to five days, or at once where the server says never.

Pure but for the jitter. Source: RFC 5321, section 4.5.4.1: retry for at least four to five days, with growing pauses.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from consult.mail.model import CUT_AFTER_END, State
from consult.mail.wire import DeliveryOutcome, DeliveryResult

MAX_REFUSALS = 56
"""Attempts that ended with "later". The pauses between them last 96 hours at least and 120 at most."""
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 7200
CUT_PAUSES = (2, 10, 60, 240, 720, 1440, 1440, 1440, 1440)
"""Minutes before each repeat of a letter that may have arrived: nine repeats at most, the last after 113 hours."""


@dataclass(frozen=True)
class RetryDecision:
    """The next state of a letter after an attempt; None if it is to be tried again after `pause`."""

    state: State | None
    reason: str | None = None
    cuts: int = 0
    pause: timedelta = timedelta()


def decide_retry(outcome: DeliveryOutcome, *, attempts: int, cuts: int) -> RetryDecision:
    """The verdict on a letter that was tried so many times before, and may have arrived after so many of them."""
    if outcome.result is DeliveryResult.SENT:
        return RetryDecision(State.SENT, None, cuts)
    if outcome.result is DeliveryResult.NOT_TO_BE_SENT:
        return RetryDecision(State.SUPPRESSED, outcome.reason, cuts)
    if outcome.result is DeliveryResult.NEVER:
        return RetryDecision(State.FAILED, outcome.reason, cuts)
    if outcome.result is DeliveryResult.UNCERTAIN:
        if cuts >= len(CUT_PAUSES):
            return RetryDecision(State.DEAD, f"{CUT_AFTER_END}, {cuts + 1} times: it may have arrived", cuts + 1)
        return RetryDecision(None, CUT_AFTER_END, cuts + 1, _with_jitter(60 * CUT_PAUSES[cuts], 0.05))
    refusals = max(attempts - cuts, 0)
    if refusals + 1 >= MAX_REFUSALS:
        return RetryDecision(State.DEAD, f"too many attempts, last: {outcome.reason}", cuts)
    return RetryDecision(None, outcome.reason, cuts, backoff(refusals))


def backoff(refusals: int) -> timedelta:
    """The pause after so many earlier refusals: half a minute, doubled each time up to two hours, and some jitter."""
    return _with_jitter(min(_FIRST_PAUSE * 2 ** min(refusals, 10), _LONGEST_PAUSE), 0.25)


def _with_jitter(seconds: float, most: float) -> timedelta:
    """Never shorter, so that the sum of the pauses is known; letters of one fault do not come back all at once."""
    return timedelta(seconds=seconds * random.uniform(1, 1 + most))  # noqa: S311 - jitter
