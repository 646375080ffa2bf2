"""Letters about case studies: to their authors, and to whoever cited one that is withdrawn."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.model import CaseStudy, CaseStudyCitation
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.submissions.letters import author_address
from consult.submissions.model import Comment, Submission


def post_decision(session: Session, row: CaseStudy, *, published: bool) -> None:
    """Tells the author that it is published, or what has to be changed."""
    account = session.get_one(Account, row.account_id)
    mail.post(
        session,
        key=f"case_study:decided:{row.id}:{row.sent_at:%Y%m%d%H%M%S}",
        to=unseal(account.email_sealed),
        template="case_studies/mail/decided",
        language=account.language,
        title=row.working["title"],
        slug=row.slug,
        number=row.id,
        published=published,
        reference=row.reference,
        why=row.returned_why,
    )


def post_withdrawal(session: Session, row: CaseStudy) -> None:
    """Tells the author of each published submission that cites it; one letter a submission."""
    cited = select(Comment.submission_id).join(CaseStudyCitation, CaseStudyCitation.comment_id == Comment.id)
    ids = cited.where(CaseStudyCitation.case_study_id == row.id, Comment.shown).distinct()
    for submission in session.scalars(select(Submission).where(Submission.id.in_(ids)).order_by(Submission.id)).all():
        address = author_address(session, submission)
        if address is None:
            continue
        mail.post(
            session,
            key=f"case_study:withdrawn:{row.id}:{submission.id}",
            to=address[0],
            template="case_studies/mail/withdrawn",
            language=address[1],
            title=row.title,
            reference=row.reference,
            slug=row.slug,
            who=row.withdrawn_by,
            why=row.withdrawn_why,
            submission=submission.reference,
        )
