"""Permissions for facts about a country and for memberships."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.web.access import Role

WRITES = (BodyRole.LEAD, BodyRole.DRAFTER)


def may_edit(session: Session, account: Account | None, country: str) -> bool:
    """Return whether the account may record facts about a country.

    Lead and editors of a body of the country may, and administrators.
    """
    if account is None or account.role is not Role.POLICYMAKER:
        return account is not None and account.role is Role.ADMIN
    works = select(BodyMember.id).join(PublicBody, PublicBody.id == BodyMember.body_id)
    works = works.where(BodyMember.account_id == account.id, BodyMember.role.in_(WRITES))
    return session.scalar(works.where(PublicBody.country == country).limit(1)) is not None


def check_may_edit(session: Session, account: Account, country: str) -> None:
    """Raise Forbidden if the account may not record facts about a country."""
    if not may_edit(session, account, country):
        raise Forbidden(_("Only people who work for a body of this country can do this."))


def may_edit_body(session: Session, account: Account | None, body: PublicBody) -> bool:
    """Return whether the account may record who is a member of a body: its lead and editors, and administrators."""
    if account is None or account.role is not Role.POLICYMAKER:
        return account is not None and account.role is Role.ADMIN
    return bodies.find_role(session, body.id, account) in WRITES
