"""Working days: the deadline of a decision, and the time from which a submission is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FAR = 400
"""Maximum number of days to search, so that a calendar without working days ends the loop."""


@dataclass(frozen=True)
class WorkingCalendar:
    """A promised number of working days, on these weekdays (Monday is 1) without holidays."""

    days: int = 3
    weekdays: frozenset[int] = frozenset(range(1, 6))
    closed: frozenset[date] = frozenset()
    zone: str = "UTC"

    def works(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.closed

    def today(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def due_on(self, received: datetime) -> date:
        """Return the due date: the promised number of working days after the day of receipt.

        >>> from datetime import UTC
        >>> WorkingCalendar(3).due_on(datetime(2026, 11, 26, 23, 59, tzinfo=UTC)).isoformat()  # a Thursday
        '2026-12-01'
        """
        return self._working(self.today(received), 1)

    def overdue_before(self, at: datetime) -> datetime:
        """Return the time before which a submission must have been received to be overdue today.

        >>> from datetime import UTC
        >>> WorkingCalendar(3).overdue_before(datetime(2026, 12, 2, 9, tzinfo=UTC)).isoformat()  # a Wednesday
        '2026-11-27T00:00:00+00:00'
        """
        first = self._working(self.today(at), -1)
        return datetime.combine(first, time(), ZoneInfo(self.zone))

    def half_before(self, at: datetime) -> datetime:
        """Return the time before which a submission must have been received to have used half of the promised days.

        >>> from datetime import UTC
        >>> WorkingCalendar(3).half_before(datetime(2026, 12, 2, 9, tzinfo=UTC)).isoformat()  # a Wednesday
        '2026-11-30T00:00:00+00:00'
        """
        return replace(self, days=(self.days + 1) // 2).overdue_before(at)

    def _working(self, day: date, step: int) -> date:
        """Return the working day that many working days after (or before) this day, which is not counted."""
        left = self.days
        for other in _days(day, step):
            left -= self.works(other)
            if left <= 0:
                return other
        return day + step * timedelta(days=_FAR)


def _days(day: date, step: int) -> Iterator[date]:
    return (day + timedelta(days=step * n) for n in range(1, _FAR))
