"""Account deletion: erases personal data and keeps an empty row for records that refer to the account."""

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
from consult.accounts.tokens.model import AccessToken
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal, unseal
from consult.core.db import advisory_lock
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.mail import dead_letters, suppression
from consult.mail import service as mail

GONE = "deleted@account.invalid"
"""The placeholder address of deleted accounts. A task that still sends to it ends with a recorded reason."""


class LastAdmin(Conflict):
    """The last administrator cannot be deleted."""


@dataclass(frozen=True)
class SolelyOwnedOrganisation:
    """An organisation whose only owner is this account, with the number of its other members."""

    organisation: Organisation
    others: int


def list_solely_owned(session: Session, account: Account) -> Sequence[SolelyOwnedOrganisation]:
    """Return the organisations that would have no owner without this account, by name."""
    members = Membership.organisation_id == Organisation.id
    others = select(func.count()).where(members, Membership.account_id != account.id)
    mine = select(Membership.id).where(members, Membership.account_id == account.id, Membership.owner)
    rows = session.execute(
        select(Organisation, others.scalar_subquery())
        .where(mine.exists(), others.where(Membership.owner).scalar_subquery() == 0)
        .order_by(Organisation.name)
    )
    return [SolelyOwnedOrganisation(*row) for row in rows]


def is_last_admin(session: Session, account: Account) -> bool:
    """Return True if no other active account is an administrator."""
    another = select(Account.id).where(
        Account.role == Role.ADMIN, Account.id != account.id, Account.suspended_at.is_(None)
    )
    return account.role is Role.ADMIN and session.scalar(another.limit(1)) is None


def send_link(session: Session, account: Account) -> None:
    """Send an account without a password the link that confirms its deletion."""
    links.send_link(
        session,
        LinkPurpose.DELETE,
        "delete",
        email=unseal(account.email_sealed),
        language=account.language,
        account=account,
    )


def get_by_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Return the account that a deletion link belongs to, without using the link. Raises LinkSpent."""
    link = links.get_link(session, token=token, purposes=[LinkPurpose.DELETE], at=at)
    return session.get_one(Account, link.account_id)


def lock_for_deletion(session: Session, account: Account) -> Sequence[SolelyOwnedOrganisation]:
    """Lock the account and its organisations until the transaction ends; return organisations with no other member.

    Raises LastOwner if an organisation with other members would have no owner, and LastAdmin.
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
        raise LastOwner(_("An organisation needs an owner. Make someone else an owner first."))
    if is_last_admin(session, account):
        raise LastAdmin(_("You are the last administrator. Make someone else an administrator first."))
    return alone


def erase_account(session: Session, account: Account) -> None:
    """Erase name, e-mail address, password, role, memberships and links, and send a last e-mail to the address.

    The name on past decisions becomes the pseudonym that the public record already uses.
    """
    hooks.call_left(session, account)
    hooks.call_erased(session, account)
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
    for table in (Authenticator, RecoveryCode, Passkey, SignOnIdentity, SignIn, AccessToken):
        session.execute(delete(table).where(table.account_id == account.id))
    session.flush()
