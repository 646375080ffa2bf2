"""The owner of a consultation: handover, and replacement when the person leaves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations import service
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import pseudonym, unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail

_MOST = 200


def get_person(session: Session, row: Consultation) -> Account:
    """Return the owner."""
    return session.get_one(Account, row.owner_id)


def list_candidates(session: Session, row: Consultation) -> Sequence[Account]:
    """Return the people who can become owner.

    For a consultation with a body: its leads, its drafters and administrators. Otherwise policymakers and
    administrators.
    """
    people = select(Account).where(Account.verified_at.is_not(None), Account.id != row.owner_id)
    if row.body_id is None:
        people = people.where(Account.role.in_((Role.POLICYMAKER, Role.ADMIN)))
    else:
        works = (BodyRole.LEAD, BodyRole.DRAFTER)
        there = select(BodyMember.account_id).where(BodyMember.body_id == row.body_id, BodyMember.role.in_(works))
        people = people.where(Account.id.in_(there) | (Account.role == Role.ADMIN))
    return session.scalars(people.order_by(Account.display_name, Account.id).limit(_MOST)).all()


def hand_over(session: Session, *, number: int, by: Account, to_id: int) -> Account:
    """Make another person the owner and return their account. Raises NotFound, Forbidden and Refusal."""
    row = service.lock_owned(session, number, by, Deed.DECIDE)
    to = next((account for account in list_candidates(session, row) if account.id == to_id), None)
    if to is None:
        raise Refusal(_("Choose a person from the list."), field="person")
    _set(session, row, to.id, by)
    return to


def pass_on_all(session: Session, account: Account) -> None:
    """Hand over all consultations of a person who leaves: to a lead of the body, else an administrator."""
    _pass_on(session, account, session.scalars(select(Consultation).where(Consultation.owner_id == account.id)).all())


def pass_on_of_body(session: Session, body: PublicBody, account: Account) -> None:
    """Replace a person who leaves a body in the consultations of that body."""
    if account.role is Role.ADMIN:
        return
    own = select(Consultation).where(Consultation.owner_id == account.id, Consultation.body_id == body.id)
    _pass_on(session, account, session.scalars(own).all())


def _pass_on(session: Session, account: Account, rows: Sequence[Consultation]) -> None:
    known: dict[int | None, int | None] = {}
    for row in rows:
        if row.body_id not in known:
            known[row.body_id] = _find_successor(session, row.body_id, account)
        if (to := known[row.body_id]) is not None:
            _set(session, row, to, None)


def _find_successor(session: Session, body_id: int | None, account: Account) -> int | None:
    """Return the longest-serving lead of the body, else the oldest administrator."""
    leads = (
        select(BodyMember.account_id)
        .join(Account, Account.id == BodyMember.account_id)
        .where(
            BodyMember.body_id == body_id,
            BodyMember.role == BodyRole.LEAD,
            BodyMember.account_id != account.id,
            Account.verified_at.is_not(None),
        )
        .order_by(BodyMember.since, BodyMember.id)
    )
    admins = select(Account.id).where(Account.role == Role.ADMIN, Account.id != account.id).order_by(Account.id)
    return session.scalar(leads.limit(1)) or session.scalar(admins.limit(1))


def _set(session: Session, row: Consultation, to: int, by: Account | None) -> None:
    row.owner_id = to
    person, at = session.get_one(Account, to), now()
    if by is None or by.id != to:
        mail.post(
            session,
            key=f"in_charge:{row.id}:{to}:{at:%Y%m%d%H%M%S%f}",
            to=unseal(person.email_sealed),
            language=person.language,
            template="consultations/mail/in_charge",
            title=row.title,
            body=row.body,
            number=row.id,
            answer_by=row.answer_by,
            by=by.display_name if by else None,
        )
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, Kind.CONSULTATION_HANDED_OVER, subject_id=row.id, consultation_id=row.id, actor=actor, at=at)
    session.flush()
