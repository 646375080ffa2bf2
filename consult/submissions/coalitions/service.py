"""Coalitions: organisations co-sign a submission. A member with permission to sign confirms for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import csv_line, one_line
from consult.mail import service as mail
from consult.submissions import service
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import CoSignature, State, Submission
from consult.submissions.organisations import service as organisations

_SIMILAR = 8
"""Maximum number of similar names suggested."""
MOST = 500
"""Maximum number of organisations invited to one submission."""


@dataclass(frozen=True)
class CoSigner:
    """An organisation that was invited or asks to co-sign (then `invited_at` is None), and when it signed."""

    organisation: Organisation
    invited_at: datetime | None
    confirmed_at: datetime | None
    signature_id: int
    name: str  # name when signing, else the current one


@dataclass(frozen=True)
class CoalitionInvitation:
    """A submission that one of the account's organisations is invited to co-sign or has co-signed."""

    signature: CoSignature
    organisation: Organisation
    submission: Submission
    consultation: Consultation

    @property
    def joinable(self) -> bool:
        """Return whether it can be signed now."""
        return is_joinable(self.submission, self.consultation, now())


@dataclass(frozen=True)
class InvitationDetails:
    """An invitation with the text to be signed, by part of the draft or question."""

    invited: CoalitionInvitation
    comments: Sequence[comments_queries.LocatedComment]
    may_sign: bool


class UnknownOrganisation(Refusal):
    """There is no organisation of that name. `similar` are possible names."""

    def __init__(self, similar: Sequence[str]) -> None:
        text = _("We cannot find an organisation with exactly this name. Choose one below, or search with other words.")
        none = _("We cannot find an organisation with this name. It must first register under “Your organisations”.")
        super().__init__(text if similar else none, field="organisation_name")
        self.similar = similar


def invite(session: Session, *, submission: Submission, name: str, at: datetime | None = None) -> CoSignature:
    """Invite an organisation to co-sign, for the proven author. Safe to repeat. Raises a Refusal."""
    moment = at or now()
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    wanted = one_line(name).lower()
    found = session.scalar(select(Organisation).where(func.lower(Organisation.name) == wanted))
    if found is None:
        raise UnknownOrganisation(list_like(session, wanted))
    if found.id == submission.organisation_id:
        raise Refusal(_("This organisation sent the submission, so it cannot co-sign it."), field="organisation_name")
    if (asked := _signature(session, submission.id, found.id)) is not None:
        asked.invited_at = asked.invited_at or moment  # it asked to co-sign, so this accepts
        return asked
    if len(list_cosigners(session, submission.id)) >= MOST:
        raise Refusal(_("At most %(most)s organisations can co-sign.", most=MOST), field="organisation_name")
    row = CoSignature(submission_id=submission.id, organisation_id=found.id, invited_at=moment)
    session.add(row)
    session.flush()
    tell_asked(session, submission, consultation, row, at=moment)
    return row


def list_like(session: Session, words: str) -> Sequence[str]:
    """Return names of organisations that contain all these words, a few by name."""
    parts = [part for part in words.split() if part][:6]
    if not parts:
        return []
    holds = [Organisation.name.icontains(part, autoescape=True) for part in parts]
    return list(session.scalars(select(Organisation.name).where(*holds).order_by(Organisation.name).limit(_SIMILAR)))


def remind(session: Session, *, submission: Submission, signature_id: int, at: datetime | None = None) -> None:
    """Remind an invited organisation that has not signed, by at most one e-mail a day. Raises NotFound."""
    moment, row = at or now(), session.get(CoSignature, signature_id)
    if row is None or row.submission_id != submission.id or row.confirmed_at is not None or row.invited_at is None:
        raise NotFound(_("This organisation has no open invitation to co-sign."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    tell_asked(session, submission, consultation, row, at=moment)


def tell_asked(
    session: Session, submission: Submission, consultation: Consultation, row: CoSignature, *, at: datetime
) -> None:
    """E-mail members who may sign for the invited organisation."""
    theirs = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == row.organisation_id, Membership.signatory)
        .order_by(Account.id)
    )
    name = session.get_one(Organisation, row.organisation_id).name
    for account in session.scalars(theirs):
        mail.post(
            session,
            key=f"asked to sign:{row.id}:{account.id}:{at:%Y%m%d}",
            to=unseal_address(account.email_sealed),
            template="submissions/mail/asked_to_sign",
            language=account.language,
            organisation=name,
            by=submission.public_name or "",
            title=consultation.title,
            reference=submission.reference,
            number=row.id,
            zone=consultation.timezone,
            until=consultation.ends_at(at),
        )


