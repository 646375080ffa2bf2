"""Links between provider identities and accounts."""

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
    """Return the account's identities with their providers, by name."""
    rows = session.execute(
        select(SignOnIdentity, SignOnProvider)
        .join(SignOnProvider, SignOnProvider.id == SignOnIdentity.provider_id)
        .where(SignOnIdentity.account_id == account.id)
        .order_by(SignOnProvider.name, SignOnIdentity.id)
    )
    return [(identity, provider) for identity, provider in rows]


def list_unlinked_providers(session: Session, account: Account) -> Sequence[SignOnProvider]:
    """Return providers at which the account has no identity."""
    mine = select(SignOnIdentity.provider_id).where(SignOnIdentity.account_id == account.id)
    return session.scalars(
        select(SignOnProvider).where(SignOnProvider.id.not_in(mine)).order_by(SignOnProvider.name)
    ).all()


def unlink(session: Session, account: Account, number: int) -> None:
    """Unlink an identity and end its sessions. Raises NotFound."""
    mine = delete(SignOnIdentity).where(SignOnIdentity.id == number, SignOnIdentity.account_id == account.id)
    if session.scalar(mine.returning(SignOnIdentity.id)) is None:
        raise NotFound(_("This link was already removed."))
    letters.post_change(session, account, "unlinked")


def find_account(session: Session, who: ProviderIdentity) -> tuple[SignOnIdentity, Account] | None:
    """Return the identity and its account, found by issuer and subject, or None."""
    row = session.execute(
        select(SignOnIdentity, Account)
        .join(Account, Account.id == SignOnIdentity.account_id)
        .where(SignOnIdentity.provider_id == who.provider.id, SignOnIdentity.subject == who.subject)
    ).first()
    return (row[0], row[1]) if row else None


def admit_by_address(session: Session, who: ProviderIdentity) -> tuple[SignOnIdentity, Account] | None:
    """Link an identity by its verified address at the provider's own domain, creating an account if there is none.

    Returns None if the identity does not qualify. Administrators are excluded: they confirm the link by signing in as
    before.
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
    """Link the identity to the account and e-mail the account. Raises Conflict if it is linked to another account."""
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
    """Grant the role of the first mapped value of the claim, and remove a role that the provider granted before.

    Roles granted by an administrator are unchanged. A claim neither grants nor removes the role of administrator.
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
