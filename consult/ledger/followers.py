"""Followers of the ledger: each handles every entry once, in numerical order.

The position moves in the transaction that handles the entries, so a killed process loses at most one step and no entry
is handled twice. Numbers follow the order of commits, so no entry appears behind a position.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.core.db import advisory_lock, try_advisory_lock
from consult.ledger.model import Kind, LedgerEntry
from consult.ledger.service import HEAD_SQL

SITE = 0
"""Stands for a consultation id when a follower handles the entries of all consultations as one sequence."""
_STEP_SECONDS = 5.0
_LEAST = 500
"""Entries in the smallest step, because each step has a fixed cost."""
_followers: dict[str, Follower] = {}

_POSITION_SQL = "coalesce((SELECT upto FROM follower WHERE name = :name AND consultation_id = :consultation), 1)"
_POSITION = text(f"SELECT {_POSITION_SQL}")
_NEXT = text(f"SELECT {_POSITION_SQL} AS since, {HEAD_SQL} AS head")
_MOVE = text(
    """
    INSERT INTO follower (name, consultation_id, upto) VALUES (:name, :consultation, :until)
    ON CONFLICT (name, consultation_id) DO UPDATE SET upto = excluded.upto
    """
)
_SITE_LAG = text(
    f"SELECT count(*) FROM ledger WHERE number >= {_POSITION_SQL} AND kind = ANY(:kinds)"  # noqa: S608 - constants
)
_LAG = text(
    """
    WITH RECURSIVE consultations AS (
        SELECT min(consultation_id) AS id FROM ledger
        UNION ALL
        SELECT (SELECT min(consultation_id) FROM ledger WHERE consultation_id > c.id) FROM consultations c
        WHERE c.id IS NOT NULL
    )
    SELECT coalesce(sum(unread.n), 0) FROM consultations c
    LEFT JOIN follower f ON f.name = :name AND f.consultation_id = c.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM ledger
        WHERE consultation_id = c.id AND number >= coalesce(f.upto, 1) AND kind = ANY(:kinds) OFFSET 0
    ) AS unread
    """
)
"""Finds consultations one by one in an index and reads only the entries after each position."""
_SITE_LATE = text(
    f"SELECT EXISTS (SELECT FROM ledger WHERE number >= {_POSITION_SQL} "  # noqa: S608 - constants
    "AND number <= :until AND kind = ANY(:kinds))"
)
_LATE = text(
    """
    WITH RECURSIVE consultations AS (
        SELECT min(consultation_id) AS id FROM ledger
        UNION ALL
        SELECT (SELECT min(consultation_id) FROM ledger WHERE consultation_id > c.id) FROM consultations c
        WHERE c.id IS NOT NULL
    )
    SELECT EXISTS (
        SELECT FROM consultations c
        LEFT JOIN follower f ON f.name = :name AND f.consultation_id = c.id
        CROSS JOIN LATERAL (
            SELECT FROM ledger WHERE consultation_id = c.id AND number >= coalesce(f.upto, 1) AND number <= :until
            AND kind = ANY(:kinds) LIMIT 1
        ) AS unread
    )
    """
)


@dataclass(frozen=True)
class Window:
    """The entries with `since <= number < until` of one consultation, or of all (SITE). `at` is the handling time."""

    consultation_id: int
    since: int
    until: int
    at: datetime | None = None

    @property
    def values(self) -> dict[str, int]:
        """Return the parameters `:consultation`, `:since` and `:until` of a statement."""
        return {"consultation": self.consultation_id, "since": self.since, "until": self.until}


Handle = Callable[[Session, Window], None]


@dataclass(eq=False)
class Follower:
    """A follower of the ledger. `handle` receives consecutive windows, so that each entry is handled once.

    Only entries of `kinds` count as lag. A window holds at most `step` entries. `after` is the follower whose results
    it needs: it never goes further than that one. With `shares_lock` it relies on the lock of `after`. A `site`
    follower has one position for all consultations. Any other follower has one for each.
    """

    name: str
    kinds: Collection[Kind]
    handle: Handle = field(repr=False)
    step: int = 1_000
    after: Follower | None = None
    shares_lock: bool = False
    site: bool = False
    _most: int = field(default=_LEAST, init=False)

    def __post_init__(self) -> None:
        _followers[self.name] = self

    def lock(self, session: Session, consultation_id: int = SITE) -> None:
        """Wait for the lock of this follower and hold it until the transaction ends."""
        advisory_lock(session, self._lock_name, consultation_id)

    def try_lock(self, session: Session, consultation_id: int = SITE) -> bool:
        """Take the lock of this follower if it is free, and return whether it was taken."""
        return try_advisory_lock(session, self._lock_name, consultation_id)

    def try_lock_all(self, session: Session, consultation_id: int) -> bool:
        """Take all locks that `follow` needs, in the same order, if they are free. Return whether they were taken."""
        if self.after is not None and not self.after.try_lock_all(session, consultation_id):
            return False
        return self.shares_lock or self.try_lock(session, consultation_id)

    def get_position(self, session: Session, consultation_id: int = SITE) -> int:
        """Return the number of the next entry to handle. Every lower one was handled."""
        return int(session.execute(_POSITION, self._key(consultation_id)).scalar_one())

    def next_window(
        self, session: Session, consultation_id: int = SITE, *, most: int | None = None
    ) -> tuple[Window, int]:
        """Return the window of the next step, empty if there is nothing to do, and the head of the ledger."""
        since, head = session.execute(_NEXT, self._key(consultation_id)).one()
        return Window(consultation_id, since, max(since, min(head, since + (most or self.step)))), head

    def follow(self, session: Session, *, consultation_id: int, until: int, at: datetime | None = None) -> int:
        """Handle the consultation's entries below `until` and return the new position.

        Runs are serialised for each consultation and safe to repeat. A position beyond `until` does not move.
        """
        if self.after is not None:
            until = self.after.follow(session, consultation_id=consultation_id, until=until, at=at)
        if not self.shares_lock:
            self.lock(session, consultation_id)
        since = self.get_position(session, consultation_id)
        while since < until:
            window = Window(consultation_id, since, min(until, since + self.step), at)
            self.handle_window(session, window)
            since = window.until
        return since

    @contextmanager
    def paced_step(self) -> Iterator[int]:
        """Yield the number of entries for a step, and adjust it so that a step takes about five seconds.

        The cost of entries can differ by a factor of a thousand. A step that fails or reaches its task's time limit is
        measured too, so it is repeated in smaller steps.
        """
        started = time.monotonic()
        try:
            yield self._most
        finally:
            wanted = self._most * _STEP_SECONDS / max(time.monotonic() - started, 0.001)
            self._most = int(max(_LEAST, min(wanted, 2 * self._most, self.step)))

    def handle_next(self, session: Session, consultation_id: int, *, most: int) -> int | None:
        """Handle the consultation's next entries. The caller commits before the next step.

        Unlike `follow`, this does not stop where `after` has gone further. Return the remaining number of entries, or
        None if another process holds the lock and nothing was done.
        """
        if not self.try_lock_all(session, consultation_id):
            return None
        window, head = self.next_window(session, consultation_id, most=most)
        if self.after is not None:
            self.after.follow(session, consultation_id=consultation_id, until=window.until)
        self.handle_window(session, window)
        return int(head) - window.until

    def follow_site(self, session: Session, *, most: int | None = None) -> int:
        """Handle the next entries of all consultations and return their number.

        Return 0 if there are none or another process holds the lock.
        """
        if not self.try_lock(session):
            return 0
        window, _head = self.next_window(session, most=most)
        self.handle_window(session, window)
        return window.until - window.since

    def handle_window(self, session: Session, window: Window) -> None:
        """Handle the entries of a window, if any, and move the position. The lock must be held."""
        if window.since < window.until:
            self.handle(session, window)
            session.execute(_MOVE, {**self._key(window.consultation_id), "until": window.until})

    def list_entries(self, session: Session, window: Window) -> Sequence[LedgerEntry]:
        """Return the entries of a window whose kind is in `kinds`, in order."""
        numbers = [LedgerEntry.number >= window.since, LedgerEntry.number < window.until]
        if window.consultation_id != SITE:
            numbers.append(LedgerEntry.consultation_id == window.consultation_id)
        query = select(LedgerEntry).where(*numbers, LedgerEntry.kind.in_(self.kinds)).order_by(LedgerEntry.number)
        return session.scalars(query).all()

    @property
    def module(self) -> str:
        """Return the name of the module whose work this is."""
        return self.handle.__module__

    @property
    def kind_values(self) -> list[str]:
        """Return the values of `kinds` for the parameter `:kinds`."""
        return [kind.value for kind in self.kinds]

    @property
    def _lock_name(self) -> str:
        return f"follower.{self.name}"

    def _key(self, consultation_id: int) -> dict[str, str | int]:
        return {"name": self.name, "consultation": consultation_id}


def find_late(session: Session, *, until: int) -> Sequence[Follower]:
    """Return the followers that have yet to handle an entry up to this number, by name."""
    asked = {each.name: {**each._key(SITE), "kinds": each.kind_values, "until": until} for each in _followers.values()}
    return [
        each
        for name, each in sorted(_followers.items())
        if session.scalar(_SITE_LATE if each.site else _LATE, asked[name])
    ]


def measure_lags(session: Session) -> Mapping[str, int]:
    """Return the number of unhandled entries by follower name."""
    asked = ((each, {**each._key(SITE), "kinds": each.kind_values}) for each in _followers.values())
    return {each.name: int(session.scalar(_SITE_LAG if each.site else _LAG, values) or 0) for each, values in asked}
