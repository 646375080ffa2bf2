# ruff: noqa: S608 - statements put together from constants of this file
"""Campaigns in a digest: a copy of the letter, and how many members add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.campaigns import public_queries
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.text.kept_words import keep_words
from consult.arguments.claims import statement_proof
from consult.calls import queries as calls
from consult.digests.content.campaigns import CampaignStatement, DigestCampaign, find_beginning
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import CallRow
from consult.positions import items
from consult.submissions.content.covered_words import to_public_span

MAX_CAMPAIGNS = 25
"""The maximum number of campaigns in a digest, which states how many it leaves out."""
MAX_SHORT_ANSWERS = 3
_DEMANDS = 12
_BESIDE = 2
"""The number of added statements shown with a letter: the first that are published unchanged."""
_SHORTEST, _LONGEST = 12, 400
_FEWEST_WORDS, _LONG_ENOUGH = 5, 40
"""The minimum number of words of an added statement, or of characters where words have no spaces between them."""

_SPOKEN = """c.id, s.id AS submission, s.reference, c.counted_as AS stance,
            coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.public_name, '' AS place, 1 AS copies, '' AS kind"""
_LETTERS = """
    SELECT k.id AS campaign, k.members, k.name, k.organiser, k.declared_at, k.exact, k.adding,
        CASE WHEN k.template THEN k.texts END AS variants, k.published, k.published >= {copies} AS told, sample.*
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
"""Selects campaigns with their counts and a copy of the letter."""
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
    SELECT k.id AS campaign, x.start, x."end", x.original, x.redactions, said.*
    FROM readable_campaign k CROSS JOIN LATERAL (
        SELECT x.*, c.body AS original, c.redactions
        FROM readable_statement x JOIN readable_comment c ON c.id = x.comment_id
        WHERE x.campaign_id = k.id AND x.kind = 'added' AND c.shown
        ORDER BY x.id LIMIT :first
    ) AS x CROSS JOIN LATERAL (
        SELECT {_SPOKEN} FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id
        WHERE c.id = x.comment_id OFFSET 0
    ) AS said
    WHERE k.id = ANY(:campaigns) AND x."end" - x.start BETWEEN :shortest AND :longest ORDER BY x.id
    """
)

_CHECKED = text(
    f"""
    SELECT k.campaign_id AS campaign, k.start, k."end", k.proof, {_SPOKEN}
    FROM readable_claim k JOIN readable_argument a ON a.id = k.argument_id
    JOIN readable_comment c ON c.id = k.comment_id JOIN readable_submission s ON s.id = k.submission_id
    WHERE k.campaign_id = ANY(:campaigns) AND a.checked AND c.shown AND coalesce(k.part, 'ask') = 'ask'
    ORDER BY k.campaign_id, a.submissions DESC, k.start
    """
)
"""Selects requests of letters that a person has checked."""


def list_with_new_copies(session: Session, new: Mapping[str, int]) -> list[DigestCampaign]:
    """Return campaigns with new copies, by number of these, largest first."""
    chosen = {int(number): n for number, n in new.items()}
    rows = session.execute(_CHOSEN, {"campaigns": list(chosen)}).all() if chosen else []
    return _load_campaigns(session, sorted(rows, key=lambda row: (-chosen[row.campaign], row.campaign)), chosen)


def add_sides(
    session: Session, consultation_id: int, campaigns: Sequence[DigestCampaign], as_of: datetime
) -> list[DigestCampaign]:
    """Return campaigns with the sides that people decided for their letters by a moment. Uses one query."""
    if not campaigns:
        return []
    sides = {
        letter.key: str(letter.side) for letter in items.list_letters(session, consultation_id, as_of) if letter.side
    }
    return [replace(row, side=sides.get(row.key)) for row in campaigns]


def list_short_answers(session: Session, consultation_id: int) -> list[QuotableComment]:
    """Return the most common short responses, each as one published submission has it."""
    answers = public_queries.list_short_answers(session, consultation_id)
    if not answers:
        return []
    rows = {row.submission: row for row in session.execute(_ANSWERS, {"ids": [one.submission_id for one in answers]})}
    return [
        to_quotable_comment(rows[one.submission_id])._replace(copies=one.published)
        for one in answers
        if one.submission_id in rows
        and rows[one.submission_id].body == one.words  # it has no other comment
        and keep_words(one.words).strip()
    ]


def list_calls(session: Session, consultation_id: int) -> list[CallRow]:
    """Return the calls with enough submissions to be shown, largest first."""
    told = [one for one in calls.list_opened(session, consultation_id) if one.counts.is_told]
    rows = [
        CallRow(
            slug=one.call.slug, organisation=one.organisation.name, published=one.counts.published, own=one.counts.own
        )
        for one in told
    ]
    return sorted(rows, key=lambda row: (-row.published, row.slug))


def list_largest(session: Session, consultation_id: int, most: int) -> list[DigestCampaign]:
    """Return the largest campaigns."""
    return _load_campaigns(
        session, session.execute(_LARGEST, {"consultation": consultation_id, "most": most}).all(), {}
    )


def _load_campaigns(session: Session, letters: Sequence[Any], new: Mapping[int, int]) -> list[DigestCampaign]:
    """Return the campaigns with statements from their members. The number of queries is fixed."""
    if not letters:
        return []
    asked = {"campaigns": [row.campaign for row in letters]}
    limits = {"first": 4 * _BESIDE, "shortest": _SHORTEST, "longest": _LONGEST}
    beside: dict[int, list[CampaignStatement]] = {}
    for row in session.execute(_BESIDES, asked | limits):
        shown = to_public_span(row.original, row.redactions, row.start, row.end)
        if shown and is_whole(row.body[slice(*shown)]):
            beside.setdefault(row.campaign, []).append(CampaignStatement(to_quotable_comment(row), *shown))
    demands: dict[int, list[CampaignStatement]] = {}
    for row in session.execute(_CHECKED, asked):
        if statement_proof(row.body[row.start : row.end]) == bytes(row.proof):
            demands.setdefault(row.campaign, []).append(CampaignStatement(to_quotable_comment(row), row.start, row.end))
    campaigns = []
    for row in letters:
        sample = to_quotable_comment(row) if row.id else None
        requests = demands.get(row.campaign, [])[:_DEMANDS] if row.told else []
        opening = find_beginning(sample) if sample and row.told and not requests else None
        letter = _build_letter(row, sample, new.get(row.campaign, 0), beside)
        campaigns.append(replace(letter, demands=requests, opening=opening, checked=len(requests)))
    return campaigns


def is_whole(words: str) -> bool:
    """Return True unless words look like the remainder of a sentence that a sender changed.

    >>> is_whole("is their right. and"), is_whole("As a nurse I see this every week.")
    (False, True)
    """
    return not words[:1].islower() and (len(words.split()) >= _FEWEST_WORDS or len(words) >= _LONG_ENOUGH)


def _build_letter(
    row: Any,
    sample: QuotableComment | None,
    new: int,
    beside: Mapping[int, Sequence[CampaignStatement]],
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
        variants=row.variants,
        published=row.published,
        told=row.told,
        added=beside.get(row.campaign, [])[:_BESIDE],
    )


def to_quotable_comment(row: Any) -> QuotableComment:
    """Return a row of a comment and its author as a quotable comment."""
    return QuotableComment(
        comment_id=row.id,
        submission_id=row.submission,
        reference=row.reference,
        place=row.place,
        stance=row.stance or "",
        body=row.body,
        language=row.language,
        name=row.public_name,
        organisation=row.name_rule == "organisation",
        copies=int(row.copies),
        kind=row.kind,
    )
