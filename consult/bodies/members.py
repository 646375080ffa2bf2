"""Members of a body: add, change, remove. The last lead cannot leave while there are other members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts import staff
from consult.accounts.model import Account
from consult.bodies import service
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.ledger.model import Kind

ENDED: dict[str, Callable[[Session, PublicBody, Account], None]] = {}
"""Functions of upper packages, called when a person no longer works for a body."""


class LastLead(Conflict):
    """A body with members needs a lead."""


def list_members(session: Session, body: PublicBody) -> Sequence[tuple[BodyMember, Account]]:
    """Return the members of a body: leads first, then by name."""
    rows = session.execute(
        select(BodyMember, Account)
        .join(Account, Account.id == BodyMember.account_id)
        .where(BodyMember.body_id == body.id)
        .order_by(BodyMember.role != BodyRole.LEAD, Account.display_name, Account.id)
    )
    return [(member, account) for member, account in rows]


def list_roles(session: Session, account: Account) -> Sequence[tuple[PublicBody, BodyRole]]:
    """Return the bodies that an account works for, with its role."""
    rows = session.execute(
        select(PublicBody, BodyMember.role)
        .join(BodyMember, BodyMember.body_id == PublicBody.id)
        .where(BodyMember.account_id == account.id)
        .order_by(PublicBody.name)
    )
    return [(body, role) for body, role in rows]


def list_roles_of(session: Session, ids: Collection[int]) -> Sequence[tuple[int, PublicBody, BodyRole]]:
    """Return (account ID, body, role) for accounts, by the name of the body."""
    rows = session.execute(
        select(BodyMember.account_id, PublicBody, BodyMember.role)
        .join(PublicBody, PublicBody.id == BodyMember.body_id)
        .where(BodyMember.account_id.in_(ids))
        .order_by(PublicBody.name)
    )
    return [(number, body, role) for number, body, role in rows]


def add(
    session: Session,
    body: PublicBody,
    *,
    account: Account,
    role: BodyRole,
    by: Account | None,
    at: datetime | None = None,
) -> None:
    """Give an account a role at a body. Safe to repeat. A contributor becomes a policymaker.

    `by` is None for accepted invitations and for sample data. Raises Forbidden, Refusal and LastLead.
    """
    if by is not None:
        service.check_may_edit(session, body, by)
    if account.role is Role.MODERATOR:
        error = _("This person is a moderator. Moderators cannot work for a body. End their moderator role first.")
        raise Refusal(error, field="email")
    _lock(session, body)
    row, moment = _find(session, body, account.id), at or now()
    if row is not None and row.role is role:
        return
    was = row.role if row else None
    if row is None:
        if not _count_leads(session, body):
            role = BodyRole.LEAD  # the first member becomes lead
        session.add(BodyMember(body_id=body.id, account_id=account.id, role=role, since=moment))
    else:
        if row.role is BodyRole.LEAD:
            _check_another_lead(session, body)
        row.role = role
    session.flush()
    detail = {"role": role} | ({"was": was} if was else {})
    service.record(session, Kind.BODY_MEMBER_ADDED, body, by=by, detail=detail, at=at)
    if account.role is Role.CONTRIBUTOR and by is not None:
        staff.change_role(session, account, role=Role.POLICYMAKER, by=by)
    elif account.role is Role.CONTRIBUTOR:
        account.role = Role.POLICYMAKER


def remove(session: Session, body: PublicBody, *, account_id: int, by: Account) -> Account:
    """Remove a member and return the account. Raises Forbidden, NotFound and LastLead."""
    if by.id != account_id:
        service.check_may_edit(session, body, by)
    _lock(session, body)
    row = _find(session, body, account_id)
    if row is None:
        raise NotFound(_("This person does not work for this body."))
    if row.role is BodyRole.LEAD:
        _check_another_lead(session, body)
    _end(session, body, row, by)
    return session.get_one(Account, account_id)


def end_memberships(session: Session, account: Account) -> None:
    """End all memberships of an account that stops working here.

    If it was the last lead, the longest-serving member becomes lead.
    """
    for body, _role in list_roles(session, account):
        _lock(session, body)
        rest = [row for row, person in list_members(session, body) if person.id != account.id]
        if rest and not any(row.role is BodyRole.LEAD for row in rest):
            rest.sort(key=lambda row: (row.role is BodyRole.READER, row.since, row.id))
            rest[0].role = BodyRole.LEAD
            session.flush()
            service.record(session, Kind.BODY_MEMBER_ADDED, body, by=None, detail={"role": BodyRole.LEAD})
        if (row := _find(session, body, account.id)) is not None:
            _end(session, body, row, None)


def _end(session: Session, body: PublicBody, row: BodyMember, by: Account | None) -> None:
    service.record(session, Kind.BODY_MEMBER_REMOVED, body, by=by, detail={"role": row.role})
    session.delete(row)
    session.flush()
    person = session.get_one(Account, row.account_id)
    for name in sorted(ENDED):
        ENDED[name](session, body, person)


def _lock(session: Session, body: PublicBody) -> None:
    """Lock the body, so that two leads cannot remove each other concurrently."""
    session.execute(select(PublicBody.id).where(PublicBody.id == body.id).with_for_update())


def _find(session: Session, body: PublicBody, account_id: int) -> BodyMember | None:
    wanted = select(BodyMember).where(BodyMember.body_id == body.id, BodyMember.account_id == account_id)
    return session.scalar(wanted.execution_options(populate_existing=True))


def _count_leads(session: Session, body: PublicBody) -> int:
    leads = select(func.count()).where(BodyMember.body_id == body.id, BodyMember.role == BodyRole.LEAD)
    return session.scalar(leads) or 0


def _check_another_lead(session: Session, body: PublicBody) -> None:
    if _count_leads(session, body) < 2:
        raise LastLead(_("A body needs a lead. Make someone else a lead first."))
