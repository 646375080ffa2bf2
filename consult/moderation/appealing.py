"""What moderators read of appeals: those that wait, and one with the decision it is against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation import appeals, letters
from consult.moderation.model import Batch, Decision, Outcome
from consult.moderation.reading import Said, said
from consult.moderation.recourse import Appeal, AppealOutcome
from consult.moderation.service import own_words
from consult.submissions.model import Comment, Submission

SHOWN = 100
BEGINNING = 280
"""So many characters of the words are shown in the list."""
_ANSWERER = aliased(Account)


@dataclass(frozen=True)
class Line:
    """An appeal in the list, without a name."""

    id: int
    reference: str
    title: str
    outcome: Outcome  # of the decision
    reason: str | None
    received_at: datetime
    words: str  # how it begins
    language: str
    involved: bool  # the reader had a part in the decision, or filed it


@dataclass(frozen=True)
class Case:
    """One appeal as a moderator reads it."""

    appeal: Appeal
    submission: Submission
    consultation: Consultation
    decision: Decision
    decider: str
    answerer: str | None
    words: str  # of the appeal
    said: Sequence[Said]
    hidden: Sequence[tuple[str, str]]  # words that the decision hides, and why
    involved: bool
    own: bool

    @property
    def open(self) -> bool:
        return self.appeal.outcome is None and self.appeal.revision == self.submission.revision

    @property
    def bodies(self) -> dict[int, str]:
        return {item.comment.id: item.comment.body for item in self.said}

    @property
    def lapsed(self) -> bool:
        return not self.open and self.appeal.outcome in (None, AppealOutcome.LAPSED)


def waiting(session: Session, moderator: Account) -> list[Line]:
    """The appeals that wait, the oldest first, as far as a page shows them. One statement."""
    part = or_(
        Decision.moderator_id == moderator.id, Decision.second_id.is_not_distinct_from(moderator.id),
        Batch.moderator_id.is_not_distinct_from(moderator.id), Batch.second_id.is_not_distinct_from(moderator.id),
        own_words(moderator),
    )  # fmt: skip
    rows = session.execute(
        select(
            Appeal.id, Submission.reference, Consultation.title, Decision.outcome, Decision.reason, Appeal.received_at,
            func.left(func.coalesce(Comment.body, ""), BEGINNING), func.coalesce(Comment.language, ""), part,
        )
        .join(Submission, Submission.id == Appeal.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(Appeal.outcome.is_(None))
        .order_by(Appeal.received_at, Appeal.id)
        .limit(SHOWN)
    )  # fmt: skip
    return [Line(*row) for row in rows]


def case(session: Session, moderator: Account, appeal_id: int) -> Case:
    """An appeal with the words it is about. Raises NotFound."""
    row = session.execute(
        select(
            Appeal, Submission, Consultation, Decision, Account.display_name, _ANSWERER.display_name,
            own_words(moderator),
        )
        .join(Submission, Submission.id == Appeal.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .join(Account, Account.id == Decision.moderator_id)
        .outerjoin(_ANSWERER, _ANSWERER.id == Appeal.moderator_id)
        .where(Appeal.id == appeal_id)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(_("There is no such appeal."))
    appeal, submission, decision = row[0], row[1], row[3]
    return Case(
        appeal, submission, row[2], decision, row[4], row[5], appeals.words_of(appeal, submission),
        said(session, submission), letters.hidden_words(session, decision.redactions),
        moderator.id in appeals.involved(session, appeal), row[6],
    )  # fmt: skip
