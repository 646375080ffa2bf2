"""E-mails that ask participants for feedback on a consultation, once to each address."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.web.addresses import public_url
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.responses import answer_queries
from consult.responses.evaluation.model import EvaluationNotice
from consult.responses.evaluation.service import letter_key
from consult.submissions import service as submissions
from consult.submissions.letters import load_addressed
from consult.submissions.model import State, Submission

CHUNK = 250


def list_unfinished(session: Session) -> Sequence[int]:
    """Return the consultations with e-mails still to create."""
    number = EvaluationNotice.consultation_id
    return session.scalars(select(number).distinct().order_by(number)).all()


def write_letters(session: Session, consultation_id: int) -> bool:
    """Create some of the e-mails and return whether more may remain. Notices locked by another worker are skipped."""
    notices = session.scalars(
        select(EvaluationNotice)
        .where(EvaluationNotice.consultation_id == consultation_id)
        .order_by(EvaluationNotice.recipient)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    if not notices:
        return False
    row = session.get_one(Consultation, consultation_id)
    counts = answer_queries.count_answers(session, {row.id: row.answer_by})[row.id]
    for language, copies in sorted(_build_copies(session, notices).items()):
        mail.post_all(
            session,
            shared_key=f"evaluation:of:{row.id}:{counts.answered}:{counts.arguments}",
            template="responses/mail/evaluation",
            language=language,
            copies=copies,
            title=row.title,
            body=row.body,
            slug=row.slug,
            counts=counts,
        )
    done = [notice.recipient for notice in notices]
    here = EvaluationNotice.consultation_id == consultation_id
    session.execute(delete(EvaluationNotice).where(here, EvaluationNotice.recipient.in_(done)))
    return len(notices) == CHUNK


def _build_copies(session: Session, notices: Sequence[EvaluationNotice]) -> dict[str, list[LetterCopy]]:
    """Return the e-mails by language.

    Nobody is asked after a withdrawal or erasure, or if reachable only by recovery words.
    """
    addressed = load_addressed(
        session,
        [notice.submission_id for notice in notices],
        Submission.state.not_in((State.WITHDRAWN, State.ERASED)),
        Submission.author_key.is_not(None),
    )
    copies: dict[str, list[LetterCopy]] = {}
    for submission, address, language in addressed:
        if submission.salt is not None:
            link = public_url(
                "evaluation.give",
                reference=submission.reference,
                secret=submissions.author_secret(submission),
            )
            story = public_url(
                "trace.story", reference=submission.reference, secret=submissions.author_secret(submission)
            )
            copy = LetterCopy(letter_key(submission.id), address, fields={"evaluation": link, "story": story})
            copies.setdefault(letter_language(language), []).append(copy)
    return copies