def request_to_join(
    session: Session, *, by: Account, organisation_id: int, submission: Submission, at: datetime | None = None
) -> CoSignature:
    """Ask to co-sign another organisation's published submission, and e-mail its author. Safe to repeat.

    Raises a Refusal if the account may not sign for the organisation or the submission cannot be co-signed.
    """
    moment = at or now()
    if not organisations.may_sign(session, by.id, organisation_id):
        raise Forbidden(
            _("You can write for this organisation, but not sign for it. Ask a member with permission to submit.")
        )
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    if submission.state is not State.PUBLISHED or submission.organisation_id in (None, organisation_id):
        raise Conflict(_("You can only co-sign a published submission of another organisation."))
    row = _signature(session, submission.id, organisation_id)
    if row is None:
        row = CoSignature(submission_id=submission.id, organisation_id=organisation_id)
        session.add(row)
    if row.confirmed_at is None:
        _sign(session, row, by, moment)
        if row.invited_at is None:
            _tell_author(session, submission, consultation, row)
    return row


def _tell_author(session: Session, submission: Submission, consultation: Consultation, row: CoSignature) -> None:
    address = service.author_address(session, submission)
    if address is None:
        return
    mail.post(
        session,
        key=f"asks to sign:{row.id}",
        to=address[0],
        template="submissions/mail/asks_to_sign",
        language=address[1],
        organisation=session.get_one(Organisation, row.organisation_id).name,
        title=consultation.title,
        reference=submission.reference,
        secret=service.author_secret(submission),
    )


def answer_request(
    session: Session, *, submission: Submission, signature_id: int, agrees: bool, at: datetime | None = None
) -> None:
    """Accept or reject an organisation's request to co-sign, or cancel an invitation. Safe to repeat.

    Raises NotFound.
    """
    row = session.get(CoSignature, signature_id)
    if row is None or row.submission_id != submission.id:
        raise NotFound(_("We cannot find this request to co-sign. It may have been withdrawn."))
    if agrees:
        row.invited_at = row.invited_at or at or now()
    else:
        session.delete(row)
    session.flush()


