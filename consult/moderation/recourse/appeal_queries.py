"""Queries on appeals: open ones, and one with the decision it is against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.decisions.model import AppealOutcome
from consult.moderation import held_answers as recourse_answers
from consult.moderation import letters
from consult.moderation.checks.text_checks import find_rough_words
from consult.moderation.model import Batch, Decision, DecisionOutcome
from consult.moderation.queue.case_page import CommentInContext, list_comments_in_context, list_redaction_reasons
from consult.moderation.recourse import appeals
from consult.moderation.recourse.model import Appeal, RecourseAnswer
from consult.moderation.redaction import Redaction, WordMark, find_spans, split_sentences
from consult.submissions.comments.parties import find_own
from consult.submissions.model import Comment, Submission

SHOWN = 100
EXCERPT_LENGTH = 280
"""Characters of text shown in the list."""
_ANSWERER, _PROPOSER = aliased(Account), aliased(Account)


@dataclass(frozen=True)
class AppealRow:
    """An appeal in the list, without names."""

    id: int
    reference: str
    title: str
    outcome: DecisionOutcome  # of the decision
    reason: str | None
    received_at: datetime
    words: str  # beginning of the text
    language: str
    decided: bool  # the reader took part in the decision
    proposed: bool  # an answer waits for a second person
    own: bool  # the reader has a conflict of interest

    @property
    def involved(self) -> bool:
        return self.decided or self.own


@dataclass(frozen=True)
class AppealCase:
    """An appeal as shown to a moderator."""

    appeal: Appeal
    submission: Submission
    consultation: Consultation
    decision: Decision
    decider: str
    answerer: str | None
    words: str  # text of the appeal
    comments: Sequence[CommentInContext]
    hidden: Sequence[tuple[str, str]]  # hidden words with their reason codes
    involved: bool
    own: bool
    pending_answer: RecourseAnswer | None = None  # an answer that has not taken effect or waits for a second person
    proposer: str | None = None  # author of that answer

    @property
    def proposed_covers(self) -> list[Redaction]:
        """Return the redactions of the pending answer."""
        return recourse_answers.load_redactions(self.pending_answer) if self.pending_answer else []

    @property
    def marks(self) -> list[WordMark]:
        """Return the marks of offensive words and threats."""
        said = [(item.comment.id, item.comment.body) for item in self.comments]
        return [WordMark(one, it.start, it.end, "found") for one, body in said for it in find_rough_words(0, body)]

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Return the words offered for hiding: those hidden now, else quotes from the appeal or offensive sentences."""
        wanted = (
            [] if self.hidden else [part for body in self.bodies.values() for part in suggest_hidden(body, self.words)]
        )
        return [*self.hidden, *((words, "") for words in wanted)]

    @property
    def reason_codes(self) -> list[str | None]:
        """Return the reason codes of the decision and of the hidden words."""
        return [self.decision.reason, *(code for _words, code in self.hidden), *list_redaction_reasons(self.comments)]

    @property
    def open(self) -> bool:
        return self.appeal.outcome is None and self.appeal.revision == self.submission.revision

    @property
    def bodies(self) -> dict[int, str]:
        return {item.comment.id: item.comment.body for item in self.comments}

    @property
    def lapsed(self) -> bool:
        return not self.open and self.appeal.outcome in (None, AppealOutcome.LAPSED)


def suggest_hidden(body: str, appeal: str) -> list[str]:
    """Return the parts of a comment to hide: words quoted in the appeal, else sentences with offensive words.

    >>> suggest_hidden("Is it fair? Shoot them.", "I take back “shoot them”. Publish the question.")
    ['Shoot them']
    >>> suggest_hidden("Is it fair? We will kill you.", "I was angry.")
    ['We will kill you.']
    """
    quoted = [body[start:end] for words in _QUOTED.findall(appeal) for start, end in find_spans(body, words.strip())]
    if quoted:
        return quoted
    rough = find_rough_words(0, body)
    return [body[start:end] for start, end in split_sentences(body) if any(start <= it.start < end for it in rough)]


_QUOTED = re.compile(r"[“«\"„]([^“”«»\"„]{3,400})[”»\"“]")


def list_waiting(session: Session, moderator: Account) -> list[AppealRow]:
    """List waiting appeals, oldest first, up to a page."""
    part = or_(
        Decision.moderator_id == moderator.id,
        Decision.second_id.is_not_distinct_from(moderator.id),
        Batch.moderator_id.is_not_distinct_from(moderator.id),
        Batch.second_id.is_not_distinct_from(moderator.id),
    )
    rows = session.execute(
        select(
            Appeal.id,
            Submission.reference,
            Consultation.title,
            Decision.outcome,
            Decision.reason,
            Appeal.received_at,
            func.left(func.coalesce(Comment.body, ""), EXCERPT_LENGTH),
            func.coalesce(Comment.language, ""),
            part,
            _is_proposed(),
            Submission.id,
        )
        .join(Submission, Submission.id == Appeal.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(Appeal.outcome.is_(None), ~recourse_answers.has_pending_answer(Appeal.submission_id))
        .order_by(Appeal.received_at, Appeal.id)
        .limit(SHOWN)
    ).all()
    own = find_own(session, {row[-1] for row in rows}, moderator)
    return [AppealRow(*[*row[:-1], row[-1] in own]) for row in rows]


def _is_proposed() -> ColumnElement[bool]:
    waits = select(RecourseAnswer.id).where(RecourseAnswer.appeal_id == Appeal.id, RecourseAnswer.ended.is_(None))
    return waits.where(RecourseAnswer.due_at.is_(None)).exists()


def _select_case(appeal_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Appeal,
            Submission,
            Consultation,
            Decision,
            Account.display_name,
            _ANSWERER.display_name,
            RecourseAnswer,
            _PROPOSER.display_name,
        )
        .join(Submission, Submission.id == Appeal.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .outerjoin(RecourseAnswer, (RecourseAnswer.appeal_id == Appeal.id) & RecourseAnswer.ended.is_(None))
        .outerjoin(_PROPOSER, _PROPOSER.id == RecourseAnswer.moderator_id)
        .join(Account, Account.id == Decision.moderator_id)
        .outerjoin(_ANSWERER, _ANSWERER.id == Appeal.moderator_id)
        .where(Appeal.id == appeal_id)
    )


def get_case(session: Session, moderator: Account, appeal_id: int) -> AppealCase:
    """Return an appeal with its submission and decision. Raises NotFound."""
    row = session.execute(_select_case(appeal_id).execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(_("We cannot find this appeal."))
    appeal, submission, decision = row[0], row[1], row[3]
    return AppealCase(
        appeal,
        submission,
        row[2],
        decision,
        row[4],
        row[5],
        appeals.unseal_words(appeal, submission),
        list_comments_in_context(session, submission),
        letters.list_hidden_words(session, decision.redactions),
        moderator.id in appeals.get_involved(session, appeal),
        bool(find_own(session, [submission.id], moderator)),
        row[6],
        row[7],
    )
