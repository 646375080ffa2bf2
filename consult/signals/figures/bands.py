"""Bands of small counts. Pure.

Counts of parts of the site's reports are published as bands, so that a count does not reveal a single report. Several
bands together can still narrow a count.
"""

from __future__ import annotations

from typing import NamedTuple


class Band(NamedTuple):
    """A range of counts, both ends included. `high` is None without an upper end."""

    low: int
    high: int | None

    def __str__(self) -> str:
        """Return the band for programs, such as 0, 1–4 or 50+. The en dash keeps spreadsheets from reading a date."""
        if self.high is None:
            return f"{self.low}+"
        return f"{self.low}–{self.high}" if self.high > self.low else str(self.low)


BANDS = (Band(0, 0), Band(1, 4), Band(5, 9), Band(10, 19), Band(20, 49), Band(50, None))


def band(n: int) -> Band:
    """Return the band of a count.

    >>> [str(band(n)) for n in (0, 1, 4, 5, 49, 1_000)]
    ['0', '1–4', '1–4', '5–9', '20–49', '50+']
    """
    return next(row for row in BANDS if row.high is None or n <= row.high)
