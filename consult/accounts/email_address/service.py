"""Change of an e-mail address: requested with the password, confirmed at the new address, undone from the old one.

Nothing changes until the owner, signed in, uses the link at the new address. For seven days the link at the old address
restores it. That link also resets the password, because a thief may have made the change.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts import links, service
from consult.accounts.model import Account, LinkPurpose, LinkToken
from consult.core.clock import now
from consult.core.crypto import blind_index, seal, unseal
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _


class AddressTaken(Conflict):
    """Another account already has the e-mail address."""


def request_change(session: Session, account: Account, *, email: str, current: str) -> None:
    """Request a new e-mail address.

    The result does not reveal whether another account has the address; only the e-mail to it does. An account without a
    password must first confirm at its current address. Raises Refusal for a wrong password.
    """
    if account.password_hash:
        service.check_password(account, current)
    if blind_index(email) == account.email_index:
        raise Refusal(_("This is already your e-mail address."), field="email")
    if account.password_hash:
        _send_links(session, account, email)
    else:
        links.send_link(
            session,
            LinkPurpose.APPROVE,
            "approve",
            email=unseal(account.email_sealed),
            language=account.language,
            account=account,
            carries=email,
        )


def approve(session: Session, *, token: str, at: datetime | None = None) -> None:
    """Confirm a requested change at the current address, in place of a password. Raises LinkSpent."""
    link = links.use(session, token, [LinkPurpose.APPROVE], at or now())
    _send_links(session, session.get_one(Account, link.account_id), _carried_address(link))


def _send_links(session: Session, account: Account, email: str) -> None:
    """Send links to both addresses. If an account already has the new address, the e-mail to it says so."""
    known = service.find_by_email(session, email)
    if known is None:
        links.send_link(
            session, LinkPurpose.MOVE, "move", email=email, language=account.language, account=account, carries=email
        )
    else:
        links.send_link(session, LinkPurpose.SIGN_IN, "move_known", email=email, language=known.language, account=known)
    present = unseal(account.email_sealed)
    links.send_link(
        session, LinkPurpose.UNDO, "moving", email=present, language=account.language, account=account, carries=present
    )


def get_new_address(session: Session, account: Account, *, token: str, at: datetime | None = None) -> str:
    """Return the address that a link would set. Raises LinkSpent, and a Refusal if the link is for another account."""
    link = links.get_link(session, token=token, purposes=[LinkPurpose.MOVE], at=at)
    if link.account_id != account.id:
        raise Refusal(_("This link is for another account. Sign in with your old e-mail address."))
    return _carried_address(link)


def confirm(session: Session, account: Account, *, token: str, at: datetime | None = None) -> Account:
    """Set the e-mail address that the link was sent to and end the account's other sessions.

    Raises LinkSpent, a Refusal if the link is for another account, and AddressTaken.
    """
    moment = at or now()
    get_new_address(session, account, token=token, at=moment)
    email = _carried_address(links.use(session, token, [LinkPurpose.MOVE], moment))
    return _set_address(session, account, email, moment)


def undo(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Restore the previous e-mail address and require a new password.

    The person who requested the change knew the password, so the password, all sessions and later links are revoked.
    Raises LinkSpent and AddressTaken.
    """
    moment = at or now()
    link = links.use(session, token, [LinkPurpose.UNDO], moment)
    account, email = session.get_one(Account, link.account_id), _carried_address(link)
    _set_address(session, account, email, moment)
    account.password_hash = None
    links.revoke(session, account, since=link.id)
    links.send_link(session, LinkPurpose.RESET, "undone", email=email, language=account.language, account=account)
    return account


def send_arrival_link(session: Session, account: Account) -> None:
    """Send a link that confirms that e-mail arrives, once, to an address that bounced."""
    email = unseal(account.email_sealed)
    links.send_link(
        session, LinkPurpose.ARRIVES, "arrives", email=email, language=account.language, account=account, carries=email
    )


def confirm_arrival(session: Session, *, token: str, at: datetime | None = None) -> None:
    """Mark the address as working again after its owner used the link. Raises LinkSpent."""
    links.use(session, token, [LinkPurpose.ARRIVES], at or now())


def _set_address(session: Session, account: Account, email: str, at: datetime) -> Account:
    """Set the address and its index together.

    A unique index decides if two accounts ask for the same address concurrently.
    """
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    account.email_index, account.email_sealed, account.verified_at = blind_index(email), seal(email), at
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressTaken(_("This e-mail address now has its own account.")) from error
    return service.end_sessions(session, account)


def _carried_address(link: LinkToken) -> str:
    return unseal(link.email_sealed or b"")
