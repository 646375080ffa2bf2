"""Account deletion: erases identity. An empty row stays, for the decisions and consultations that refer to it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from consult.accounts import hooks, links, service
from consult.accounts.model import Account, LinkPurpose, LinkToken, Membership, Organisation
from consult.accounts.organisations.service import LastOwner
from consult.accounts.passkeys.model import Passkey
from consult.accounts.second_factor.model import Authenticator, RecoveryCode
from consult.accounts.sessions.model import SignIn
from consult.accounts.single_sign_on.model import SignOnIdentity
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal, unseal
from consult.core.db import advisory_lock
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.mail import dead_letters, suppression
from consult.mail import service as mail

GONE = "deleted@account.invalid"
"""The address of all deleted accounts. What is still written to one is a letter that says why it is not sent."""


class LastAdmin(Conflict):
    """An installation keeps an administrator."""


@dataclass(frozen=True)
class SolelyOwnedOrganisation:
    """An organisation without any owner but this account, and how many members it has besides."""

    organisation: Organisation
    others: int


def list_solely_owned(session: Session, account: Account) -> Sequence[SolelyOwnedOrganisation]:
    """The organisations that would have no owner without this account, by name."""
    here = Membership.organisation_id == Organisation.id
    others = select(func.count()).where(here, Membership.account_id != account.id)
    mine = select(Membership.id).where(here, Membership.account_id == account.id, Membership.owner)
    rows = session.execute(
        select(Organisation, others.scalar_subquery())
        .where(mine.exists(), others.where(Membership.owner).scalar_subquery() == 0)
        .order_by(Organisation.name)
    )
    return [SolelyOwnedOrganisation(*row) for row in rows]


def is_last_admin(session: Session, account: Account) -> bool:
    """Whether this is the last administrator who can sign in."""
    another = select(Account.id).where(
        Account.role == Role.ADMIN, Account.id != account.id, Account.suspended_at.is_(None)
    )
    return account.role is Role.ADMIN and session.scalar(another.limit(1)) is None


def send_link(session: Session, account: Account) -> None:
    """Writes to an account without a password the link with which it can be deleted."""
    links.send_link(
        session,
        LinkPurpose.DELETE,
        "delete",
        email=unseal(account.email_sealed),
        language=account.language,
        account=account,
    )


def get_by_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """The account that a link deletes; looking does not use it. Raises LinkSpent."""
    link = links.get_link(session, token=token, purposes=[LinkPurpose.DELETE], at=at)
    return session.get_one(Account, link.account_id)


def lock_for_deletion(session: Session, account: Account) -> Sequence[SolelyOwnedOrganisation]:
    """Locks the account and its organisations until the transaction ends; gives those without another member.

    Raises LastOwner where others have no owner without it, and LastAdmin.
    """
    if account.role is Role.ADMIN:
        advisory_lock(session, "accounts.admins")
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    mine = select(Membership.organisation_id).where(Membership.account_id == account.id)
    session.execute(
        select(Organisation.id).where(Organisation.id.in_(mine)).order_by(Organisation.id).with_for_update()
    )
    alone = list_solely_owned(session, account)
    if any(row.others for row in alone):
        raise LastOwner(_("An organisation needs an owner. Make somebody else an owner first."))
    if is_last_admin(session, account):
        raise LastAdmin(_("You are the last administrator. Make somebody else one first."))
    return alone


def erase_account(session: Session, account: Account) -> None:
    """Takes name, address, password, role, memberships and links away, and writes the last letter to the address.

    The name that stands beside its decisions is the pseudonym that the public record has of it already.
    """
    hooks.call_left(session, account)
    email, language = unseal(account.email_sealed), account.language
    mail.post(
        session,
        key=f"account:deleted:{account.id}",
        to=email,
        template="accounts/mail/deleted",
        language=language,
        at=now(),
    )
    suppression.close_address(session, address=GONE, reason="account deleted")
    dead_letters.end_by_address(session, address=email)
    session.execute(delete(Membership).where(Membership.account_id == account.id))
    service.end_sessions(session, account)
    session.execute(delete(LinkToken).where(LinkToken.account_id == account.id))
    account.email_index, account.email_sealed = secrets.token_bytes(32), seal(GONE)
    account.display_name, account.role = pseudonym("account", account.id), Role.CONTRIBUTOR
    account.password_hash = account.verified_at = account.factor_since = account.factor_asked_at = None
    account.suspended_at = None
    for table in (Authenticator, RecoveryCode, Passkey, SignOnIdentity, SignIn):
        session.execute(delete(table).where(table.account_id == account.id))
    session.flush()
