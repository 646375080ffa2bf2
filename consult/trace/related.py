"""Related content of a published submission: its campaign letter and its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.model import Campaign
from consult.arguments import queries as arguments
from consult.core.text import excerpt
from consult.submissions.model import State, Submission

_MOST = 5
_GROUPS = text(
    """
    SELECT 'letter' AS kind, c.id, c.name, c.published - 1 AS others,
        c.published - signed.copies AS people, signed.organisations, 0 AS countries, true AS checked
    FROM readable_analysis_counted me
    JOIN readable_text_group g ON g.consultation_id = me.consultation_id AND g.text_hash = me.text_hash
    JOIN readable_campaign c ON c.id = g.campaign_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS copies, count(DISTINCT o.organisation) AS organisations FROM readable_analysis_counted o
        JOIN readable_text_group t ON t.consultation_id = o.consultation_id AND t.text_hash = o.text_hash
        WHERE o.consultation_id = c.consultation_id AND o.organisation IS NOT NULL AND o.state = 'published'
            AND t.campaign_id = c.id
    ) AS signed
    WHERE me.submission_id = :submission AND me.state = 'published' AND c.published >= :copies
    UNION ALL
    SELECT 'argument', a.id, a.name, a.statements - own.n, told.people, told.organisations, told.countries, a.checked
    FROM (
        SELECT argument_id, count(*) AS n FROM readable_claim
        WHERE consultation_id = :consultation AND text_hash = :text AND argument_id IS NOT NULL
            AND campaign_id IS NULL GROUP BY argument_id
    ) AS own
    JOIN readable_argument a ON a.id = own.argument_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT k.submitter) FILTER (WHERE s.submitter_kind <> 'organisation') AS people,
            count(DISTINCT k.submitter) FILTER (WHERE s.submitter_kind = 'organisation') AS organisations,
            count(DISTINCT s.country) AS countries
        FROM readable_claim k JOIN readable_submission s ON s.id = k.submission_id
        WHERE k.argument_id = a.id AND k.campaign_id IS NULL
    ) AS told
    WHERE a.statements > own.n
    ORDER BY kind DESC, others DESC, id LIMIT :most
    """
)


@dataclass(frozen=True)
class RelatedGroup:
    """A campaign letter with copies, or an argument with statements. `others` is the number of other submissions in it.

    Countries are counted for arguments only, because counting those of a letter would read all its copies.
    """

    kind: str
    id: int
    name: str | None
    others: int
    people: int
    organisations: int
    countries: int
    checked: bool  # checked by a person
    words: str = ""  # its first words, if public, to identify it while it has no name
    template: bool = False  # generated from a template


def list_related_groups(session: Session, submission: Submission) -> Sequence[RelatedGroup]:
    """Return the campaign letter and arguments of a published submission, in this order.

    It takes one statement, and more for groups without a name.
    """
    if submission.state is not State.PUBLISHED:
        return ()
    given = {
        "submission": submission.id,
        "consultation": submission.consultation_id,
        "text": submission.text_hash,
        "copies": MIN_COPIES,
        "most": _MOST,
    }
    return _with_names([RelatedGroup(*row) for row in session.execute(_GROUPS, given)], session)


def list_asked(session: Session, argument_ids: Sequence[int]) -> Mapping[int, str]:
    """Return the public words of campaign letters by argument id."""
    samples = arguments.list_samples(session, argument_ids) if argument_ids else {}
    return {number: said[0].text for number, said in samples.items()}


def _with_names(found: Sequence[RelatedGroup], session: Session) -> Sequence[RelatedGroup]:
    """Add identifying words to groups without names."""
    unnamed: dict[str, list[int]] = {"letter": [], "argument": []}
    for one in found:
        if not one.name:
            unnamed[one.kind].append(one.id)
    words: dict[tuple[str, int], str] = {}
    templates: set[int] = set()
    if unnamed["letter"]:
        rows = session.scalars(select(Campaign).where(Campaign.id.in_(unnamed["letter"]))).all()
        letters = campaigns_queries.summarise_campaigns(session, rows, published=True)
        words |= {("letter", letter.id): letter.title for letter in letters}
        templates = {letter.id for letter in letters if letter.template}
    if unnamed["argument"]:
        samples = arguments.list_samples(session, unnamed["argument"])
        words |= {("argument", number): excerpt(said[0].text, 80) for number, said in samples.items()}
    return [
        replace(one, words=words.get((one.kind, one.id), ""), template=one.kind == "letter" and one.id in templates)
        for one in found
    ]
