"""Queue filters, parsed from the query string and converted to SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from consult.consultations.model import Consultation
from consult.moderation.model import Queue, QueueEntry
from consult.submissions.model import Stance

Seats = tuple[tuple[int | None, str], ...]
"""Pairs of a consultation id (None for any) and a language (empty for any)."""
LISTED_QUEUES = (
    Queue.NEW, Queue.HELD, Queue.SAME, Queue.FILES, Queue.SECOND, Queue.APPEALS, Queue.REPORTED, Queue.RETURNED,
)  # fmt: skip


@dataclass(frozen=True)
class QueueFilter:
    """Filters of the queue. Invalid values are ignored."""

    queue: Queue = Queue.NEW
    consultation: str = ""
    place: str = ""
    language: str = ""
    stance: Stance | None = None
    everyone: bool = False  # include submissions assigned to others
    seats: Seats = ()  # the moderator's assignments, which are not in the URL

    @classmethod
    def of(cls, asked: dict[str, Any]) -> QueueFilter:
        """Parse a filter from query parameters.

        >>> QueueFilter.of({"queue": "king", "place": " 2.1 ", "stance": "concern"}).address
        {'place': '2.1', 'stance': 'concern'}
        """
        queue, stance = asked.get("queue"), asked.get("stance")
        return cls(
            Queue(queue) if queue in LISTED_QUEUES else Queue.NEW,
            str(asked.get("consultation", ""))[:200],
            str(asked.get("place", "")).strip()[:40],
            str(asked.get("language", ""))[:20],
            Stance(stance) if stance in set(Stance) else None,
            asked.get("who") == "all",
        )

    @property
    def address(self) -> dict[str, Any]:
        """Return the query parameters that differ from the default queue."""
        queue = {} if self.queue is Queue.NEW else {"queue": str(self.queue)}
        return queue | self.narrowed

    @property
    def narrowed(self) -> dict[str, str]:
        """Return the query parameters without the queue."""
        asked = {
            "consultation": self.consultation,
            "place": self.place,
            "language": self.language,
            "stance": str(self.stance or ""),
            "who": "all" if self.everyone else "",
        }
        return {name: value for name, value in asked.items() if value}

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """Return SQL conditions on waiting submissions."""
        where: list[ColumnElement[bool]] = [QueueEntry.queue == self.queue, *self.looked_after]
        if self.consultation:
            named = select(Consultation.id).where(Consultation.slug == self.consultation).scalar_subquery()
            where.append(QueueEntry.consultation_id == named)
        if self.place:
            where.append(QueueEntry.place == self.place)
        if self.language:
            where.append(QueueEntry.language == self.language)
        if self.stance:
            where.append(func.strpos("," + QueueEntry.stances + ",", f",{self.stance},") > 0)
        return where

    @property
    def looked_after(self) -> list[ColumnElement[bool]]:
        """Return conditions for the moderator's assignments. Empty without assignments or if all are requested."""
        if self.everyone or not self.seats:
            return []
        seats = [
            and_(
                true(),
                *([QueueEntry.consultation_id == consultation_id] if consultation_id is not None else []),
                *([QueueEntry.language == language] if language else []),
            )
            for consultation_id, language in self.seats
        ]
        return [or_(*seats)]
