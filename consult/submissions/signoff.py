"""Sign-off inside an organisation: an editor prepares, every member may change it, one who may sign sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.mail import service as mail
from consult.submissions import content, drafts
from consult.submissions.drafts import Owner
from consult.submissions.model import Draft, Submission
from consult.submissions.writing import Writing


@dataclass(frozen=True)
class Shared:
    """A draft that an organisation's members write together."""

    organisation: Organisation
    consultation: Consultation
    draft: Draft
    may_send: bool


@dataclass(frozen=True)
class Sent:
    """A submission of an organisation."""

    organisation: Organisation
    consultation: Consultation
    submission: Submission


def is_member(session: Session, account_id: int, organisation_id: int) -> bool:
    return membership(session, account_id, organisation_id) is not None


def may_sign(session: Session, account_id: int | None, organisation_id: int | None) -> bool:
    """Whether the account may send in the organisation's name."""
    if account_id is None or organisation_id is None:
        return False
    found = membership(session, account_id, organisation_id)
    return found is not None and found.signatory


def membership(session: Session, account_id: int, organisation_id: int) -> Membership | None:
    return session.scalar(
        select(Membership).where(
            Membership.account_id == account_id, Membership.organisation_id == organisation_id
        )
    )  # fmt: skip


def hand_over(session: Session, *, consultation: Consultation, owner: Owner) -> int:
    """Makes one's own draft that of the organisation it speaks for; gives the organisation's number.

    What its members have written there already is kept beside it. Raises a Refusal where it speaks for none.
    """
    own = replace(owner, organisation_id=None)
    written = drafts.held(session, consultation_id=consultation.id, owner=own).writing
    chosen = written.about.organisation_id if written.about else None
    if chosen is None or owner.account_id is None:
        raise Refusal(_("Say first for which of your organisations you prepare this."))
    if not is_member(session, owner.account_id, chosen):
        raise Forbidden(_("Your account is not a member of this organisation."))

    def both(there: Writing) -> Writing:
        return replace(there.joined(written), about=written.about)

    drafts.save(session, consultation_id=consultation.id, owner=Owner(owner.account_id, None, chosen), change=both)
    drafts.discard(session, consultation_id=consultation.id, owner=own)
    by = session.get_one(Account, owner.account_id)
    tell_signatories(session, consultation=consultation, organisation_id=chosen, by=by)
    return chosen


def shared(session: Session, account_id: int) -> Sequence[Shared]:
    """The drafts of the organisations that the account is a member of, the last touched first."""
    rows = session.execute(
        select(Organisation, Consultation, Draft, Membership.signatory)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Draft, Draft.organisation_id == Organisation.id)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Membership.account_id == account_id)
        .order_by(Draft.updated_at.desc())
        .limit(50)
    )
    return [Shared(*row) for row in rows]


def tell_signatories(session: Session, *, consultation: Consultation, organisation_id: int, by: Account) -> None:
    """Writes to those who may sign that something waits for them; once for each draft that was handed over."""
    it = session.get_one(Organisation, organisation_id)
    draft = session.scalars(
        select(Draft.id).where(Draft.organisation_id == it.id, Draft.consultation_id == consultation.id)
    ).one()
    signatories = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == it.id, Membership.signatory, Account.id != by.id)
        .order_by(Account.id)
    )
    for account in session.scalars(signatories):
        mail.post(
            session, key=f"handed over:{draft}:{account.id}", to=unseal(account.email_sealed),
            template="submissions/mail/handed_over", language=account.language, organisation=it.name,
            title=consultation.title, body=consultation.body, zone=consultation.timezone,
            closes_at=consultation.closes_at,
        )  # fmt: skip


def sent(session: Session, account_id: int) -> Sequence[Sent]:
    """What the organisations have sent that the account may sign for, whoever sent it, the newest first."""
    rows = session.execute(
        select(Organisation, Consultation, Submission)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Submission, Submission.organisation_id == Organisation.id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(
            Membership.account_id == account_id, Membership.signatory,
            Submission.account_id.is_distinct_from(account_id),
        )
        .order_by(Submission.id.desc())
        .limit(50)
    )  # fmt: skip
    return [Sent(*row) for row in rows]


def one_sent(session: Session, account_id: int, organisation_id: int, reference: str) -> Sent:
    """One of them. Raises NotFound alike for what is not there and for whoever may not sign for the organisation."""
    found = session.scalar(
        select(Submission).where(
            Submission.organisation_id == organisation_id, Submission.reference.in_(content.spellings(reference))
        )
    )  # fmt: skip
    if found is None or not may_sign(session, account_id, organisation_id):
        raise NotFound(_("There is no such submission among those of your organisations."))
    consultation = session.get_one(Consultation, found.consultation_id)
    return Sent(session.get_one(Organisation, organisation_id), consultation, found)
