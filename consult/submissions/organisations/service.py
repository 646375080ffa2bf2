"""Shared drafts of an organisation: an editor prepares one, members change it, and a signatory sends it."""

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
from consult.submissions.content.draft import DraftContent
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts import sign_off
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.model import Draft, Submission
from consult.submissions.organisations.model import SignOff


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
    """Return whether the account may send for the organisation."""
    if account_id is None or organisation_id is None:
        return False
    membership = get_membership(session, account_id, organisation_id)
    return membership is not None and membership.signatory


def get_membership(session: Session, account_id: int, organisation_id: int) -> Membership | None:
    return session.scalar(
        select(Membership).where(Membership.account_id == account_id, Membership.organisation_id == organisation_id)
    )


def hand_over_draft(session: Session, *, consultation: Consultation, owner: DraftOwner) -> int:
    """Hand over an account's own draft to the organisation that it is written for, and return the organisation's id.

    It is merged with the text that members have written there. Raises a Refusal if the draft names no organisation.
    """
    own = replace(owner, organisation_id=None)
    written = drafts.get_draft(session, consultation_id=consultation.id, owner=own).writing
    chosen = written.about.organisation_id if written.about else None
    if chosen is None or owner.account_id is None:
        raise Refusal(_("First choose the organisation for which you prepare this submission."))
    if not is_member(session, owner.account_id, chosen):
        raise Forbidden(_("You are not a member of this organisation."))

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
    """Return an account's drafts for an organisation that were not handed over."""
    rows = session.execute(
        select(Draft, Consultation)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(Draft.account_id == account_id)
        .order_by(Draft.id)
    )
    found = [(draft, consultation, drafts.unseal_draft(draft).about) for draft, consultation in rows]
    return [(draft, it) for draft, it, about in found if about and about.organisation_id == organisation_id]


def leave_organisation(session: Session, *, by: Account, organisation_id: int, hand: bool) -> None:
    """Leave an organisation. Drafts for it are handed over, or stay the account's own without its name.

    Raises LastOwner.
    """
    for _draft, consultation in list_prepared_drafts(session, by.id, organisation_id) if hand else ():
        hand_over_draft(session, consultation=consultation, owner=DraftOwner(by.id))
    organisations.remove_member(session, by=by, organisation_id=organisation_id, account_id=by.id)


@organisations.on_leave
def clear_organisation_name(session: Session, account_id: int, organisation_id: int) -> None:
    """Clear the organisation's name from the drafts of a former member, who must choose a name again."""
    for _draft, consultation in list_prepared_drafts(session, account_id, organisation_id):
        drafts.save(session, consultation.id, DraftOwner(account_id), lambda writing: replace(writing, about=None))


def list_shared_drafts(session: Session, account_id: int) -> Sequence[SharedDraft]:
    """Return up to 50 drafts of the account's organisations, latest change first."""
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


def list_waiting_drafts(session: Session, shared: Sequence[SharedDraft], account_id: int) -> list[SharedDraft]:
    """Return the shared drafts that wait for this member's answer in a sign-off."""
    if not shared:
        return []
    rows = session.execute(
        select(SignOff.organisation_id, SignOff.consultation_id).where(
            SignOff.account_id == account_id, SignOff.submission_id.is_(None)
        )
    )
    asked = {(row.organisation_id, row.consultation_id) for row in rows}
    found = []
    for row in shared:
        of = {"organisation_id": row.organisation.id, "consultation_id": row.consultation.id}
        if tuple(of.values()) not in asked:
            continue
        owner = DraftOwner(account_id, None, row.organisation.id)
        mark = drafts.get_draft(session, consultation_id=row.consultation.id, owner=owner).mark
        if sign_off.get_state(session, **of, mark=mark).waits_for(account_id):
            found.append(row)
    return found


def notify_signatories(session: Session, *, consultation: Consultation, organisation_id: int, by: Account) -> None:
    """E-mail the other signatories that a draft waits for them, once for each draft handed over."""
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
    """Return the newest 50 submissions of organisations that the account may sign for, without its own."""
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
    """Return one such submission. Raises NotFound, also if the account may not sign for it."""
    row = session.scalar(
        select(Submission).where(
            Submission.organisation_id == organisation_id,
            Submission.reference.in_(submissions_values.reference_spellings(reference)),
        )
    )
    if row is None or not may_sign(session, account_id, organisation_id):
        raise NotFound(_("We cannot find this submission. It may belong to another organisation."))
    consultation = session.get_one(Consultation, row.consultation_id)
    return OrganisationSubmission(session.get_one(Organisation, organisation_id), consultation, row)
