"""Public queries about campaigns with at least five published copies. Only published words are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.campaigns.queries import (
    CampaignOverview,
    MemberStatement,
    list_largest,
    list_statements,
    summarise_campaigns,
)
from consult.analysis.campaigns.template_pictures import TemplatePicture
from consult.analysis.kinds import MIN_COPIES, MIN_LETTER_WORDS, StatementKind
from consult.analysis.model import Campaign
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.submissions.model import Comment, Submission

_MOST = 100
_SIZE = 20


@dataclass(frozen=True)
class PublicStatement:
    """A statement of members and the reference of a submission that contains it."""

    id: int
    kind: str
    text: str
    reference: str
    copies: int


@dataclass(frozen=True)
class ShortAnswer:
    """A text too short to be a campaign letter that several published submissions share."""

    words: str
    published: int
    submission_id: int  # a published submission with these words


_SHORT_ANSWERS = text(
    """
    SELECT said.words, g.published, g.sample_id FROM (
        SELECT g.published, g.sample_id FROM text_group g JOIN analysis_text t USING (consultation_id, text_hash)
        WHERE g.consultation_id = :consultation AND g.campaign_id IS NULL AND g.published >= 5
            AND g.published >= :least AND t.words BETWEEN 1 AND :longest AND NOT t.pointing
        ORDER BY g.published DESC, g.text_hash LIMIT :most
    ) AS g CROSS JOIN LATERAL (
        SELECT string_agg(c.body, E'\\n' ORDER BY c.position, c.id) AS words FROM readable_comment c
        WHERE c.submission_id = g.sample_id HAVING bool_and(c.shown AND c.redacted_body IS NULL)
    ) AS said ORDER BY g.published DESC, said.words
    """
)
_ANSWERS = 20


def list_short_answers(session: Session, consultation_id: int) -> list[ShortAnswer]:
    """Return the most frequent short answers among published submissions. They are not campaigns."""
    limits = {"least": MIN_COPIES, "longest": MIN_LETTER_WORDS - 1, "most": _ANSWERS}
    rows = session.execute(_SHORT_ANSWERS, {"consultation": consultation_id, **limits})
    return [ShortAnswer(*row) for row in rows]


def describe_template(session: Session, letter: CampaignOverview) -> TemplatePicture | None:
    """Return the common passages and slot fillings of a template's published texts, or None for a letter."""
    return jobs.describe_template(session, session.get_one(Campaign, letter.id)) if letter.template else None


def list_campaigns(session: Session, consultation_id: int) -> list[CampaignOverview]:
    """Return the largest campaigns of a consultation, by published copies."""
    return summarise_campaigns(session, list_largest(session, consultation_id, _MOST), published=True)


def get_campaign(session: Session, consultation_id: int, number: int) -> CampaignOverview:
    """Return a published campaign. Raises NotFound."""
    row = session.scalar(
        select(Campaign).where(
            Campaign.consultation_id == consultation_id, Campaign.id == number, Campaign.published >= MIN_COPIES
        )
    )
    if row is None:
        raise NotFound(_("We cannot find this campaign."))
    return summarise_campaigns(session, [row], published=True)[0]


def _read_comments(session: Session, said: Sequence[MemberStatement]) -> dict[int, tuple[str | None, str]]:
    """Return the redacted text and the reference of the comments of statements, by comment ID."""
    rows = session.execute(
        select(Comment.id, Comment.redacted_body, Submission.reference)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id.in_({one.comment_id for one in said}))
    )
    return {number: (redacted, reference) for number, redacted, reference in rows}


def get_statement_page(session: Session, campaign_id: int, *, after: str | None) -> Page[PublicStatement]:
    """Return a page of statements that members added, without hidden words."""
    found = make_page(
        list_statements(
            session,
            campaign_id,
            kinds=(StatementKind.ADDED,),
            after=decode_id_cursor(after) or 0,
            most=_SIZE + 1,
        ),
        _SIZE,
        lambda said: [said.id],
    )
    return Page(_publish(session, found.items), found.next_cursor)


def _publish(session: Session, said: Sequence[MemberStatement]) -> list[PublicStatement]:
    read = _read_comments(session, said)
    return [
        PublicStatement(one.id, one.kind, one.text, read[one.comment_id][1], one.copies)
        for one in said
        if _is_readable(one, read[one.comment_id][0])
    ]


def _is_readable(said: MemberStatement, redacted: str | None) -> bool:
    return redacted is None or said.text in redacted


def list_declared_by(session: Session, consultation_id: int, account_id: int) -> list[CampaignOverview]:
    """Return the campaigns that an account declared, latest first."""
    rows = session.scalars(
        select(Campaign)
        .where(Campaign.consultation_id == consultation_id, Campaign.declared_by == account_id)
        .order_by(Campaign.declared_at.desc())
    ).all()
    return summarise_campaigns(session, rows)


def get_declared(session: Session, campaign_id: int) -> list[CampaignOverview]:
    """Return a declared campaign in a list, or an empty list if it is not declared."""
    rows = session.scalars(select(Campaign).where(Campaign.id == campaign_id, Campaign.declared_at.is_not(None))).all()
    return summarise_campaigns(session, rows)
