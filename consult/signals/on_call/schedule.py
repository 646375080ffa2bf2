"""Schedule of reminders to people on call. Pure."""

from __future__ import annotations

from datetime import timedelta

from consult.signals.on_call.model import AlarmKind

_MINUTES: dict[AlarmKind, tuple[tuple[int, ...], int]] = {
    AlarmKind.VERIFIED: ((0, 15, 30, 60), 60),
    AlarmKind.UNVERIFIED: ((0, 30, 90, 210), 240),
}
"""The minutes of the first reminders, and the pause after the last of them."""
SECOND_AFTER, ALL_AFTER = timedelta(minutes=30), timedelta(minutes=60)


def count_turns(kind: AlarmKind, waited: timedelta) -> int:
    """Return the number of reminders due after a time.

    >>> [count_turns(AlarmKind.VERIFIED, timedelta(minutes=n)) for n in (0, 14, 15, 60, 119, 120)]
    [1, 1, 2, 4, 4, 5]
    """
    minutes, pause = _MINUTES[kind]
    passed = waited // timedelta(minutes=1)
    return sum(minute <= passed for minute in minutes) + max((passed - minutes[-1]) // pause, 0)
