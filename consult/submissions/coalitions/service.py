"""Coalitions: organisations co-sign a submission. Each confirms by a member who may sign, and counts as one voice."""

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
"""How many organisations with a similar name are offered."""
MOST = 500
"""How many organisations can be asked to join one submission."""


@dataclass(frozen=True)
class CoSigner:
    """An organisation that was asked to join, or asks to itself (then `invited_at` is None), and when it signed."""

    organisation: Organisation
    invited_at: datetime | None
    confirmed_at: datetime | None
    signature_id: int
    name: str  # that it signed with; until then the one it has


@dataclass(frozen=True)
class CoalitionInvitation:
    """A submission that an organisation of somebody's is asked to join, or has joined."""

    signature: CoSignature
    organisation: Organisation
    submission: Submission
    consultation: Consultation

    @property
    def joinable(self) -> bool:
        """Whether it can be signed now."""
        return is_joinable(self.submission, self.consultation, now())


@dataclass(frozen=True)
class InvitationDetails:
    """An invitation with the words that would be signed: each on a place, or to a question, or on the whole draft."""

    invited: CoalitionInvitation
    comments: Sequence[comments_queries.LocatedComment]
    may_sign: bool


class UnknownOrganisation(Refusal):
    """No organisation has that name; `similar` are names that may be meant."""

    def __init__(self, similar: Sequence[str]) -> None:
        said = _("No organisation has exactly that name here. Choose one below, or search with other words.")
        none = _("No organisation has that name here. It joins by adding itself, under “Your organisations”.")
        super().__init__(said if similar else none, field="organisation_name")
        self.similar = similar


def invite(session: Session, *, submission: Submission, name: str, at: datetime | None = None) -> CoSignature:
    """Asks an organisation to join; for the author, who has shown to be it. May be repeated. Raises a Refusal."""
    moment = at or now()
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    wanted = one_line(name).lower()
    found = session.scalar(select(Organisation).where(func.lower(Organisation.name) == wanted))
    if found is None:
        raise UnknownOrganisation(list_like(session, wanted))
    if found.id == submission.organisation_id:
        raise Refusal(_("This organisation has sent it: it need not join."), field="organisation_name")
    if (asked := _signature(session, submission.id, found.id)) is not None:
        asked.invited_at = asked.invited_at or moment  # it asked of itself: this agrees
        return asked
    if len(list_cosigners(session, submission.id)) >= MOST:
        raise Refusal(_("At most %(most)s organisations can join.", most=MOST), field="organisation_name")
    row = CoSignature(submission_id=submission.id, organisation_id=found.id, invited_at=moment)
    session.add(row)
    session.flush()
    tell_asked(session, submission, consultation, row, at=moment)
    return row


def list_like(session: Session, words: str) -> Sequence[str]:
    """Names of organisations that hold all these words, or begin like them; few, by name."""
    parts = [part for part in words.split() if part][:6]
    if not parts:
        return []
    holds = [Organisation.name.icontains(part, autoescape=True) for part in parts]
    return list(session.scalars(select(Organisation.name).where(*holds).order_by(Organisation.name).limit(_SIMILAR)))


