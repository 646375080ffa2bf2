"""What the analysis knows: totals as of a ledger number, and how many say what where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis.kinds import Kind
from consult.analysis.model import Cursor

ANY = "any"
_AGAIN = 100
IN_CAMPAIGNS = (Kind.EXACT, Kind.LETTER)
_BEHIND = text(
    """
    SELECT c.id FROM consultation c LEFT JOIN analysis_cursor a ON a.consultation_id = c.id
    WHERE EXISTS (
        SELECT 1 FROM ledger WHERE consultation_id = c.id AND number >= coalesce(a.upto, 1)
            AND (kind LIKE 'submission.%' OR kind = 'draft.comments_placed')
    )
    ORDER BY c.id
    """
)
_TOTALS = text(
    """
    SELECT a.upto, a.received, a.withheld, a.withdrawn, a.erased, a.pending, a.texts, a.campaigns, a.organisations,
        k.kind, k.texts AS of_kind, k.standing, k.published, k.argued
    FROM analysis_cursor a LEFT JOIN class_count k ON k.consultation_id = a.consultation_id AND k.texts > 0
    WHERE a.consultation_id = :consultation ORDER BY k.kind
    """
)
_PLACES = text(
    "SELECT place, stance, submissions FROM place_count WHERE consultation_id = :consultation AND submissions > 0 "
    "ORDER BY place, stance"
)
_SAMPLES = text(
    """
    SELECT DISTINCT ON (s.text_hash) s.text_hash, s.id FROM ledger e JOIN submission s ON s.id = e.subject_id
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind IN ('submission.received', 'submission.amended')
    ORDER BY s.text_hash, s.id
    """
)


@dataclass(frozen=True)
class Class:
    """How many distinct texts are of a class, how many submissions that stand, how many published ones."""

    texts: int
    standing: int
    published: int
    argued: int = 0


@dataclass(frozen=True)
class Totals:
    """Everything counted of a consultation from its entries below `upto`."""

    upto: int = 1
    received: int = 0
    published_individually: int = 0  # of no campaign: own words, shared passages, a file
    published_in_campaigns: int = 0  # the letter, or its copy with changes
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    pending: int = 0
    texts: int = 0
    campaigns: int = 0
    organisations: int = 0  # that have something published
    classes: Mapping[Kind, Class] = field(default_factory=dict)

    @property
    def published(self) -> int:
        return self.published_individually + self.published_in_campaigns

    @property
    def individual_texts(self) -> int:
        """Texts that no campaign sent."""
        return self.texts - sum(self.classes[kind].texts for kind in IN_CAMPAIGNS if kind in self.classes)

    @property
    def balanced(self) -> bool:
        """Whether what was received, counted from the ledger, is what the terms of the books add up to."""
        terms = (
            self.published_individually, self.published_in_campaigns, self.withheld, self.withdrawn, self.erased,
            self.pending,
        )  # fmt: skip
        return self.received == sum(terms) and min(terms) >= 0 and self.texts >= self.individual_texts >= 0


def at(session: Session, consultation_id: int) -> int:
    """The ledger number the counts are at."""
    return session.scalar(select(Cursor.upto).where(Cursor.consultation_id == consultation_id)) or 1


def classes(session: Session, consultation_id: int) -> Mapping[Kind, Class]:
    """How many there are of each class; each submission is in exactly one, as of the number followed to."""
    return totals(session, consultation_id).classes


def totals(session: Session, consultation_id: int) -> Totals:
    """The counts as of the number that was followed to."""
    rows = session.execute(_TOTALS, {"consultation": consultation_id}).all()
    if not rows:
        return Totals()
    row = rows[0]
    found = {Kind(one.kind): Class(one.of_kind, one.standing, one.published, one.argued) for one in rows if one.kind}
    inside = sum(one.published for kind, one in found.items() if kind in IN_CAMPAIGNS)
    return Totals(
        upto=row.upto, received=row.received, published_in_campaigns=inside,
        published_individually=sum(one.published for one in found.values()) - inside, withheld=row.withheld,
        withdrawn=row.withdrawn, erased=row.erased, pending=row.pending, texts=row.texts, campaigns=row.campaigns,
        organisations=row.organisations, classes=found,
    )  # fmt: skip


def places(session: Session, consultation_id: int) -> Mapping[str, Mapping[str, int]]:
    """Published submissions by place and stance, as of the same number; `any` counts each submission once."""
    found: dict[str, dict[str, int]] = {}
    for place, stance, submissions in session.execute(_PLACES, {"consultation": consultation_id}).all():
        found.setdefault(place, {})[stance] = submissions
    return found


def behind(session: Session) -> Sequence[int]:
    """Consultations with entries that are not counted yet."""
    return session.scalars(_BEHIND).all()


def is_due(cursor: Cursor) -> bool:
    """Whether so many texts were placed since all were compared that it is worth comparing them again."""
    return cursor.placed >= max(_AGAIN, cursor.compared // 2)


def samples(session: Session, consultation_id: int, since: int, until: int) -> dict[bytes, int]:
    """For each text received in a window of the ledger a submission that has its words."""
    window = {"consultation": consultation_id, "since": since, "until": until}
    return {bytes(key): submission for key, submission in session.execute(_SAMPLES, window)}
