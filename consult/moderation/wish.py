"""What a moderator wants to see of the queues: as it stands in an address, and as conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from consult.consultations.model import Consultation
from consult.moderation.model import Queue, Waiting
from consult.submissions.model import Stance

Seats = tuple[tuple[int | None, str], ...]
"""Consultation, or any, and language, or any."""
LISTED = (
    Queue.NEW, Queue.HELD, Queue.SAME, Queue.FILES, Queue.SECOND, Queue.APPEALS, Queue.REPORTED, Queue.RETURNED,
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a moderator wants to see. Values that mean nothing are as if they were not there."""

    queue: Queue = Queue.NEW
    consultation: str = ""
    place: str = ""
    language: str = ""
    stance: Stance | None = None
    everyone: bool = False  # also what others look after
    seats: Seats = ()  # of whoever asks; not in the address

    @classmethod
    def of(cls, asked: dict[str, Any]) -> Wish:
        """From an address's query.

        >>> Wish.of({"queue": "king", "place": " 2.1 ", "stance": "concern"}).address
        {'place': '2.1', 'stance': 'concern'}
        """
        queue, stance = asked.get("queue"), asked.get("stance")
        return cls(
            Queue(queue) if queue in LISTED else Queue.NEW,
            str(asked.get("consultation", ""))[:200],
            str(asked.get("place", "")).strip()[:40],
            str(asked.get("language", ""))[:20],
            Stance(stance) if stance in set(Stance) else None,
            asked.get("who") == "all",
        )

    @property
    def address(self) -> dict[str, Any]:
        """For an address: only what differs from the plain queue."""
        queue = {} if self.queue is Queue.NEW else {"queue": str(self.queue)}
        return queue | self.narrowed

    @property
    def narrowed(self) -> dict[str, str]:
        """What narrows the queue, whichever it is."""
        asked = {
            "consultation": self.consultation, "place": self.place, "language": self.language,
            "stance": str(self.stance or ""), "who": "all" if self.everyone else "",
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value}

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """Of what waits."""
        where: list[ColumnElement[bool]] = [Waiting.queue == self.queue, *self.looked_after]
        if self.consultation:
            named = select(Consultation.id).where(Consultation.slug == self.consultation).scalar_subquery()
            where.append(Waiting.consultation_id == named)
        if self.place:
            where.append(Waiting.place == self.place)
        if self.language:
            where.append(Waiting.language == self.language)
        if self.stance:
            where.append(func.strpos("," + Waiting.stances + ",", f",{self.stance},") > 0)
        return where

    @property
    def looked_after(self) -> list[ColumnElement[bool]]:
        """Of what waits: what whoever asks looks after; everything where they have no seat, or ask for it."""
        if self.everyone or not self.seats:
            return []
        seats = [
            and_(
                true(),
                *([Waiting.consultation_id == consultation_id] if consultation_id is not None else []),
                *([Waiting.language == language] if language else []),
            )
            for consultation_id, language in self.seats
        ]
        return [or_(*seats)]
