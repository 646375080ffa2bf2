"""Letters about case studies: to authors, to whoever is asked to appraise or did, and to whoever cited one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.model import (
    AppealAgainst,
    Appraisal,
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyCitation,
    StudyState,
    WithdrawnBy,
)
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.mail.model import Letter
from consult.moderation.policy import service as policy
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


def get_appeal_deadline(session: Session, row: CaseStudy) -> datetime | None:
    """Before this its author can appeal against the last decision that held it back."""
    days = policy.get_current(session).appeal_days
    return row.decided_at + timedelta(days=days) if row.decided_at else None


def post_decision(session: Session, row: CaseStudy, *, published: bool, appealed: str = "") -> None:
    """Tells the author that it is published, or what has to be changed and until when an appeal can be made.

    `appealed`: why its return was overturned.
    """
    _post(
        session,
        row.account_id,
        f"decided:{row.id}:{_stamp(row.amended_at or row.published_at if published else row.decided_at)}",
        "decided",
        title=row.working["title"],
        slug=row.slug,
        number=row.id,
        published=published,
        reference=row.reference,
        first=row.edition == 1,
        why=row.returned_why,
        appealed=appealed,
        until=get_appeal_deadline(session, row),
    )


def post_request(session: Session, row: CaseStudy, asked: AppraisalRequest, *, again: bool) -> None:
    """Asks an appraiser; `again` is the one reminder."""
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


def post_appraisal(session: Session, row: CaseStudy, said: Appraisal, *, name: str, replaces: bool) -> None:
    """Tells the author that it was appraised, or that an appraiser replaced what they had said."""
    _post(
        session,
        row.account_id,
        f"appraised:{said.id}:{_stamp(said.at)}",
        "appraised",
        title=row.title,
        reference=row.reference,
        slug=row.slug,
        number=row.id,
        name=name,
        certainty=said.certainty,
        went=said.direction,
        replaces=replaces,
        answered=bool(row.answer),
    )


def post_answer(session: Session, row: CaseStudy) -> None:
    """Tells each appraiser what the author answers; nobody once it is withdrawn."""
    if row.state is not StudyState.PUBLISHED:
        return
    appraised = select(Appraisal).where(Appraisal.case_study_id == row.id).order_by(Appraisal.id)
    for said in session.scalars(appraised).all():
        _post(
            session,
            said.account_id,
            f"answered:{said.id}:{_stamp(row.answered_at)}",
            "answered",
            title=row.title,
            reference=row.reference,
            slug=row.slug,
            answer=row.answer,
        )


def post_appeal(session: Session, row: CaseStudy, appeal: CaseStudyAppeal) -> None:
    """Tells the author that an appeal is received, or how it is answered."""
    _post(
        session,
        row.account_id,
        f"appeal:{appeal.id}:{appeal.outcome or 'received'}",
        "appeal",
        title=row.title or row.working["title"],
        number=row.id,
        slug=row.slug,
        outcome=appeal.outcome,
        withdrawn=appeal.against is AppealAgainst.WITHDRAWAL,
        answer=appeal.answer,
    )


def post_withdrawal(session: Session, row: CaseStudy, *, restored: bool = False) -> None:
    """Tells the author of each published submission that cites it, that it is withdrawn or is not any more.

    One letter a submission. Its own author is told too where somebody else withdrew it.
    """
    if row.withdrawn_by is not WithdrawnBy.AUTHOR and not restored:
        _post(
            session,
            row.account_id,
            f"withdrawn:{row.id}:author:{_stamp(row.withdrawn_at)}",
            "withdrawn_yours",
            title=row.title,
            reference=row.reference,
            number=row.id,
            who=row.withdrawn_by,
            why=row.withdrawn_why,
            until=get_appeal_deadline(session, row),
        )
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
    """Holds back the letters that ask for an appraisal and have not gone yet."""
    asked = session.scalars(select(AppraisalRequest.id).where(AppraisalRequest.case_study_id == row.id))
    keys = [f"case_study:asked:{number}:{which}" for number in asked for which in ("first", "again")]
    letters = session.scalars(select(Letter.id).where(Letter.key.in_(keys))).all()
    mail.cancel(session, letter_ids=letters, reason="withdrawn")


def forget(session: Session, row: CaseStudy) -> None:
    """Takes the words of a draft that is destroyed out of letters about it."""
    about = [f"case_study:decided:{row.id}:"]
    about += [
        f"case_study:appeal:{number}:"
        for number in session.scalars(select(CaseStudyAppeal.id).where(CaseStudyAppeal.case_study_id == row.id))
    ]
    keys = [
        key for begin in about for key in session.scalars(select(Letter.key).where(Letter.key.startswith(begin))).all()
    ]
    mail.forget(session, keys=keys)
