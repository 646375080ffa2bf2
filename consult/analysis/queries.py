"""Queries for the analysis: totals as of a ledger entry, and counts by part of the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis.kinds import TextKind
from consult.analysis.ledger_counts import HAS_REHASHED
from consult.analysis.model import AnalysisState
from consult.analysis.service import FOLLOWER
from consult.ledger.followers import Follower
from consult.ledger.kinds import bind_kinds

ANY_STANCE = "any"
_AGAIN = 100
CAMPAIGN_KINDS = (TextKind.EXACT, TextKind.LETTER)
_BEHIND = text(
    f"""
    SELECT c.id FROM readable_consultation c
    LEFT JOIN readable_follower f ON f.name = :name AND f.consultation_id = c.id
    WHERE EXISTS (
        SELECT 1 FROM readable_ledger WHERE consultation_id = c.id AND number >= coalesce(f.upto, 1)
            AND kind = ANY(:kinds) OFFSET 0
    ) OR {HAS_REHASHED.format(upto="f.upto")}
    ORDER BY c.id
    """  # noqa: S608 - a statement put together from constants
)
_TOTALS = text(
    """
    SELECT coalesce(f.upto, 1) AS upto, a.received, a.withheld, a.withdrawn, a.erased, a.pending, a.texts, a.campaigns,
        a.organisations, k.kind, k.texts AS of_kind, k.standing, k.published, k.argued
    FROM analysis_state a LEFT JOIN readable_follower f ON f.name = :name AND f.consultation_id = a.consultation_id
    LEFT JOIN class_count k ON k.consultation_id = a.consultation_id AND k.texts > 0
    WHERE a.consultation_id = :consultation ORDER BY k.kind
    """
)
_WITH_LETTERS = text("SELECT DISTINCT consultation_id FROM campaign WHERE published >= :copies ORDER BY 1")
_PLACES = text(
    "SELECT place, stance, submissions FROM place_count WHERE consultation_id = :consultation AND submissions > 0 "
    "ORDER BY place, stance"
)
_SAMPLES = bind_kinds(
    """
    SELECT DISTINCT ON (s.text_hash) s.text_hash, s.id FROM readable_ledger e CROSS JOIN LATERAL (
        SELECT id, text_hash FROM readable_submission WHERE id = e.subject_id OFFSET 0
    ) AS s
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind = ANY(:WORDING_KINDS)
    ORDER BY s.text_hash, s.id
    """
)


@dataclass(frozen=True)
class TextKindTotals:
    """The number of distinct texts in a class, of their submissions, and of those published."""

    texts: int
    standing: int
    published: int
    argued: int = 0


@dataclass(frozen=True)
class AnalysisTotals:
    """The totals of a consultation from its ledger entries below `upto`."""

    upto: int = 1
    received: int = 0
    published_individually: int = 0  # outside campaigns: individual texts, shared passages, files
    published_in_campaigns: int = 0  # copies of letters, changed or not
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    pending: int = 0
    texts: int = 0
    campaigns: int = 0
    organisations: int = 0  # organisations with a published submission
    classes: Mapping[TextKind, TextKindTotals] = field(default_factory=dict)

    @property
    def published(self) -> int:
        return self.published_individually + self.published_in_campaigns

    @property
    def individual_texts(self) -> int:
        """Return the number of texts that are in no campaign."""
        return self.texts - sum(self.classes[kind].texts for kind in CAMPAIGN_KINDS if kind in self.classes)

    @property
    def balanced(self) -> bool:
        """Return True if the number received equals the sum of the terms of the submission count."""
        terms = (
            self.published_individually,
            self.published_in_campaigns,
            self.withheld,
            self.withdrawn,
            self.erased,
            self.pending,
        )
        return self.received == sum(terms) and min(terms) >= 0 and self.texts >= self.individual_texts >= 0


def totals_by_kind(session: Session, consultation_id: int) -> Mapping[TextKind, TextKindTotals]:
    """Return the totals of each class as of the last processed ledger entry."""
    return get_totals(session, consultation_id).classes


def get_totals(session: Session, consultation_id: int) -> AnalysisTotals:
    """Return the totals as of the last processed ledger entry."""
    rows = session.execute(_TOTALS, {"consultation": consultation_id, "name": FOLLOWER.name}).all()
    if not rows:
        return AnalysisTotals()
    row = rows[0]
    totals = {
        TextKind(one.kind): TextKindTotals(one.of_kind, one.standing, one.published, one.argued)
        for one in rows
        if one.kind
    }
    inside = sum(one.published for kind, one in totals.items() if kind in CAMPAIGN_KINDS)
    return AnalysisTotals(
        upto=row.upto,
        received=row.received,
        published_in_campaigns=inside,
        published_individually=sum(total.published for total in totals.values()) - inside,
        withheld=row.withheld,
        withdrawn=row.withdrawn,
        erased=row.erased,
        pending=row.pending,
        texts=row.texts,
        campaigns=row.campaigns,
        organisations=row.organisations,
        classes=totals,
    )


def count_by_place(session: Session, consultation_id: int) -> Mapping[str, Mapping[str, int]]:
    """Return the number of published submissions by part of the draft and type of comment.

    `any` counts each submission once. As of the last processed ledger entry.
    """
    found: dict[str, dict[str, int]] = {}
    for place, stance, submissions in session.execute(_PLACES, {"consultation": consultation_id}).all():
        found.setdefault(place, {})[stance] = submissions
    return found


def list_behind(session: Session, follower: Follower) -> Sequence[int]:
    """Return the IDs of consultations with ledger entries, or texts to recount, that a follower has not processed."""
    return session.scalars(_BEHIND, {"name": follower.name, "kinds": follower.kind_values}).all()


def is_due(state: AnalysisState) -> bool:
    """Return True if all texts should be compared again.

    Either many texts were placed since the last comparison, or a campaign received so many copies that another text may
    be the most frequent one.
    """
    copies = state.received - state.compared_received
    return state.placed >= max(_AGAIN, state.compared // 2) or bool(
        state.campaigns and copies >= max(_AGAIN, state.compared_received // 2)
    )


def list_due(session: Session) -> Sequence[int]:
    """Return the IDs of consultations whose texts should be compared again."""
    return [state.consultation_id for state in session.scalars(select(AnalysisState)) if is_due(state)]


def list_samples(session: Session, consultation_id: int, since: int, until: int) -> dict[bytes, int]:
    """Return one submission for each text received in a window of the ledger, by text hash."""
    window = {"consultation": consultation_id, "since": since, "until": until}
    return {bytes(key): submission for key, submission in session.execute(_SAMPLES, window)}
