"""Early-warning assessors. Only they open the pages of triage, and law enforcement is excluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation, OrganisationKind
from consult.core.clock import now
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, Role, is_allowed
from consult.signals.offices import service as offices
from consult.signals.offices.model import SignalSeat
from consult.signals.on_call.model import SignalDuty


@dataclass(frozen=True)
class SeatHolder:
    """A moderator, whether they are an assessor, and whether on call."""

    id: int
    name: str
    seated: bool
    on_call: bool
    office_id: int | None = None


def may_check(session: Session, account: Account) -> bool:
    """Return whether the account is an assessor and not a member of law enforcement. Applies to administrators too."""
    if not is_allowed(Allow.MODERATOR, account.role) or is_police(session, account.id):
        return False
    return session.get(SignalSeat, account.id) is not None


def check(session: Session, account: Account) -> None:
    """Raise Forbidden if the account is not an assessor. The message says how to become one."""
    if may_check(session, account):
        return
    if is_police(session, account.id):
        raise Forbidden(_("Members of law enforcement see only what the public sees."))
    if account.role is Role.ADMIN:
        raise Forbidden(_("You are not an early-warning assessor. You can add yourself on the assessors page."))
    raise Forbidden(_("Only early-warning assessors can open this page. Ask an administrator for access."))


def is_police(session: Session, account_id: int) -> bool:
    """Return whether the account is a member of a law enforcement organisation."""
    theirs = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.account_id == account_id, Organisation.kind == OrganisationKind.LAW_ENFORCEMENT)
    )
    return session.scalar(theirs.limit(1)) is not None


def give(
    session: Session, *, account_id: int, on_call: bool, office_id: int | None = None, at: datetime | None = None
) -> None:
    """Make a moderator an assessor of an office or the whole site, or change it and whether they are on call.

    Raises a Refusal.
    """
    account = session.get(Account, account_id)
    if account is None or not is_allowed(Allow.MODERATOR, account.role):
        raise Refusal(_("Choose a moderator."), field="account")
    if is_police(session, account_id):
        raise Refusal(_("Members of law enforcement see only what the public sees."), field="account")
    office = offices.find_office(session, office_id)
    if office_id is not None and (office is None or office.row.closed_at is not None):
        raise Refusal(_("Choose an office from the list."), field="office")
    changed = {"on_call": on_call, "office_id": office_id}
    row = insert(SignalSeat).values(account_id=account_id, since=at or now(), **changed)
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=changed))


def take_away(session: Session, account_id: int) -> None:
    """Remove an assessor, also from the on-call rota. Safe to repeat."""
    session.execute(delete(SignalDuty).where(SignalDuty.account_id == account_id))
    session.execute(delete(SignalSeat).where(SignalSeat.account_id == account_id))


def release(session: Session, account: Account) -> None:
    """Remove an assessor whose account ends."""
    take_away(session, account.id)


def list_holders(session: Session) -> Sequence[SeatHolder]:
    """Return all moderators by name."""
    rows = session.execute(
        select(Account.id, Account.display_name, SignalSeat.account_id, SignalSeat.on_call, SignalSeat.office_id)
        .outerjoin(SignalSeat, SignalSeat.account_id == Account.id)
        .where(Account.role.in_((Role.MODERATOR, Role.ADMIN)))
        .order_by(Account.display_name, Account.id)
    )
    return [SeatHolder(row[0], row[1], row[2] is not None, bool(row[3]), row[4]) for row in rows]
