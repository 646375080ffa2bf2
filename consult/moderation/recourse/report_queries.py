"""Queries on content reports: the submission, and all reports on it with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.decisions.model import ReportKind
from consult.decisions.reports import unseal_words
from consult.moderation import held_answers as recourse_answers
from consult.moderation.queue.case_page import CommentInContext, list_comments_in_context
from consult.moderation.recourse import reports
from consult.moderation.recourse.appeal_queries import EXCERPT_LENGTH
from consult.moderation.recourse.model import RecourseAnswer, Report, SenderCheck
from consult.submissions.comments.parties import find_own
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.model import Comment, State, Submission

SHOWN = 100


@dataclass(frozen=True)
class ReportedSubmission:
    """A reported submission, without names."""

    id: int
    reference: str
    title: str
    count: int
    kinds: Sequence[str]
    since: datetime
    words: str  # beginning of the public text
    language: str
    own: bool


@dataclass(frozen=True)
class ReportCase:
    """A reported submission with its reports."""

    submission: Submission
    consultation: Consultation
    comments: Sequence[CommentInContext]
    evidence: Sequence[EvidencePiece]
    reports: Sequence[tuple[Report, str]]  # each with its text
    own: bool
    published_it: bool  # whether the reader published it
    pending_answer: RecourseAnswer | None = None  # an answer that has not taken effect

    @property
    def open(self) -> bool:
        return bool(self.reports) and self.submission.state is State.PUBLISHED

    @property
    def checked(self) -> SenderCheck | None:
        """Return the reply of the submission's address to a report “I did not send this”."""
        return next((one.checked for one, _words in self.reports if one.kind is ReportKind.NOT_MINE), None)

    @property
    def bodies(self) -> dict[int, str]:
        return {item.comment.id: item.comment.body for item in self.comments}

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Return the words hidden already, each with its reason code."""
        return [
            (item.comment.body[row["start"] : row["end"]], row["reason"])
            for item in self.comments
            for row in item.comment.redactions or ()
        ]

    def about(self, report: Report) -> int:
        """Return the number of the reported comment, from 1, or 0 for the whole submission or evidence."""
        places = [item.comment.id for item in self.comments]
        return places.index(report.comment_id) + 1 if report.comment_id in places else 0


def list_waiting(session: Session, moderator: Account) -> list[ReportedSubmission]:
    """List submissions with open reports, oldest first, up to a page."""
    count, since = func.count(), func.min(Report.received_at)
    rows = session.execute(
        select(
            Submission.id,
            Submission.reference,
            Consultation.title,
            count,
            func.array_agg(cast(Report.kind, Text).distinct()),
            since,
            func.left(func.coalesce(Comment.redacted_body, Comment.body, ""), EXCERPT_LENGTH),
            func.coalesce(Comment.language, ""),
        )
        .join(Submission, Submission.id == Report.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(Report.outcome.is_(None), ~recourse_answers.has_pending_answer(Report.submission_id))
        .group_by(Submission.id, Consultation.title, Comment.id)
        .order_by(since, Submission.id)
        .limit(SHOWN)
    ).all()
    own = find_own(session, [row[0] for row in rows], moderator)
    return [ReportedSubmission(*[*row, row[0] in own]) for row in rows]


def get_case(session: Session, moderator: Account, submission_id: int) -> ReportCase:
    """Return a submission with its open reports. Raises NotFound."""
    row = session.execute(
        select(
            Submission,
            Consultation,
            evidence_queries.has_evidence(Submission.id),
            RecourseAnswer,
        )
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(RecourseAnswer, (RecourseAnswer.submission_id == Submission.id) & RecourseAnswer.ended.is_(None))
        .where(Submission.id == submission_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this submission."))
    made = [(report, unseal_words(report)) for report in reports.list_waiting(session, submission_id)]
    return ReportCase(
        row[0],
        row[1],
        list_comments_in_context(session, row[0]),
        evidence_queries.list_by_submission(session, submission_id) if row[2] else (),
        made,
        bool(find_own(session, [submission_id], moderator)),
        moderator.id in reports.get_publishers(session, submission_id),
        row[3],
    )
