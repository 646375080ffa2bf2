"""Letters that many sent, as a digest shows them: a copy, how many add to it, and who turns it round."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import campaign_queries as campaigns
from consult.analysis.campaign_queries import Letter
from consult.analysis.kinds import Change
from consult.digests.body import Copied, Said
from consult.digests.quotes import Words

_MOST = 5
_BESIDE = 2
"""Statements shown beside a letter of each kind."""
_SHORTEST, _LONGEST = 12, 400

_NEW = text(
    """
    SELECT g.campaign_id, count(*) FROM ledger e JOIN analysis_counted c ON c.submission_id = e.subject_id
    JOIN text_group g ON g.consultation_id = c.consultation_id AND g.text_hash = c.text_hash
    WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < :until
        AND e.kind = 'submission.received' AND g.campaign_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM campaign WHERE consultation_id = :consultation)
    GROUP BY g.campaign_id ORDER BY count(*) DESC, g.campaign_id LIMIT :most
    """
)
_SPOKEN = """
    SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
        s.name_rule, s.organisation_name, s.person_name, '' AS place, 1 AS copies, '' AS kind
    FROM comment c JOIN submission s ON s.id = c.submission_id
"""
_SAMPLE = text(
    f"""{_SPOKEN} JOIN analysis_counted a ON a.submission_id = s.id
    JOIN text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
    WHERE g.campaign_id = :campaign AND a.state = 'published' AND c.shown
    ORDER BY g.kind <> 'exact', a.submission_id, c.position LIMIT 1
    """
)
_COMMENTS = text(f"{_SPOKEN} WHERE c.id = ANY(:ids) AND c.shown AND c.redacted_body IS NULL")


def new_copies(session: Session, *, consultation: int, since: int, until: int) -> list[Copied]:
    """The letters of which most copies came in a window."""
    window = {"consultation": consultation, "since": since, "until": until, "most": _MOST}
    found = []
    for number, new in session.execute(_NEW, window).all():
        if (letter := campaigns.campaign(session, number)) is not None:
            found.append(_copied(session, letter, int(new)))
    return found


def largest(session: Session, consultation_id: int, most: int) -> list[Copied]:
    """The letters that most people sent."""
    return [_copied(session, letter, 0) for letter in campaigns.campaigns(session, consultation_id)[:most]]


def _copied(session: Session, letter: Letter, new: int) -> Copied:
    row = session.execute(_SAMPLE, {"campaign": letter.id}).first()
    beside = {kind: _beside(session, letter.id, kind) for kind in (Change.CONTRARY, Change.ADDED)}
    return Copied(
        key=str(letter.id), total=letter.members, new=new, sample=words(row) if row else None,
        name=letter.name or "", organiser=letter.organiser or "", declared=letter.declared, exact=letter.exact,
        adding=letter.adding, turned=letter.contrary, contrary=beside[Change.CONTRARY], added=beside[Change.ADDED],
    )  # fmt: skip


def _beside(session: Session, campaign_id: int, kind: Change) -> list[Said]:
    """The first statements of a kind whose words are published as they were written."""
    found = [
        said
        for said in campaigns.statements(session, campaign_id, kinds=[kind], most=_BESIDE * 4)
        if not said.redacted and _SHORTEST <= said.end - said.start <= _LONGEST
    ][:_BESIDE]
    rows = {row.id: row for row in session.execute(_COMMENTS, {"ids": [said.comment_id for said in found]})}
    return [Said(words(rows[said.comment_id]), said.start, said.end) for said in found if said.comment_id in rows]


def words(row: Any) -> Words:
    """A row of a comment with who said it, as words that may be quoted."""
    names = {"organisation": row.organisation_name, "own": row.person_name}
    return Words(
        comment_id=row.id, submission_id=row.submission, reference=row.reference, place=row.place,
        stance=row.stance or "", body=row.body, language=row.language, name=names.get(row.name_rule),
        organisation=row.name_rule == "organisation", copies=int(row.copies), kind=row.kind,
    )  # fmt: skip
