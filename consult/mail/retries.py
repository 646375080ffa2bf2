"""Retry schedule of e-mails: given up after four to five days, or at once if the server refuses permanently.

Pure except for the jitter. Source: RFC 5321, section 4.5.4.1: retry for at least four to five days, with growing
pauses.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from consult.mail.model import CUT_AFTER_END, State
from consult.mail.wire import DeliveryOutcome, DeliveryResult

MAX_REFUSALS = 56
"""Attempts that ended with a temporary refusal. The pauses between them add up to 96 to 120 hours."""
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 7200
CUT_PAUSES = (2, 10, 60, 240, 720, 1440, 1440, 1440, 1440)
"""Minutes before each repeat of an e-mail that may have been delivered: at most nine, the last after 113 hours."""


@dataclass(frozen=True)
class RetryDecision:
    """The next state of an e-mail after an attempt. `state` is None if it is tried again after `pause`."""

    state: State | None
    reason: str | None = None
    cuts: int = 0
    pause: timedelta = timedelta()


def decide_retry(outcome: DeliveryOutcome, *, attempts: int, cuts: int) -> RetryDecision:
    """Return the next state after this outcome. `cuts` counts attempts after which it may have been delivered."""
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
    """Return the pause after a number of refusals: 30 seconds, doubled each time up to two hours, plus jitter."""
    return _with_jitter(min(_FIRST_PAUSE * 2 ** min(refusals, 10), _LONGEST_PAUSE), 0.25)


def _with_jitter(seconds: float, most: float) -> timedelta:
    """Add up to `most` (a fraction) to the pause, so that e-mails that failed together are not retried together.

    It is never shorter, so the minimum sum of all pauses is known.
    """
    return timedelta(seconds=seconds * random.uniform(1, 1 + most))  # noqa: S311 - jitter
