"""Feedback: opened when the outcome of a consultation is known, given once for each submission, and editable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.crypto import keyed_hash, seal, unseal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.mail import service as mail
from consult.responses import answer_queries
from consult.responses.evaluation.model import (
    CANNOT_SAY,
    QUESTIONS,
    SCALE,
    Evaluation,
    EvaluationNotice,
    EvaluationOpening,
)
from consult.responses.model import Response
from consult.submissions.model import State, Submission

RECENT = timedelta(days=60)
"""Maximum age of an outcome for asking participants, so that nobody is asked about old ones."""
_NOTICES = text(
    """
    INSERT INTO evaluation_notice (consultation_id, recipient, submission_id)
    SELECT :consultation, coalesce(c.email_index, a.email_index), max(s.id)
    FROM readable_submission s
    LEFT JOIN readable_contact c ON c.id = s.contact_id
    LEFT JOIN readable_account a ON a.id = s.account_id
    WHERE s.consultation_id = :consultation AND s.state IN ('published', 'withheld', 'returned')
        AND coalesce(c.email_index, a.email_index) IS NOT NULL
    GROUP BY coalesce(c.email_index, a.email_index)
    """
)


@dataclass(frozen=True)
class OwnEvaluation:
    """A participant's own answers, empty before they answer."""

    answers: Mapping[str, int] = field(default_factory=dict)
    remark: str = ""


def open_due(session: Session, *, at: datetime | None = None) -> Sequence[int]:
    """Ask the participants of every consultation whose outcome is now known, and return their ids.

    The outcome is known once no submissions are accepted or wait for a moderator, and every argument is answered or the
    promised date has passed. Safe to repeat: each consultation is opened once.
    """
    moment = at or now()
    rows = session.scalars(_select_due(moment)).all()
    return [row.id for row in rows if row.taken_until <= moment and _open(session, row, moment)]


def open_now(session: Session, row: Consultation, *, at: datetime | None = None) -> None:
    """Ask the participants because the owner declares the outcome known. Safe to repeat.

    Raises a Refusal while submissions are accepted or nothing is answered.
    """
    moment = at or now()
    if row.phase_at(moment) is not Phase.CLOSED or row.taken_until > moment:
        raise Refusal(
            _("You can ask participants after the consultation has closed and no longer accepts submissions.")
        )
    if session.scalar(select(exists().where(Response.consultation_id == row.id))) is not True:
        raise Refusal(_("Answer at least one argument first. We ask participants whether they can see the result."))
    _open(session, row, moment)


def _open(session: Session, row: Consultation, moment: datetime) -> bool:
    """Open feedback and create the notices for e-mails. Return False if it was open already."""
    made = insert(EvaluationOpening).values(consultation_id=row.id, opened_at=moment)
    added = made.on_conflict_do_nothing().returning(EvaluationOpening.consultation_id)
    if session.scalar(added) is None:
        return False
    session.execute(_NOTICES, {"consultation": row.id})
    return True


def _select_due(moment: datetime) -> Select[Consultation]:
    here = Submission.consultation_id == Consultation.id
    given = exists().where(Response.consultation_id == Consultation.id, Response.said_at >= moment - RECENT)
    today = moment.date()
    return (
        select(Consultation)
        .where(
            Consultation.phase == Phase.CLOSED,
            ~exists().where(EvaluationOpening.consultation_id == Consultation.id),
            or_(
                given & ~answer_queries.is_owing(),
                (Consultation.answer_by < today) & (Consultation.answer_by >= (moment - RECENT).date()),
            ),
            ~exists().where(here, Submission.state == State.PENDING),
        )
        .order_by(Consultation.id)
    )


def get_opening(session: Session, consultation_id: int) -> datetime | None:
    """Return when participants were asked, or None."""
    row = session.get(EvaluationOpening, consultation_id)
    return row.opened_at if row else None


def can_evaluate(session: Session, submission: Submission) -> bool:
    """Return whether the author of the submission can give feedback: in any state except erased."""
    return submission.salt is not None and get_opening(session, submission.consultation_id) is not None


def get_consultation(session: Session, submission: Submission) -> Consultation:
    """Return the consultation of a submission."""
    return session.get_one(Consultation, submission.consultation_id)


def get_own(session: Session, submission: Submission) -> OwnEvaluation:
    """Return the feedback of the submission's author."""
    row = session.get(Evaluation, _author(submission)) if submission.salt else None
    if row is None:
        return OwnEvaluation()
    given = {name: value for name in QUESTIONS if (value := getattr(row, name)) is not None}
    return OwnEvaluation(given, unseal(row.remark_sealed) if row.remark_sealed else "")


def give(session: Session, submission: Submission, *, answers: Mapping[str, int], remark: str = "") -> None:
    """Save the feedback of a proven author, replacing an earlier one. Raises NotFound if feedback is not open."""
    session.refresh(submission, with_for_update=True)
    if not can_evaluate(session, submission):
        raise NotFound(_("We are not asking for feedback on this consultation yet."))
    values = {name: answers.get(name) for name in QUESTIONS}
    if all(value is None for value in values.values()):
        raise Refusal(_("Answer at least one of the questions."), field=QUESTIONS[0])
    if any(value not in (None, CANNOT_SAY, *SCALE) for value in values.values()):
        raise Refusal(_("Choose one of the options on the scale."), field=QUESTIONS[0])
    said = one_line(remark)
    kept = {**values, "remark_sealed": seal(said) if said else None}
    row = insert(Evaluation).values(author=_author(submission), consultation_id=submission.consultation_id, **kept)
    session.execute(row.on_conflict_do_update(index_elements=["author"], set_=kept))
    session.expire_all()


def erase(session: Session, submission: Submission) -> None:
    """Delete the feedback of a submission's author. Must run before the salt is deleted, which leads to it."""
    if submission.salt is not None:
        session.execute(delete(Evaluation).where(Evaluation.author == _author(submission)))
    clear_letters(session, submission.id)


def clear_letters(session: Session, submission_id: int) -> None:
    """Cancel e-mails to the author of an erased submission. Safe to repeat."""
    session.execute(delete(EvaluationNotice).where(EvaluationNotice.submission_id == submission_id))
    mail.forget(session, keys=[letter_key(submission_id)])


def letter_key(submission_id: int) -> str:
    return f"evaluation:{submission_id}"


def _author(submission: Submission) -> bytes:
    return keyed_hash("evaluation", (submission.salt or b"") + str(submission.id).encode())
