# ruff: noqa: S608 - statements put together from constants of this file
"""Letters that many sent, as a digest shows them: a copy, how many add to it, and who seems to contradict it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.campaigns import public_queries
from consult.analysis.campaigns.alike_texts import AlikeTexts, count_alike
from consult.analysis.kinds import MIN_COPIES, StatementKind
from consult.digests.content.campaigns import CampaignStatement, DigestCampaign, find_asked
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import AlikeRow

MAX_CAMPAIGNS = 5
"""Letters that a digest shows."""
MAX_SHORT_ANSWERS = 3
_BESIDE = 2
"""Statements shown beside a letter of each kind, of the first few that are published as they were written."""
_SHORTEST, _LONGEST = 12, 400
_KINDS = (StatementKind.CONTRARY, StatementKind.ADDED)

_SPOKEN = """c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name, '' AS place, 1 AS copies, '' AS kind"""
_LETTERS = """
    SELECT k.id AS campaign, k.members, k.name, k.organiser, k.declared_at, k.exact, k.adding, k.contrary, k.confirmed,
        k.judged,
        CASE WHEN k.template THEN k.texts END AS variants, k.published, k.published >= {copies} AS told, (
            SELECT coalesce(sum(standing), 0) FROM readable_text_group
            WHERE consultation_id = k.consultation_id AND contrary AND adds AND campaign_id = k.id
        ) AS both, sample.*
    FROM {chosen} AS k LEFT JOIN LATERAL (
        SELECT found.* FROM (
            (SELECT false AS changed, text_hash FROM readable_text_group
                WHERE consultation_id = k.consultation_id AND text_hash = k.letter_hash AND published > 0)
            UNION ALL
            (SELECT true, text_hash FROM readable_text_group
                WHERE campaign_id = k.id AND k.published > 0 AND published > 0 ORDER BY text_hash LIMIT 1)
        ) AS g CROSS JOIN LATERAL (
            SELECT {spoken}, CASE WHEN g.changed THEN ARRAY(
                SELECT ARRAY[x.start, x."end"] FROM readable_statement x
                WHERE x.comment_id = c.id AND x.kind <> 'removed'
            ) ELSE '{{}}' END AS beside FROM readable_analysis_counted a
            JOIN readable_comment c ON c.submission_id = a.submission_id AND c.shown
            JOIN readable_submission s ON s.id = a.submission_id
            WHERE a.consultation_id = k.consultation_id AND a.text_hash = g.text_hash AND a.state = 'published'
            ORDER BY a.submission_id, c.position LIMIT 1
        ) AS found ORDER BY g.changed LIMIT 1
    ) AS sample ON true
