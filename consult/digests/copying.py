# ruff: noqa: S608 - statements put together from constants of this file
"""Letters that many sent, as a digest shows them: a copy, how many add to it, and who turns it round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.kinds import Change
from consult.digests.copied import Copied, Said
from consult.digests.quotes import Words

MOST = 5
"""Letters that a digest shows."""
_BESIDE = 2
"""Statements shown beside a letter of each kind, of the first few that are published as they were written."""
_SHORTEST, _LONGEST = 12, 400
_KINDS = (Change.CONTRARY, Change.ADDED)

_SPOKEN = """c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name, '' AS place, 1 AS copies, '' AS kind"""
_LETTERS = """
    SELECT k.id AS campaign, k.members, k.name, k.organiser, k.declared_at, k.exact, k.adding, k.contrary, sample.*
    FROM {chosen} AS k LEFT JOIN LATERAL (
        SELECT found.* FROM (
            (SELECT false AS changed, text_hash FROM text_group
                WHERE consultation_id = k.consultation_id AND text_hash = k.letter_hash AND published > 0)
            UNION ALL
            (SELECT true, text_hash FROM text_group WHERE campaign_id = k.id AND k.published > 0 AND published > 0
                ORDER BY text_hash LIMIT 1)
        ) AS g CROSS JOIN LATERAL (
            SELECT {spoken} FROM analysis_counted a JOIN comment c ON c.submission_id = a.submission_id AND c.shown
            JOIN submission s ON s.id = a.submission_id
            WHERE a.consultation_id = k.consultation_id AND a.text_hash = g.text_hash AND a.state = 'published'
            ORDER BY a.submission_id, c.position LIMIT 1
        ) AS found ORDER BY g.changed LIMIT 1
    ) AS sample ON true
"""
"""Letters, each with a copy as it is, the first that was sent; where none is published, with one with changes."""
_CHOSEN = text(_LETTERS.format(spoken=_SPOKEN, chosen="(SELECT * FROM campaign k WHERE id = ANY(:campaigns))"))
_LARGEST = text(
    _LETTERS.format(
        spoken=_SPOKEN,
        chosen="""(SELECT * FROM campaign k WHERE consultation_id = :consultation
            AND (members > 0 OR letter IS NOT NULL) ORDER BY members DESC, id LIMIT :most)""",
    )
    + "ORDER BY k.members DESC, k.id"
)
_BESIDES = text(
    f"""
    SELECT k.id AS campaign, x.kind AS change, x.start, x."end", said.*
    FROM campaign k CROSS JOIN unnest(CAST(:kinds AS text[])) AS wanted (kind) CROSS JOIN LATERAL (
        SELECT x.*, c.redacted_body IS NOT NULL AS redacted FROM statement x JOIN comment c ON c.id = x.comment_id
        WHERE x.campaign_id = k.id AND x.kind = wanted.kind AND c.shown ORDER BY x.id LIMIT :first
    ) AS x CROSS JOIN LATERAL (
        SELECT {_SPOKEN} FROM comment c JOIN submission s ON s.id = c.submission_id WHERE c.id = x.comment_id OFFSET 0
    ) AS said
    WHERE k.id = ANY(:campaigns) AND NOT x.redacted AND x."end" - x.start BETWEEN :shortest AND :longest ORDER BY x.id
    """
)


def new_copies(session: Session, new: Mapping[str, int]) -> list[Copied]:
    """Letters of which copies came, by their numbers; the one of which most came is the first."""
    chosen = {int(number): n for number, n in new.items()}
    rows = session.execute(_CHOSEN, {"campaigns": list(chosen)}).all() if chosen else []
    return _copied(session, sorted(rows, key=lambda row: (-chosen[row.campaign], row.campaign)), chosen)


def largest(session: Session, consultation_id: int, most: int) -> list[Copied]:
    """The letters that most people sent."""
    return _copied(session, session.execute(_LARGEST, {"consultation": consultation_id, "most": most}).all(), {})


def _copied(session: Session, letters: Sequence[Any], new: Mapping[int, int]) -> list[Copied]:
    """The letters with what is said beside each: one statement, however many there are."""
    if not letters:
        return []
    asked = {"campaigns": [row.campaign for row in letters]}
    limits = {"kinds": list(_KINDS), "first": 4 * _BESIDE, "shortest": _SHORTEST, "longest": _LONGEST}
    beside: dict[tuple[int, str], list[Said]] = {}
    for row in session.execute(_BESIDES, asked | limits):
        beside.setdefault((row.campaign, row.change), []).append(Said(words(row), row.start, row.end))
    return [
        Copied(
            key=str(row.campaign), total=row.members, new=new.get(row.campaign, 0),
            sample=words(row) if row.id else None, name=row.name or "", organiser=row.organiser or "",
            declared=row.declared_at is not None, exact=row.exact, adding=row.adding, turned=row.contrary,
            contrary=beside.get((row.campaign, Change.CONTRARY), [])[:_BESIDE],
            added=beside.get((row.campaign, Change.ADDED), [])[:_BESIDE],
        )
        for row in letters
    ]  # fmt: skip


def words(row: Any) -> Words:
    """A row of a comment with who said it, as words that may be quoted."""
    names = {"organisation": row.organisation_name, "own": row.person_name}
    return Words(
        comment_id=row.id, submission_id=row.submission, reference=row.reference, place=row.place,
        stance=row.stance or "", body=row.body, language=row.language, name=names.get(row.name_rule),
        organisation=row.name_rule == "organisation", copies=int(row.copies), kind=row.kind,
    )  # fmt: skip
