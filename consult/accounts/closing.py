"""An account is deleted: what says who it was goes. An empty row stays, for what it decided and owned stays."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from consult.accounts import links, service
from consult.accounts.model import Account, LinkToken, Membership, Organisation, Purpose
from consult.accounts.organisations import LastOwner
from consult.core.access import Role
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal, unseal
from consult.core.db import lock
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.mail import service as mail

GONE = "deleted@account.invalid"
"""The address of all deleted accounts. What is still written to one is a letter that says why it is not sent."""


class LastAdmin(Conflict):
    """An installation keeps an administrator."""


@dataclass(frozen=True)
class Left:
    """An organisation without any owner but this account, and how many members it has besides."""

    organisation: Organisation
    others: int


def left(session: Session, account: Account) -> Sequence[Left]:
    """The organisations that would have no owner without this account, by name."""
    here = Membership.organisation_id == Organisation.id
    others = select(func.count()).where(here, Membership.account_id != account.id)
    mine = select(Membership.id).where(here, Membership.account_id == account.id, Membership.owner)
    rows = session.execute(
        select(Organisation, others.scalar_subquery())
        .where(mine.exists(), others.where(Membership.owner).scalar_subquery() == 0)
        .order_by(Organisation.name)
    )
    return [Left(*row) for row in rows]


def is_last_admin(session: Session, account: Account) -> bool:
    """Whether nobody else is an administrator."""
    another = select(Account.id).where(Account.role == Role.ADMIN, Account.id != account.id)
    return account.role is Role.ADMIN and session.scalar(another.limit(1)) is None


def ask(session: Session, account: Account) -> None:
    """Writes to an account without a password the link with which it can be deleted."""
    links.write(session, Purpose.DELETE, "delete", email=unseal(account.email_sealed), language=account.language,
                account=account)  # fmt: skip


def of_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """The account that a link deletes; looking does not use it. Raises LinkSpent."""
    link = links.look(session, token=token, purposes=[Purpose.DELETE], at=at)
    return session.get_one(Account, link.account_id)


def hold(session: Session, account: Account) -> Sequence[Left]:
    """Lets nobody else change the account and its organisations until the transaction ends; gives those left alone.

    Raises LastOwner where others have no owner without it, and LastAdmin.
    """
    if account.role is Role.ADMIN:
        lock(session, "accounts.admins")
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    mine = select(Membership.organisation_id).where(Membership.account_id == account.id)
    session.execute(
        select(Organisation.id).where(Organisation.id.in_(mine)).order_by(Organisation.id).with_for_update()
    )
    alone = left(session, account)
    if any(row.others for row in alone):
        raise LastOwner(_("An organisation needs an owner. Make somebody else an owner first."))
    if is_last_admin(session, account):
        raise LastAdmin(_("You are the last administrator. Make somebody else one first."))
    return alone


def close(session: Session, account: Account) -> None:
    """Takes name, address, password, role, memberships and links away, and writes the last letter to the address.

    The name that stands beside its decisions is the pseudonym that the public record has of it already.
    """
    email, language = unseal(account.email_sealed), account.language
    mail.post(session, key=f"account:deleted:{account.id}", to=email, template="accounts/mail/deleted",
              language=language, at=now())  # fmt: skip
    mail.suppress(session, address=GONE, reason="account deleted")
    session.execute(delete(Membership).where(Membership.account_id == account.id))
    service.end_sessions(session, account)
    session.execute(delete(LinkToken).where(LinkToken.account_id == account.id))
    account.email_index, account.email_sealed = secrets.token_bytes(32), seal(GONE)
    account.display_name, account.role = pseudonym("account", account.id), Role.CONTRIBUTOR
    account.password_hash = account.verified_at = None
    session.flush()