def get_invitation(session: Session, *, by: Account, signature_id: int) -> InvitationDetails:
    """Return the submission that one of the account's organisations is invited to co-sign. Raises NotFound."""
    row = _of_member(session, by, signature_id)
    submission = session.get_one(Submission, row.submission_id)
    if submission.state not in _JOINABLE:
        raise NotFound(_("We cannot find this invitation. It may have been withdrawn."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    invited = CoalitionInvitation(row, session.get_one(Organisation, row.organisation_id), submission, consultation)
    located = comments_queries.list_located(session, consultation, submission)
    return InvitationDetails(invited, located, organisations.may_sign(session, by.id, row.organisation_id))


def confirm(session: Session, *, by: Account, signature_id: int, at: datetime | None = None) -> CoSignature:
    """Co-sign for the organisation. Safe to repeat.

    Raises Forbidden for members who may not sign, and Conflict if the submission cannot be co-signed any more.
    """
    moment, row = at or now(), _mine(session, by, signature_id)
    submission = session.get_one(Submission, row.submission_id)
    check_joinable(submission, session.get_one(Consultation, submission.consultation_id), moment)
    if row.confirmed_at is None:
        _sign(session, row, by, moment)
    return row


def _sign(session: Session, row: CoSignature, by: Account, at: datetime) -> None:
    """Sign and store the organisation's current name, which may change later."""
    row.confirmed_at, row.account_id = at, by.id
    row.signed_as = session.get_one(Organisation, row.organisation_id).name
    session.flush()


def leave_coalition(session: Session, *, by: Account, signature_id: int) -> None:
    """Decline an invitation, or withdraw the organisation's signature."""
    session.delete(_mine(session, by, signature_id))
    session.flush()


def list_cosigners(session: Session, submission_id: int, *, confirmed: bool = False) -> Sequence[CoSigner]:
    """Return the organisations that were invited or ask, by name.

    With `confirmed`, only those that signed and were invited or accepted.
    """
    name = func.coalesce(CoSignature.signed_as, Organisation.name)
    query = (
        select(Organisation, CoSignature.invited_at, CoSignature.confirmed_at, CoSignature.id, name)
        .join(CoSignature, CoSignature.organisation_id == Organisation.id)
        .where(CoSignature.submission_id == submission_id)
        .order_by(name)
    )
    if confirmed:
        query = query.where(CoSignature.confirmed_at.is_not(None), CoSignature.invited_at.is_not(None))
    return [CoSigner(*row) for row in session.execute(query)]


def has_filed_or_signed(session: Session, organisation_id: int) -> bool:
    """Return whether the organisation has filed or signed anything."""
    filed = exists().where(Submission.organisation_id == organisation_id)
    signed = exists().where(CoSignature.organisation_id == organisation_id, CoSignature.confirmed_at.is_not(None))
    return bool(session.scalar(select(or_(filed, signed))))


def list_invitations(session: Session, account_id: int) -> Sequence[CoalitionInvitation]:
    """Return the newest 50 invitations and requests of organisations that the account may sign for, signed or not."""
    rows = session.execute(
        select(CoSignature, Organisation, Submission, Consultation)
        .join(Organisation, Organisation.id == CoSignature.organisation_id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Submission, Submission.id == CoSignature.submission_id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Membership.account_id == account_id, Membership.signatory, Submission.state.in_(_JOINABLE))
        .order_by(CoSignature.id.desc())
        .limit(50)
    )
    return [CoalitionInvitation(*row) for row in rows]


def mandate_csv(session: Session, submission: Submission) -> Iterator[str]:
    """Yield the coalition as CSV: the filing organisation, then the co-signing ones with dates."""
    yield csv_line(["organisation", "country", "registry_number", "proven_domain", "role", "confirmed_at"])
    first = session.get(Organisation, submission.organisation_id) if submission.organisation_id else None
    if first is not None:
        yield _organisation(first, submission.organisation_name, "author", submission.received_at)
    for row in list_cosigners(session, submission.id, confirmed=True):
        yield _organisation(row.organisation, row.name, "co-signatory", row.confirmed_at)


def _organisation(row: Organisation, name: str | None, role: str, at: datetime | None) -> str:
    when = at.isoformat(timespec="seconds") if at else ""
    return csv_line([name, row.country, row.registry_number, row.proven_domain, role, when])


_JOINABLE = (State.PENDING, State.RETURNED, State.PUBLISHED)


def is_joinable(submission: Submission, consultation: Consultation, at: datetime) -> bool:
    """Return whether a submission can be co-signed and given mandate files now."""
    return not submission.by_code_only and submission.state in _JOINABLE and consultation.takes(at)


def joinable_now(session: Session, submission: Submission) -> bool:
    """Return `is_joinable` for a submission and the current time."""
    return is_joinable(submission, session.get_one(Consultation, submission.consultation_id), now())


def check_joinable(submission: Submission, consultation: Consultation, at: datetime) -> None:
    """Raise Forbidden or Conflict if organisations cannot co-sign a submission, or not any more."""
    if submission.by_code_only:
        raise Forbidden(_("An anonymous submission cannot be co-signed."))
    if consultation.is_practice:
        raise Forbidden(_("You cannot do this in practice mode, because it would contact other people."))
    if not is_joinable(submission, consultation, at):
        raise Conflict(
            _(
                "Organisations can co-sign only while submissions are accepted, and only if the submission was not "
                "withdrawn."
            )
        )


def _signature(session: Session, submission_id: int, organisation_id: int) -> CoSignature | None:
    return session.scalar(
        select(CoSignature).where(
            CoSignature.submission_id == submission_id, CoSignature.organisation_id == organisation_id
        )
    )


def _of_member(session: Session, by: Account, signature_id: int) -> CoSignature:
    row = session.get(CoSignature, signature_id)
    if row is None or not organisations.is_member(session, by.id, row.organisation_id):
        raise NotFound(_("We cannot find this invitation. It may have been withdrawn."))
    return row


def _mine(session: Session, by: Account, signature_id: int) -> CoSignature:
    row = _of_member(session, by, signature_id)
    if not organisations.may_sign(session, by.id, row.organisation_id):
        raise Forbidden(
            _("You can write for this organisation, but not sign for it. Ask a member with permission to submit.")
        )
    return row