def remind(session: Session, *, submission: Submission, signature_id: int, at: datetime | None = None) -> None:
    """Writes once more to an organisation that was asked and has not signed; at most one letter a day."""
    moment, row = at or now(), session.get(CoSignature, signature_id)
    if row is None or row.submission_id != submission.id or row.confirmed_at is not None or row.invited_at is None:
        raise NotFound(_("This organisation is not asked any more."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    tell_asked(session, submission, consultation, row, at=moment)


def tell_asked(
    session: Session, submission: Submission, consultation: Consultation, row: CoSignature, *, at: datetime
) -> None:
    """Writes to those who may sign for the organisation that is asked."""
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
    """Signs what another organisation has published, once its author agrees, who is written to. May be repeated.

    Raises a Refusal for whoever may not sign for the organisation, and for what is nobody's to join.
    """
    moment = at or now()
    if not organisations.may_sign(session, by.id, organisation_id):
        raise Forbidden(_("You can write for this organisation but not sign: a member who can send answers for it."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    check_joinable(submission, consultation, moment)
    if submission.state is not State.PUBLISHED or submission.organisation_id in (None, organisation_id):
        raise Conflict(_("Only what another organisation has published can be signed."))
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
    """The author's answer to an organisation that asks to sign; also takes back what was asked of one. Repeatable."""
    row = session.get(CoSignature, signature_id)
    if row is None or row.submission_id != submission.id:
        raise NotFound(_("This organisation does not ask any more."))
    if agrees:
        row.invited_at = row.invited_at or at or now()
    else:
        session.delete(row)
    session.flush()


def get_invitation(session: Session, *, by: Account, signature_id: int) -> InvitationDetails:
    """The submission that an organisation of the account is asked to join, for its members to read. Raises NotFound."""
    row = _of_member(session, by, signature_id)
    submission = session.get_one(Submission, row.submission_id)
    if submission.state not in _JOINABLE:
        raise NotFound(_("There is no such invitation among yours."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    invited = CoalitionInvitation(row, session.get_one(Organisation, row.organisation_id), submission, consultation)
    said = comments_queries.list_located(session, consultation, submission)
    return InvitationDetails(invited, said, organisations.may_sign(session, by.id, row.organisation_id))


def confirm(session: Session, *, by: Account, signature_id: int, at: datetime | None = None) -> CoSignature:
    """Joins in the organisation's name. May be repeated. Raises Forbidden for members who may not sign."""
    moment, row = at or now(), _mine(session, by, signature_id)
    submission = session.get_one(Submission, row.submission_id)
    check_joinable(submission, session.get_one(Consultation, submission.consultation_id), moment)
    if row.confirmed_at is None:
        _sign(session, row, by, moment)
    return row


def _sign(session: Session, row: CoSignature, by: Account, at: datetime) -> None:
    """The organisation may change its name later: what it signed keeps this one."""
    row.confirmed_at, row.account_id = at, by.id
    row.signed_as = session.get_one(Organisation, row.organisation_id).name
    session.flush()


def leave_coalition(session: Session, *, by: Account, signature_id: int) -> None:
    """Declines, or takes the organisation's signature back."""
    session.delete(_mine(session, by, signature_id))
    session.flush()


def list_cosigners(session: Session, submission_id: int, *, confirmed: bool = False) -> Sequence[CoSigner]:
    """The organisations that were asked, or ask, by name; only those that have joined, if `confirmed`."""
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
    """Whether something was filed or signed in its name."""
    filed = exists().where(Submission.organisation_id == organisation_id)
    signed = exists().where(CoSignature.organisation_id == organisation_id, CoSignature.confirmed_at.is_not(None))
    return bool(session.scalar(select(or_(filed, signed))))


def list_invitations(session: Session, account_id: int) -> Sequence[CoalitionInvitation]:
    """Open invitations of organisations that the account may sign for, the newest first."""
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
    """The coalition as CSV: the organisation that sent it, then each that joined, and when."""
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
    """Whether organisations can join a submission now, and a mandate file can be put to it."""
    return not submission.by_code_only and submission.state in _JOINABLE and consultation.takes(at)


def joinable_now(session: Session, submission: Submission) -> bool:
    """The same, of a submission alone."""
    return is_joinable(submission, session.get_one(Consultation, submission.consultation_id), now())


def check_joinable(submission: Submission, consultation: Consultation, at: datetime) -> None:
    """Raises Forbidden or Conflict where organisations cannot join a submission, or not any more."""
    if submission.by_code_only:
        raise Forbidden(_("What was sent without identity is nobody's to join."))
    if consultation.is_practice:
        raise Forbidden(_("This cannot be practised: it would write to other people."))
    if not is_joinable(submission, consultation, at):
        raise Conflict(_("Organisations can join as long as submissions are taken, and only what was not taken back."))


def _signature(session: Session, submission_id: int, organisation_id: int) -> CoSignature | None:
    return session.scalar(
        select(CoSignature).where(
            CoSignature.submission_id == submission_id, CoSignature.organisation_id == organisation_id
        )
    )


def _of_member(session: Session, by: Account, signature_id: int) -> CoSignature:
    row = session.get(CoSignature, signature_id)
    if row is None or not organisations.is_member(session, by.id, row.organisation_id):
        raise NotFound(_("There is no such invitation among yours."))
    return row


def _mine(session: Session, by: Account, signature_id: int) -> CoSignature:
    row = _of_member(session, by, signature_id)
    if not organisations.may_sign(session, by.id, row.organisation_id):
        raise Forbidden(_("You can write for this organisation but not sign: a member who can send answers for it."))
    return row
