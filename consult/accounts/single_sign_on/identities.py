"""Which identities at which providers open an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts import service, staff
from consult.accounts.model import Account
from consult.accounts.second_factor import letters
from consult.accounts.single_sign_on.model import SignOnIdentity, SignOnProvider
from consult.accounts.single_sign_on.providers import GRANTED
from consult.accounts.single_sign_on.service import ProviderIdentity
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _, current_language
from consult.core.logs import log_bounded
from consult.core.web.access import Role


def list_linked(session: Session, account: Account) -> Sequence[tuple[SignOnIdentity, SignOnProvider]]:
    """The account's identities with their providers, by name."""
    rows = session.execute(
        select(SignOnIdentity, SignOnProvider)
        .join(SignOnProvider, SignOnProvider.id == SignOnIdentity.provider_id)
        .where(SignOnIdentity.account_id == account.id)
        .order_by(SignOnProvider.name, SignOnIdentity.id)
    )
    return [(identity, provider) for identity, provider in rows]


def list_unlinked_providers(session: Session, account: Account) -> Sequence[SignOnProvider]:
    """Providers at which the account has no identity yet."""
    mine = select(SignOnIdentity.provider_id).where(SignOnIdentity.account_id == account.id)
    return session.scalars(
        select(SignOnProvider).where(SignOnProvider.id.not_in(mine)).order_by(SignOnProvider.name)
    ).all()


def unlink(session: Session, account: Account, number: int) -> None:
    """The identity opens the account no longer; its sessions end. Raises NotFound."""
    mine = delete(SignOnIdentity).where(SignOnIdentity.id == number, SignOnIdentity.account_id == account.id)
    if session.scalar(mine.returning(SignOnIdentity.id)) is None:
        raise NotFound(_("This link was removed already."))
    letters.post_change(session, account, "unlinked")


def find_account(session: Session, who: ProviderIdentity) -> tuple[SignOnIdentity, Account] | None:
    """The account that an identity opens, by issuer and subject."""
    row = session.execute(
        select(SignOnIdentity, Account)
        .join(Account, Account.id == SignOnIdentity.account_id)
        .where(SignOnIdentity.provider_id == who.provider.id, SignOnIdentity.subject == who.subject)
    ).first()
    return (row[0], row[1]) if row else None


def admit_by_address(session: Session, who: ProviderIdentity) -> tuple[SignOnIdentity, Account] | None:
    """The account of a verified address at the provider's own domain, made where there is none; else None.

    Not an administrator's: that one confirms the link by signing in as before.
    """
    if not who.is_of_own_domain or who.email is None:
        return None
    account = service.find_by_email(session, who.email)
    if account is not None and account.role is Role.ADMIN:
        return None
    if account is None:
        name = who.name or who.email.partition("@")[0]
        account = service.create(session, email=who.email, name=name, language=current_language())
    return link(session, account, provider_id=who.provider.id, subject=who.subject), account


def link(session: Session, account: Account, *, provider_id: int, subject: str) -> SignOnIdentity:
    """From now on the identity opens the account. Raises Conflict where it opens another one."""
    taken = session.scalar(
        select(SignOnIdentity).where(SignOnIdentity.provider_id == provider_id, SignOnIdentity.subject == subject)
    )
    if taken is not None and taken.account_id == account.id:
        return taken
    if taken is not None:
        raise Conflict(_("This identity is linked to another account."))
    row = SignOnIdentity(provider_id=provider_id, subject=subject, account_id=account.id, role=None, linked_at=now())
    session.add(row)
    session.flush()
    letters.post_change(session, account, "linked")
    return row


def apply_roles(session: Session, identity: SignOnIdentity, account: Account, who: ProviderIdentity) -> None:
    """Gives the role of the first value of the claim that has one; takes away one that the provider gave before.

    A role that an administrator gave stays, and nobody becomes or ceases to be an administrator by a claim.
    """
    if not who.provider.claim or account.role is Role.ADMIN:
        return
    known = [Role(who.provider.roles[value]) for value in who.provider.roles if value in who.values]
    granted = next((role for role in known if role in GRANTED), None)
    wanted = granted or Role.CONTRIBUTOR
    if account.role is wanted or account.role not in (Role.CONTRIBUTOR, identity.role):
        return
    try:
        with session.begin_nested():
            staff.change_role(session, account, role=wanted, by=None)
    except Refusal as refusal:
        log_bounded("sign_on.role_kept", account=account.id, reason=type(refusal).__name__)
        return
    identity.role = granted
    session.flush()
