"""Charts of the comments on each paragraph: one square per comment, hollow for a copy of a letter.

Fills the slot `draft.voices`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.kinds import MIN_COPIES
from consult.core import slots
from consult.submissions import stances
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.model import Stance
from consult.submissions.pages.frames import MOST_SQUARES
from consult.submissions.pages.slots import DraftVoices
from consult.submissions.queries import Counts

_ORDER = (*stances.FILED, None)
_NEWEST = """
    (SELECT id, submission_id, position FROM readable_comment
    WHERE provision_id = w.provision_id AND shown AND {} ORDER BY {} id DESC LIMIT w.drawn)
"""
_KINDS = "amendment IS NULL AND agrees_with IS NULL"
_OF_KIND = _NEWEST.format(f"stance = w.stance AND {_KINDS}", "provision_id DESC, stance DESC,")
_UNSAID = _NEWEST.format(f"w.stance = '' AND stance IS NULL AND {_KINDS}", "")
_COPIES = text(
    f"""
    SELECT place, stance, count(*) FILTER (WHERE copy) FROM (
        SELECT w.place, w.stance, w.drawn, row_number() OVER (PARTITION BY w.place, w.stance ORDER BY c.id DESC) AS n,
            EXISTS (
                SELECT 1 FROM readable_submission s JOIN text_group g USING (consultation_id, text_hash)
                JOIN campaign k ON k.id = g.campaign_id AND k.published >= :copies
                WHERE s.id = c.submission_id AND NOT EXISTS (
                    SELECT 1 FROM statement x JOIN readable_comment said ON said.id = x.comment_id
                    WHERE x.consultation_id = g.consultation_id AND x.text_hash = g.text_hash
                        AND x.kind <> 'removed' AND said.position = c.position
                    GROUP BY said.id HAVING 2 * sum(x."end" - x.start) > max(length(said.body))
                )
            ) AS copy
        FROM unnest(
            CAST(:places AS bigint[]), CAST(:provisions AS bigint[]), CAST(:stances AS text[]), CAST(:drawn AS int[])
        ) AS w (place, provision_id, stance, drawn)
        CROSS JOIN LATERAL ({_OF_KIND} UNION ALL {_UNSAID}) AS c
        WHERE EXISTS (SELECT 1 FROM campaign WHERE consultation_id = :consultation AND published >= :copies)
    ) AS newest WHERE n <= drawn GROUP BY place, stance
    """  # noqa: S608 - a statement put together from constants
)
"""Counts, among the newest comments of each type on each paragraph, those that are mostly a letter's words.

Only as many comments as are drawn are counted.
"""


@dataclass(frozen=True)
class DrawnKind:
    """The number of squares of one type of comment, and how many of them are hollow."""

    stance: Stance | None
    squares: int
    copies: int = 0


@dataclass(frozen=True)
class VoicePicture:
    """The comments on one part of the draft by type. `more` is the number of comments not drawn.

    If not all are drawn, each type gets its share of squares, for its newest comments. `counts` are the totals by type.
    """

    kinds: Sequence[DrawnKind]
    counts: Mapping[Stance | None, int]
    more: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def copies(self) -> int:
        return sum(kind.copies for kind in self.kinds)

    @property
    def squares(self) -> list[tuple[Stance | None, bool]]:
        """Return the type of each square, and whether it is hollow."""
        return [(kind.stance, n >= kind.squares - kind.copies) for kind in self.kinds for n in range(kind.squares)]


def draw_voices(
    session: Session, consultation_id: int, counts: Counts, places: Sequence[ProvisionNode]
) -> Mapping[int, VoicePicture]:
    """Return the chart of each part that has comments. Uses one query whose cost grows with the number of squares."""
    said = {place.id: _count_kinds(counts, place) for place in places}
    drawn = {place: share_squares(kinds) for place, kinds in said.items()}
    copies = _count_copies(session, consultation_id, counts, places, drawn)
    return {
        place: VoicePicture(
            [
                DrawnKind(kind, drawn[place][kind], copies.get((place, kind or ""), 0))
                for kind in _ORDER
                if kind in kinds
            ],
            {kind: kinds[kind] for kind in _ORDER if kind in kinds},
            sum(kinds.values()) - sum(drawn[place].values()),
        )
        for place, kinds in said.items()
        if kinds
    }


def _count_copies(
    session: Session,
    consultation_id: int,
    counts: Counts,
    places: Sequence[ProvisionNode],
    drawn: Mapping[int, Mapping[Stance | None, int]],
) -> dict[tuple[int, str], int]:
    """Return the number of hollow squares by part of the draft and type of comment."""
    rows = [
        (place.id, part.id, kind or "", min(n, drawn[place.id][kind]))
        for place in places
        for part in place.parts
        for kind, n in counts.by_provision.get(part.id, {}).items()
    ]
    if not rows:
        return {}
    given = dict(zip(("places", "provisions", "stances", "drawn"), map(list, zip(*rows, strict=True)), strict=True))
    found = session.execute(_COPIES, {"consultation": consultation_id, "copies": MIN_COPIES, **given})
    return {(place, kind): n for place, kind, n in found}


def _count_kinds(counts: Counts, place: ProvisionNode) -> dict[Stance | None, int]:
    kinds: dict[Stance | None, int] = {}
    for part in place.parts:
        for stance, n in counts.by_provision.get(part.id, {}).items():
            kinds[stance] = kinds.get(stance, 0) + n
    return kinds


def share_squares(kinds: Mapping[Stance | None, int], most: int = MOST_SQUARES) -> dict[Stance | None, int]:
    """Return the number of squares of each type: one per comment, or its share of `most`, and at least one.

    >>> share_squares({Stance.SUPPORT: 2, None: 1})
    {<Stance.SUPPORT: 'support'>: 2, None: 1}
    >>> share_squares({Stance.SUPPORT: 900, Stance.CONCERN: 99, Stance.EVIDENCE: 1}, 10)
    {<Stance.SUPPORT: 'support'>: 8, <Stance.CONCERN: 'concern'>: 1, <Stance.EVIDENCE: 'evidence'>: 1}
    """
    if sum(kinds.values()) <= most:
        return dict(kinds)
    shares = dict.fromkeys(kinds, 1)
    for _square in range(most - len(kinds)):
        shares[max(kinds, key=lambda kind: kinds[kind] / (2 * shares[kind] + 1))] += 1
    return shares


def _fill_draft(session: Session, given: DraftVoices) -> Mapping[int, VoicePicture]:
    return draw_voices(session, given.consultation.id, given.counts, given.places)


def init_app(app: Flask) -> None:
    slots.fill(app, DraftVoices, _fill_draft, "analysis/voices.html")
