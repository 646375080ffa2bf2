"""E-mails about case studies to authors, reviewers and people who cited one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.model import (
    Appraisal,
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyCitation,
    StudyState,
)
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.mail.model import Letter
from consult.submissions.letters import author_address
from consult.submissions.model import Comment, Submission


def _post(session: Session, account_id: int, key: str, template: str, **context: Any) -> None:
    account = session.get_one(Account, account_id)
    mail.post(
        session,
        key=f"case_study:{key}",
        to=unseal(account.email_sealed),
        template=f"case_studies/mail/{template}",
        language=account.language,
        **context,
    )


def _stamp(at: datetime | None) -> str:
    return f"{at:%Y%m%d%H%M%S%f}" if at else ""


def post_request(session: Session, row: CaseStudy, asked: AppraisalRequest, *, again: bool) -> None:
    """Ask a reviewer. `again` marks the reminder."""
    asker = session.get_one(Account, asked.asked_by_id)
    _post(
        session,
        asked.account_id,
        f"asked:{asked.id}:{'again' if again else 'first'}",
        "asked",
        title=row.title,
        summary=row.summary,
        reference=row.reference,
        slug=row.slug,
        language_of=row.language,
        by=asker.display_name,
        by_author=asker.id == row.account_id,
        due=asked.due_at,
        again=again,
    )


def post_appraisal(session: Session, row: CaseStudy, appraisal: Appraisal, *, name: str, replaces: bool) -> None:
    """Notify the author of a new or replaced review."""
    _post(
        session,
        row.account_id,
        f"appraised:{appraisal.id}:{_stamp(appraisal.at)}",
        "appraised",
        title=row.title,
        reference=row.reference,
        slug=row.slug,
        number=row.id,
        name=name,
        certainty=appraisal.certainty,
        went=appraisal.direction,
        replaces=replaces,
        answered=bool(row.answer),
    )


def post_answer(session: Session, row: CaseStudy) -> None:
    """Notify each reviewer of the author's answer, unless the case study is withdrawn."""
    if row.state is not StudyState.PUBLISHED:
        return
    appraised = select(Appraisal).where(Appraisal.case_study_id == row.id).order_by(Appraisal.id)
    for appraisal in session.scalars(appraised).all():
        _post(
            session,
            appraisal.account_id,
            f"answered:{appraisal.id}:{_stamp(row.answered_at)}",
            "answered",
            title=row.title,
            reference=row.reference,
            slug=row.slug,
            answer=row.answer,
        )


def post_withdrawal(session: Session, row: CaseStudy, *, restored: bool = False) -> None:
    """Notify the authors of published submissions that cite it of its withdrawal or restoration.

    One e-mail per submission.
    """
    decided = _stamp(row.withdrawn_at or row.decided_at)
    cited = select(Comment.submission_id).join(CaseStudyCitation, CaseStudyCitation.comment_id == Comment.id)
    ids = cited.where(CaseStudyCitation.case_study_id == row.id, Comment.shown).distinct()
    for submission in session.scalars(select(Submission).where(Submission.id.in_(ids)).order_by(Submission.id)).all():
        address = author_address(session, submission)
        if address is None:
            continue
        mail.post(
            session,
            key=f"case_study:{'restored' if restored else 'withdrawn'}:{row.id}:{submission.id}:{decided}",
            to=address[0],
            template="case_studies/mail/withdrawn",
            language=address[1],
            title=row.title,
            reference=row.reference,
            slug=row.slug,
            who=row.withdrawn_by,
            why=row.withdrawn_why,
            submission=submission.reference,
            restored=restored,
        )


def cancel_requests(session: Session, row: CaseStudy) -> None:
    """Cancel unsent requests for reviews."""
    asked = session.scalars(select(AppraisalRequest.id).where(AppraisalRequest.case_study_id == row.id))
    keys = [f"case_study:asked:{number}:{which}" for number in asked for which in ("first", "again")]
    letters = session.scalars(select(Letter.id).where(Letter.key.in_(keys))).all()
    mail.cancel(session, letter_ids=letters, reason="withdrawn")


def forget(session: Session, row: CaseStudy) -> None:
    """Erase the words of a deleted draft from e-mails about it."""
    filed = session.scalars(select(CaseStudyAppeal.id).where(CaseStudyAppeal.item_id == row.id))
    about = [f"case_study:decided:{row.id}:", *(f"case_study:appeal:{number}:" for number in filed)]
    keys = [
        key for begin in about for key in session.scalars(select(Letter.key).where(Letter.key.startswith(begin))).all()
    ]
    mail.forget(session, keys=keys)
