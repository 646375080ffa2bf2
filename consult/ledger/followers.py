"""Followers of the ledger: each handles every entry once, in order of the numbers.

The cursor moves in the transaction that handles the entries, so a killed process loses one step and nothing is handled
twice. Numbers follow the order of commits, so no entry appears behind a cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.core.db import advisory_lock, try_advisory_lock
from consult.ledger.model import Kind, LedgerEntry
from consult.ledger.service import HEAD_SQL

SITE = 0
"""In the place of a consultation's number: the follower goes through the entries of all consultations as one."""
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
"""Consultations are found one by one in an index, and of each only what comes after the position is read."""


@dataclass(frozen=True)
class Window:
    """Entries `since <= number < until` of a consultation, or (SITE) of all; `at`: the moment they are handled at."""

    consultation_id: int
    since: int
    until: int
    at: datetime | None = None

    @property
    def values(self) -> dict[str, int]:
        """Its parameters in a statement: `:consultation`, `:since`, `:until`."""
        return {"consultation": self.consultation_id, "since": self.since, "until": self.until}


Handle = Callable[[Session, Window], None]


@dataclass(eq=False)
class Follower:
    """Somebody who follows the ledger: `handle` is given one window after another, and each entry is in one of them.

    `kinds` are the entries that matter to it: only they count as lag. It handles at most `step` entries at a time.
    `after` is the follower whose results it needs: it goes where that one has gone. With `shares_lock` it needs no
    lock of its own, as the lock of `after` is held by then. One of the whole `site` has one position for all
    consultations; every other has one for each.
    """

    name: str
    kinds: Collection[Kind]
    handle: Handle = field(repr=False)
    step: int = 1_000
    after: Follower | None = None
    shares_lock: bool = False
    site: bool = False

    def __post_init__(self) -> None:
        _followers[self.name] = self

    def lock(self, session: Session, consultation_id: int = SITE) -> None:
        """Waits until no other follows here; held until the transaction ends."""
        advisory_lock(session, self._lock_name, consultation_id)

    def try_lock(self, session: Session, consultation_id: int = SITE) -> bool:
        """Takes the lock where no other follows here; says whether it did."""
        return try_advisory_lock(session, self._lock_name, consultation_id)

    def get_position(self, session: Session, consultation_id: int = SITE) -> int:
        """The number of the next entry to handle: every entry below was handled."""
        return int(session.execute(_POSITION, self._key(consultation_id)).scalar_one())

    def next_window(
        self, session: Session, consultation_id: int = SITE, *, most: int | None = None
    ) -> tuple[Window, int]:
        """The entries of the next step, none where it is level; and the head of the ledger."""
        since, head = session.execute(_NEXT, self._key(consultation_id)).one()
        return Window(consultation_id, since, max(since, min(head, since + (most or self.step)))), head

    def follow(self, session: Session, *, consultation_id: int, until: int, at: datetime | None = None) -> int:
        """Handles the consultation's entries below `until`; gives the number it is now at.

        Serial per consultation, and safe to repeat. A position beyond `until` stays where it is.
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

    def follow_site(self, session: Session, *, most: int | None = None) -> int:
        """Handles the next entries of all consultations; gives how many, 0 where it is level or another is at it."""
        if not self.try_lock(session):
            return 0
        window, _head = self.next_window(session, most=most)
        self.handle_window(session, window)
        return window.until - window.since

    def handle_window(self, session: Session, window: Window) -> None:
        """Handles the entries of a window, if there are any, and moves there. The lock must be held."""
        if window.since < window.until:
            self.handle(session, window)
            session.execute(_MOVE, {**self._key(window.consultation_id), "until": window.until})

    def list_entries(self, session: Session, window: Window) -> Sequence[LedgerEntry]:
        """The entries of a window that matter to it, in order."""
        here = [LedgerEntry.number >= window.since, LedgerEntry.number < window.until]
        if window.consultation_id != SITE:
            here.append(LedgerEntry.consultation_id == window.consultation_id)
        query = select(LedgerEntry).where(*here, LedgerEntry.kind.in_(self.kinds)).order_by(LedgerEntry.number)
        return session.scalars(query).all()

    @property
    def kind_values(self) -> list[str]:
        """Its kinds as a statement's `:kinds`."""
        return [kind.value for kind in self.kinds]

    @property
    def _lock_name(self) -> str:
        return f"follower.{self.name}"

    def _key(self, consultation_id: int) -> dict[str, str | int]:
        return {"name": self.name, "consultation": consultation_id}


def measure_lags(session: Session) -> Mapping[str, int]:
    """How many numbered entries each follower has yet to handle, by its name."""
    asked = ((each, {**each._key(SITE), "kinds": each.kind_values}) for each in _followers.values())
    return {each.name: int(session.scalar(_SITE_LAG if each.site else _LAG, values) or 0) for each, values in asked}
