"""What moderators read of reports: what was reported and why, one submission with all that was said about it."""

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
from consult.moderation import reports
from consult.moderation.appealing import BEGINNING
from consult.moderation.reading import Said, said
from consult.moderation.recourse import Checked, Report, ReportKind
from consult.moderation.service import own_words
from consult.submissions import exhibits
from consult.submissions.exhibits import Exhibit
from consult.submissions.model import Comment, State, Submission

SHOWN = 100


@dataclass(frozen=True)
class Line:
    """A submission that was reported, without a name."""

    id: int
    reference: str
    title: str
    count: int
    kinds: Sequence[str]
    since: datetime
    words: str  # how it begins, as the public reads it
    language: str
    own: bool


@dataclass(frozen=True)
class Case:
    """What was reported, with what is said about it."""

    submission: Submission
    consultation: Consultation
    said: Sequence[Said]
    evidence: Sequence[Exhibit]
    reports: Sequence[tuple[Report, str]]  # with what was written
    own: bool
    published_it: bool  # the reader did

    @property
    def open(self) -> bool:
        return bool(self.reports) and self.submission.state is State.PUBLISHED

    @property
    def checked(self) -> Checked | None:
        """What the address given with it says about “I did not send this”."""
        return next((one.checked for one, _words in self.reports if one.kind is ReportKind.NOT_MINE), None)

    @property
    def bodies(self) -> dict[int, str]:
        return {item.comment.id: item.comment.body for item in self.said}

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The words hidden already, each with the code of its reason."""
        return [
            (item.comment.body[row["start"] : row["end"]], row["reason"])
            for item in self.said
            for row in item.comment.redactions or ()
        ]

    def about(self, report: Report) -> int:
        """The number of the comment a report is about, from 1; 0 for the submission or a piece of evidence."""
        places = [item.comment.id for item in self.said]
        return places.index(report.comment_id) + 1 if report.comment_id in places else 0


def waiting(session: Session, moderator: Account) -> list[Line]:
    """What was reported and nobody has looked at, the oldest first, as far as a page shows it. One statement."""
    count, since = func.count(), func.min(Report.received_at)
    rows = session.execute(
        select(
            Submission.id, Submission.reference, Consultation.title, count,
            func.array_agg(cast(Report.kind, Text).distinct()), since,
            func.left(func.coalesce(Comment.redacted_body, Comment.body, ""), BEGINNING),
            func.coalesce(Comment.language, ""), own_words(moderator),
        )
        .join(Submission, Submission.id == Report.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(Report.outcome.is_(None))
        .group_by(Submission.id, Consultation.title, Comment.id)
        .order_by(since, Submission.id)
        .limit(SHOWN)
    )  # fmt: skip
    return [Line(*row) for row in rows]


def case(session: Session, moderator: Account, submission_id: int) -> Case:
    """A submission with the reports that wait on it. Raises NotFound."""
    row = session.execute(
        select(Submission, Consultation, own_words(moderator), exhibits.any_of(Submission.id))
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Submission.id == submission_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("There is no such submission."))
    made = [(report, reports.words_of(report)) for report in reports.waiting_on(session, submission_id)]
    return Case(
        row[0], row[1], said(session, row[0]),
        exhibits.of_submission(session, submission_id) if row[3] else (), made, row[2],
        moderator.id in reports.publishers(session, submission_id),
    )  # fmt: skip