"""
"""Reads campaigns for a digest: a copy of the letter, how many add to it, and who contradicts it."""
_CHOSEN = text(
    _LETTERS.format(
        copies=MIN_COPIES, spoken=_SPOKEN, chosen="(SELECT * FROM readable_campaign k WHERE id = ANY(:campaigns))"
    )
)
_LARGEST = text(
    _LETTERS.format(
        copies=MIN_COPIES,
        spoken=_SPOKEN,
        chosen="""(SELECT * FROM readable_campaign k WHERE consultation_id = :consultation
            AND (members > 0 OR letter IS NOT NULL) ORDER BY members DESC, id LIMIT :most)""",
    )
    + "ORDER BY k.members DESC, k.id"
)
_ANSWERS = text(
    f"""
    SELECT {_SPOKEN} FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
    WHERE c.submission_id = ANY(:ids) AND c.shown
    """
)
_BESIDES = text(
    f"""
    SELECT k.id AS campaign, x.kind AS change, x.start, x."end", said.*
    FROM readable_campaign k CROSS JOIN unnest(CAST(:kinds AS text[])) AS wanted (kind) CROSS JOIN LATERAL (
        SELECT x.*, c.redacted_body IS NOT NULL AS redacted
        FROM readable_statement x JOIN readable_comment c ON c.id = x.comment_id
        JOIN readable_text_group g ON g.consultation_id = x.consultation_id AND g.text_hash = x.text_hash
        WHERE x.campaign_id = k.id AND x.kind = wanted.kind AND c.shown AND (x.kind <> 'contrary' OR g.contrary)
        ORDER BY x.id LIMIT :first
    ) AS x CROSS JOIN LATERAL (
        SELECT {_SPOKEN} FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
        WHERE c.id = x.comment_id OFFSET 0
    ) AS said
    WHERE k.id = ANY(:campaigns) AND NOT x.redacted AND x."end" - x.start BETWEEN :shortest AND :longest ORDER BY x.id
    """
)


def list_with_new_copies(session: Session, new: Mapping[str, int]) -> list[DigestCampaign]:
    """Letters of which copies came, by their numbers; the one of which most came is the first."""
    chosen = {int(number): n for number, n in new.items()}
    rows = session.execute(_CHOSEN, {"campaigns": list(chosen)}).all() if chosen else []
    return _load_campaigns(session, sorted(rows, key=lambda row: (-chosen[row.campaign], row.campaign)), chosen)


def list_short_answers(session: Session, consultation_id: int) -> list[QuotableComment]:
    """Answers of a few words that most published submissions have in common, each as one of them says it."""
    found = public_queries.list_short_answers(session, consultation_id)[:MAX_SHORT_ANSWERS]
    if not found:
        return []
    rows = {row.submission: row for row in session.execute(_ANSWERS, {"ids": [one.submission_id for one in found]})}
    return [
        to_quotable_comment(rows[one.submission_id])._replace(copies=one.published)
        for one in found
        if one.submission_id in rows and rows[one.submission_id].body == one.words  # it has no other comment
    ]


def list_largest(session: Session, consultation_id: int, most: int) -> list[DigestCampaign]:
    """The letters that most people sent."""
    return _load_campaigns(
        session, session.execute(_LARGEST, {"consultation": consultation_id, "most": most}).all(), {}
    )


def _load_campaigns(session: Session, letters: Sequence[Any], new: Mapping[int, int]) -> list[DigestCampaign]:
    """The letters with what is said beside each: one statement, however many there are."""
    if not letters:
        return []
    asked = {"campaigns": [row.campaign for row in letters]}
    limits = {"kinds": list(_KINDS), "first": 4 * _BESIDE, "shortest": _SHORTEST, "longest": _LONGEST}
    beside: dict[tuple[int, str], list[CampaignStatement]] = {}
    for row in session.execute(_BESIDES, asked | limits):
        beside.setdefault((row.campaign, row.change), []).append(
            CampaignStatement(to_quotable_comment(row), row.start, row.end)
        )
    alike = count_alike(session, asked["campaigns"])
    found = []
    for row in letters:
        sample = to_quotable_comment(row) if row.id else None
        demands, opening = find_asked(sample, row.beside) if sample and row.told else ([], None)
        found.append(
            _build_letter(row, sample, new.get(row.campaign, 0), demands, opening, beside, alike.get(row.campaign))
        )
    return found


def _build_letter(
    row: Any,
    sample: QuotableComment | None,
    new: int,
    demands: Sequence[CampaignStatement],
    opening: CampaignStatement | None,
    beside: Mapping[tuple[int, str], Sequence[CampaignStatement]],
    alike: AlikeTexts | None,
) -> DigestCampaign:
    return DigestCampaign(
        key=str(row.campaign),
        total=row.members,
        new=new,
        sample=sample,
        name=row.name or "",
        organiser=row.organiser or "",
        declared=row.declared_at is not None,
        exact=row.exact,
        adding=row.adding,
        turned=row.contrary,
        confirmed=row.confirmed,
        variants=row.variants,
        alike=_to_alike_row(alike),
        published=row.published,
        told=row.told,
        both=row.both,
        judged=row.judged,
        demands=demands,
        opening=opening,
        contrary=beside.get((row.campaign, StatementKind.CONTRARY), [])[:_BESIDE],
        added=beside.get((row.campaign, StatementKind.ADDED), [])[:_BESIDE],
    )


def _to_alike_row(found: AlikeTexts | None) -> AlikeRow | None:
    return AlikeRow(n=found.found, compared=found.compared, expected=found.expected) if found else None


def to_quotable_comment(row: Any) -> QuotableComment:
    """A row of a comment with who said it, as words that may be quoted."""
    names = {"organisation": row.organisation_name, "own": row.person_name}
    return QuotableComment(
        comment_id=row.id,
        submission_id=row.submission,
        reference=row.reference,
        place=row.place,
        stance=row.stance or "",
        body=row.body,
        language=row.language,
        name=names.get(row.name_rule),
        organisation=row.name_rule == "organisation",
        copies=int(row.copies),
        kind=row.kind,
    )
