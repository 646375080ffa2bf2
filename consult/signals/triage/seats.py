"""Seats: which moderators check signals. Nobody without one opens their pages, and police hold none."""

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
from consult.signals.model import SignalSeat


@dataclass(frozen=True)
class SeatHolder:
    """A moderator, whether with a seat, and whether on call."""

    id: int
    name: str
    seated: bool
    on_call: bool


def may_check(session: Session, account: Account) -> bool:
    """Whether somebody reads reports: a moderator with a seat, or an administrator; no member of a police force."""
    if not is_allowed(Allow.MODERATOR, account.role) or is_police(session, account.id):
        return False
    return account.role is Role.ADMIN or session.get(SignalSeat, account.id) is not None


def check(session: Session, account: Account) -> None:
    """Raises Forbidden for who has no seat; what it says leads to who gives one, or that there is none for police."""
    if may_check(session, account):
        return
    if is_police(session, account.id):
        raise Forbidden(_("Members of law enforcement see no more of signals than the public."))
    raise Forbidden(_("Only moderators with a seat for signals open this page. Ask an administrator for one."))


def holds_seat(session: Session, account: Account) -> bool:
    """Whether somebody was given a seat: what came with a report is for them alone, and not for every administrator."""
    return may_check(session, account) and session.get(SignalSeat, account.id) is not None


def check_holder(session: Session, account: Account) -> None:
    """Raises Forbidden for who was given no seat."""
    check(session, account)
    if not holds_seat(session, account):
        raise Forbidden(_("Only people who were given a seat for signals open files of reports."))


def is_police(session: Session, account_id: int) -> bool:
    """Whether somebody is a member of an organisation that enforces the law."""
    theirs = (
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.account_id == account_id, Organisation.kind == OrganisationKind.LAW_ENFORCEMENT)
    )
    return session.scalar(theirs.limit(1)) is not None


def give(session: Session, *, account_id: int, on_call: bool, at: datetime | None = None) -> None:
    """A seat for a moderator; again changes whether they are on call. Raises a Refusal."""
    account = session.get(Account, account_id)
    if account is None or not is_allowed(Allow.MODERATOR, account.role):
        raise Refusal(_("Choose a moderator."), field="account")
    if is_police(session, account_id):
        raise Refusal(_("Members of law enforcement see no more of signals than the public."), field="account")
    row = insert(SignalSeat).values(account_id=account_id, on_call=on_call, since=at or now())
    session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"on_call": on_call}))


def take_away(session: Session, account_id: int) -> None:
    """May be repeated."""
    session.execute(delete(SignalSeat).where(SignalSeat.account_id == account_id))


def release(session: Session, account: Account) -> None:
    """Somebody who leaves has no seat any more."""
    take_away(session, account.id)


def list_holders(session: Session) -> Sequence[SeatHolder]:
    """Everybody who moderates, by name."""
    rows = session.execute(
        select(Account.id, Account.display_name, SignalSeat.account_id, SignalSeat.on_call)
        .outerjoin(SignalSeat, SignalSeat.account_id == Account.id)
        .where(Account.role.in_((Role.MODERATOR, Role.ADMIN)))
        .order_by(Account.display_name, Account.id)
    )
    return [SeatHolder(row[0], row[1], row[2] is not None, bool(row[3])) for row in rows]
