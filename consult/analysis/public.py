"""Campaigns as the public may read them: from five published copies, with published words only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis.campaign_queries import Letter, Said, largest, letters, statements
from consult.analysis.kinds import COPIES
from consult.analysis.model import Campaign
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id, page
from consult.submissions.model import Comment, Submission

_MOST = 100
_SIZE = 20


@dataclass(frozen=True)
class Spoken:
    """A statement of members, and the submission in which it is read."""

    id: int
    kind: str
    text: str
    reference: str
    copies: int


def campaigns(session: Session, consultation_id: int) -> list[Letter]:
    """The largest campaigns of a consultation, by published copies."""
    return letters(session, largest(session, consultation_id, _MOST), published=True)


def campaign(session: Session, consultation_id: int, number: int) -> Letter:
    """One of them. Raises NotFound."""
    row = session.scalar(
        select(Campaign).where(
            Campaign.consultation_id == consultation_id, Campaign.id == number, Campaign.published >= COPIES
        )
    )
    if row is None:
        raise NotFound(_("There is no campaign at this address."))
    return letters(session, [row], published=True)[0]


def page_of(session: Session, campaign_id: int, *, after: str | None) -> Page[Spoken]:
    """What members say beside their letter, a page at a time; words that are covered are left out."""
    found = page(
        statements(session, campaign_id, after=decode_id(after) or 0, most=_SIZE + 1), _SIZE, lambda said: [said.id]
    )
    rows = session.execute(
        select(Comment.id, Comment.redacted_body, Submission.reference)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.id.in_({said.comment_id for said in found.items}))
    )
    read = {number: (redacted, reference) for number, redacted, reference in rows}
    shown = [
        Spoken(said.id, said.kind, said.text, read[said.comment_id][1], said.copies)
        for said in found.items
        if _uncovered(said, read[said.comment_id][0])
    ]
    return Page(shown, found.next_cursor)


def _uncovered(said: Said, redacted: str | None) -> bool:
    return redacted is None or said.text in redacted


def declared_by(session: Session, consultation_id: int, account_id: int) -> list[Letter]:
    """The campaigns somebody declared, the last first."""
    rows = session.scalars(
        select(Campaign)
        .where(Campaign.consultation_id == consultation_id, Campaign.declared_by == account_id)
        .order_by(Campaign.declared_at.desc())
    ).all()
    return letters(session, rows)
