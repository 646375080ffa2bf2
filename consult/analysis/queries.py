"""What the analysis knows: totals as of a ledger number, and how many say what where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis.model import Cursor, PlaceCount

ANY = "any"
FAR = 5_000
_FAR_BEHIND = text(
    """
    SELECT c.id FROM consultation c LEFT JOIN analysis_cursor a ON a.consultation_id = c.id
    WHERE EXISTS (
        SELECT 1 FROM ledger WHERE consultation_id = c.id AND number >= coalesce(a.upto, 1)
        ORDER BY consultation_id, number OFFSET :far
    )
    ORDER BY c.id
    """
)


@dataclass(frozen=True)
class Totals:
    """Everything counted of a consultation from its entries below `upto`."""

    upto: int = 1
    received: int = 0
    published_individually: int = 0
    published_in_campaigns: int = 0
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    pending: int = 0
    texts: int = 0
    campaigns: int = 0
    organisations: int = 0  # that have something published

    @property
    def published(self) -> int:
        return self.published_individually + self.published_in_campaigns

    @property
    def individual_texts(self) -> int:
        """Texts that no campaign sent."""
        return self.texts - self.campaigns

    @property
    def balanced(self) -> bool:
        """Whether what was received, counted from the ledger, is what the terms of the books add up to."""
        terms = (
            self.published_individually, self.published_in_campaigns, self.withheld, self.withdrawn, self.erased,
            self.pending,
        )  # fmt: skip
        return self.received == sum(terms) and min(terms) >= 0 and self.texts >= self.campaigns >= 0


def at(session: Session, consultation_id: int) -> int:
    """The ledger number the counts are at."""
    return session.scalar(select(Cursor.upto).where(Cursor.consultation_id == consultation_id)) or 1


def totals(session: Session, consultation_id: int) -> Totals:
    """The counts as of the number that was followed to."""
    row = session.get(Cursor, consultation_id, populate_existing=True)
    if row is None:
        return Totals()
    return Totals(
        upto=row.upto, received=row.received, published_individually=row.published_individually,
        published_in_campaigns=row.published_in_campaigns, withheld=row.withheld, withdrawn=row.withdrawn,
        erased=row.erased, pending=row.pending, texts=row.texts, campaigns=row.campaigns,
        organisations=row.organisations,
    )  # fmt: skip


def places(session: Session, consultation_id: int) -> Mapping[str, Mapping[str, int]]:
    """Published submissions by place and stance, as of the same number; `any` counts each submission once."""
    found: dict[str, dict[str, int]] = {}
    rows = session.execute(
        select(PlaceCount.place, PlaceCount.stance, PlaceCount.submissions)
        .where(PlaceCount.consultation_id == consultation_id, PlaceCount.submissions > 0)
        .order_by(PlaceCount.place, PlaceCount.stance)
    )
    for place, stance, submissions in rows:
        found.setdefault(place, {})[stance] = submissions
    return found


def far_behind(session: Session) -> list[int]:
    """Consultations with more than a few thousand entries that are not counted yet."""
    return list(session.scalars(_FAR_BEHIND, {"far": FAR}))
