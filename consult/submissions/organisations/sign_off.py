"""Sign-off: members are asked one after the other to agree to a shared draft; who has is kept with the submission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.mail import service as mail
from consult.submissions.organisations.model import SignOff

MOST = 5
"""How many members can be asked about one draft."""


class NotAgreed(Conflict):
    """Somebody who was asked has not agreed to the text as it stands, or nobody else has where two people must."""


@dataclass(frozen=True)
class SignOffStep:
    """One member who was asked. `stale`: the text was changed after they agreed."""

    account_id: int
    name: str
    agreed_at: datetime | None
    stale: bool

    @property
    def done(self) -> bool:
        return self.agreed_at is not None and not self.stale


@dataclass(frozen=True)
class SignOffState:
    """Where the sign-off of a draft stands."""

    steps: Sequence[SignOffStep]
    members: Sequence[tuple[int, str]]  # who can be asked: number and name
    two_people: bool

    @property
    def next(self) -> SignOffStep | None:
        """Whose turn it is."""
        return next((step for step in self.steps if not step.done), None)

    def blocks(self, account_id: int) -> SignOffStep | None:
        """Somebody other than this one who was asked and has not agreed to the text as it stands."""
        return next((step for step in self.steps if not step.done and step.account_id != account_id), None)

    def waits_for(self, account_id: int) -> bool:
        return self.next is not None and self.next.account_id == account_id

    def lacks_second(self, account_id: int) -> bool:
        """Whether a second person must agree before this one sends."""
        return self.two_people and not any(step.done and step.account_id != account_id for step in self.steps)


def get_state(session: Session, *, organisation_id: int, consultation_id: int, mark: str) -> SignOffState:
    """The sign-off of the draft whose text has this mark."""
    rows = session.execute(
        select(SignOff, Account.display_name)
        .join(Account, Account.id == SignOff.account_id)
        .where(*_open(organisation_id, consultation_id))
        .order_by(SignOff.id)
    )
    steps = [
        SignOffStep(row.account_id, name, row.agreed_at, row.agreed_at is not None and row.mark != mark)
        for row, name in rows
    ]
    members = session.execute(
        select(Account.id, Account.display_name)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Account.display_name)
    )
    two_people = session.scalar(select(Organisation.two_people).where(Organisation.id == organisation_id))
    return SignOffState(steps, [(row.id, row.display_name) for row in members], bool(two_people))


def ask(
    session: Session, *, consultation: Consultation, organisation_id: int, account_ids: Sequence[int], by: Account
) -> None:
    """Asks these members in this order, in place of whoever was asked before; the first gets a letter.

    Raises a Refusal for nobody, for too many and for people who are no members.
    """
    wanted = list(dict.fromkeys(account_ids))
    if not wanted or len(wanted) > MOST:
        raise Refusal(_("Choose whom to ask, at most %(most)s people.", most=MOST), field="first")
    members = set(session.scalars(select(Membership.account_id).where(Membership.organisation_id == organisation_id)))
    if not members.issuperset(wanted):
        raise NotFound(_("This person is not a member of the organisation."))
    session.execute(delete(SignOff).where(*_open(organisation_id, consultation.id)))
    for account_id in wanted:
        session.add(
            SignOff(
                organisation_id=organisation_id,
                consultation_id=consultation.id,
                account_id=account_id,
                asked_by=by.id,
                asked_at=now(),
                mark="",
            )
        )
        session.flush()
    _tell_next(session, consultation, organisation_id, "", by)


def agree(session: Session, *, consultation: Consultation, organisation_id: int, mark: str, by: Account) -> None:
    """Says that one agrees to the text with this mark; the next one gets a letter. Raises NotFound, and Conflict
    before one's turn."""
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation.id, mark=mark)
    if by.id not in {step.account_id for step in state.steps}:
        raise NotFound(_("You were not asked about this draft."))
    if not state.waits_for(by.id):
        raise Conflict(_("It is not your turn: somebody who was asked before you has not agreed yet."))
    session.execute(
        update(SignOff)
        .where(*_open(organisation_id, consultation.id), SignOff.account_id == by.id)
        .values(agreed_at=now(), mark=mark)
    )
    _tell_next(session, consultation, organisation_id, mark, by)


def take_back(session: Session, *, consultation_id: int, organisation_id: int) -> None:
    """Nobody is asked any more."""
    session.execute(delete(SignOff).where(*_open(organisation_id, consultation_id)))


def check_agreed(session: Session, *, organisation_id: int, consultation_id: int, mark: str, sender: int) -> None:
    """Raises NotAgreed unless all who were asked agree to this text, and two people do where the organisation wants."""
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation_id, mark=mark)
    if (waits := state.blocks(sender)) is not None:
        raise NotAgreed(_("%(name)s was asked and has not agreed to this text yet.", name=waits.name))
    if state.lacks_second(sender):
        raise NotAgreed(_("Your organisation wants two people: ask another member to agree first."))


def needs_two_people(session: Session, organisation_id: int) -> bool:
    return bool(session.scalar(select(Organisation.two_people).where(Organisation.id == organisation_id)))


def keep(session: Session, *, organisation_id: int, consultation_id: int, submission_id: int) -> None:
    """Keeps who agreed with what was sent."""
    session.execute(update(SignOff).where(*_open(organisation_id, consultation_id)).values(submission_id=submission_id))


def list_record(session: Session, submission_id: int) -> Sequence[tuple[str, datetime | None]]:
    """Who was asked about a submission, and when they agreed: for those who may see it inside the organisation."""
    rows = session.execute(
        select(Account.display_name, SignOff.agreed_at)
        .join(Account, Account.id == SignOff.account_id)
        .where(SignOff.submission_id == submission_id)
        .order_by(SignOff.id)
    )
    return [(row.display_name, row.agreed_at) for row in rows]


def _open(organisation_id: int, consultation_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SignOff.organisation_id == organisation_id,
        SignOff.consultation_id == consultation_id,
        SignOff.submission_id.is_(None),
    )


def _tell_next(session: Session, consultation: Consultation, organisation_id: int, mark: str, by: Account) -> None:
    """Writes to whoever's turn it is; once all have agreed, to whoever asked."""
    rows = session.scalars(select(SignOff).where(*_open(organisation_id, consultation.id)).order_by(SignOff.id)).all()
    waits = next((row for row in rows if row.agreed_at is None or row.mark != mark), None)
    asker = rows[0].asked_by if rows else None
    told = waits.account_id if waits else asker
    if told is None or told == by.id:
        return
    account = session.get_one(Account, told)
    mail.post(
        session,
        key=f"sign off:{rows[0].id}:{told}:{mark}:{bool(waits)}",
        to=unseal_address(account.email_sealed),
        template="submissions/mail/sign_off",
        language=account.language,
        organisation=session.get_one(Organisation, organisation_id).name,
        name=by.display_name,
        agreed=waits is None,
        title=consultation.title,
        body=consultation.body,
        zone=consultation.timezone,
        until=consultation.ends_at(now()),
    )
