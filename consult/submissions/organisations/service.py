"""Sign-off in an organisation: an editor prepares a draft, members change it, a signatory sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.mail import service as mail
from consult.submissions import values as submissions_values
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.drafts.values import DraftContent
from consult.submissions.model import Draft, Submission


@dataclass(frozen=True)
class SharedDraft:
    """A draft that an organisation's members write together."""

    organisation: Organisation
    consultation: Consultation
    draft: Draft
    may_send: bool


@dataclass(frozen=True)
class OrganisationSubmission:
    """A submission of an organisation."""

    organisation: Organisation
    consultation: Consultation
    submission: Submission


def is_member(session: Session, account_id: int, organisation_id: int) -> bool:
    return get_membership(session, account_id, organisation_id) is not None


def may_sign(session: Session, account_id: int | None, organisation_id: int | None) -> bool:
    """Whether the account may send in the organisation's name."""
    if account_id is None or organisation_id is None:
        return False
    found = get_membership(session, account_id, organisation_id)
    return found is not None and found.signatory


def get_membership(session: Session, account_id: int, organisation_id: int) -> Membership | None:
    return session.scalar(
        select(Membership).where(Membership.account_id == account_id, Membership.organisation_id == organisation_id)
    )


def hand_over_draft(session: Session, *, consultation: Consultation, owner: DraftOwner) -> int:
    """Makes one's own draft that of the organisation it speaks for; gives the organisation's number.

    What its members have written there already is kept beside it. Raises a Refusal where it speaks for none.
    """
    own = replace(owner, organisation_id=None)
    written = drafts.get_draft(session, consultation_id=consultation.id, owner=own).writing
    chosen = written.about.organisation_id if written.about else None
    if chosen is None or owner.account_id is None:
        raise Refusal(_("Say first for which of your organisations you prepare this."))
    if not is_member(session, owner.account_id, chosen):
        raise Forbidden(_("Your account is not a member of this organisation."))

    def both(there: DraftContent) -> DraftContent:
        return replace(there.joined(written), about=written.about)

    drafts.save(session, consultation_id=consultation.id, owner=DraftOwner(owner.account_id, None, chosen), change=both)
    drafts.discard(session, consultation_id=consultation.id, owner=own)
    by = session.get_one(Account, owner.account_id)
    notify_signatories(session, consultation=consultation, organisation_id=chosen, by=by)
    return chosen


def list_prepared_drafts(
    session: Session, account_id: int, organisation_id: int
) -> Sequence[tuple[Draft, Consultation]]:
    """The drafts of an account that speak for an organisation and that it has not handed over."""
    rows = session.execute(
        select(Draft, Consultation)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Draft.account_id == account_id)
        .order_by(Draft.id)
    )
    found = [(draft, consultation, drafts.unseal_draft(draft).about) for draft, consultation in rows]
    return [(draft, it) for draft, it, about in found if about and about.organisation_id == organisation_id]


def leave_organisation(session: Session, *, by: Account, organisation_id: int, hand: bool) -> None:
    """Leaves an organisation: what one prepared for it is handed to its members, or stays one's own without its name.

    Raises LastOwner.
    """
    for _draft, consultation in list_prepared_drafts(session, by.id, organisation_id) if hand else ():
        hand_over_draft(session, consultation=consultation, owner=DraftOwner(by.id))
    organisations.remove_member(session, by=by, organisation_id=organisation_id, account_id=by.id)


@organisations.on_leave
def clear_organisation_name(session: Session, account_id: int, organisation_id: int) -> None:
    """Makes the drafts of a former member their own: the words stay, the name must be chosen again."""
    for _draft, consultation in list_prepared_drafts(session, account_id, organisation_id):
        drafts.save(session, consultation.id, DraftOwner(account_id), lambda writing: replace(writing, about=None))


def list_shared_drafts(session: Session, account_id: int) -> Sequence[SharedDraft]:
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
    return [SharedDraft(*row) for row in rows]


def notify_signatories(session: Session, *, consultation: Consultation, organisation_id: int, by: Account) -> None:
    """Writes to those who may sign that something waits for them; once for each draft that was handed over."""
    it, at = session.get_one(Organisation, organisation_id), now()
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
            session,
            key=f"handed over:{draft}:{account.id}",
            to=unseal_address(account.email_sealed),
            template="submissions/mail/handed_over",
            language=account.language,
            organisation=it.name,
            title=consultation.title,
            body=consultation.body,
            zone=consultation.timezone,
            until=consultation.ends_at(at),
            open=consultation.is_open(at),
            late=consultation.is_late(at),
        )


def list_sent_submissions(session: Session, account_id: int) -> Sequence[OrganisationSubmission]:
    """Submissions of organisations that the account may sign for, the newest first."""
    rows = session.execute(
        select(Organisation, Consultation, Submission)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Submission, Submission.organisation_id == Organisation.id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(
            Membership.account_id == account_id,
            Membership.signatory,
            Submission.account_id.is_distinct_from(account_id),
        )
        .order_by(Submission.id.desc())
        .limit(50)
    )
    return [OrganisationSubmission(*row) for row in rows]


def get_sent_submission(
    session: Session, account_id: int, organisation_id: int, reference: str
) -> OrganisationSubmission:
    """One of them. Raises NotFound alike for a missing one and for accounts that may not sign."""
    found = session.scalar(
        select(Submission).where(
            Submission.organisation_id == organisation_id,
            Submission.reference.in_(submissions_values.reference_spellings(reference)),
        )
    )
    if found is None or not may_sign(session, account_id, organisation_id):
        raise NotFound(_("There is no such submission among those of your organisations."))
    consultation = session.get_one(Consultation, found.consultation_id)
    return OrganisationSubmission(session.get_one(Organisation, organisation_id), consultation, found)
