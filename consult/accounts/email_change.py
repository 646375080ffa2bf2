"""Change of e-mail address: asked for with the password, confirmed at the new address, undone from the old one.

Nothing changes until the owner, signed in, uses the link at the new address. For seven days the link at the old address
restores it; because a thief may have made the change, that link also resets the password.
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
    """Another account has the address by now."""


def request_change(session: Session, account: Account, *, email: str, current: str) -> None:
    """Requests another address. The answer does not reveal whether an account has it: only the mail to it does.

    An account without a password first says yes at its present address. Raises a Refusal for a wrong password.
    """
    if account.password_hash:
        service.check_password(account, current)
    if blind_index(email) == account.email_index:
        raise Refusal(_("This is your address already."), field="email")
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
    """Says yes at the present address: from here on as for who typed a password. Raises LinkSpent."""
    link = links.use(session, token, [LinkPurpose.APPROVE], at or now())
    _send_links(session, session.get_one(Account, link.account_id), _carried_address(link))


def _send_links(session: Session, account: Account, email: str) -> None:
    """Writes to both addresses. If an account has the new one, its letter says so, and that it can sign in."""
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
    """The address that a link would give to the account, which alone may use it. Raises LinkSpent and a Refusal."""
    link = links.get_link(session, token=token, purposes=[LinkPurpose.MOVE], at=at)
    if link.account_id != account.id:
        raise Refusal(_("This link is of another account. Sign in with the address that you have had so far."))
    return _carried_address(link)


def confirm(session: Session, account: Account, *, token: str, at: datetime | None = None) -> Account:
    """Gives the account the address at which the link was read; its other sessions end.

    Raises LinkSpent, a Refusal for another account's link, and AddressTaken where an account has the address by now.
    """
    moment = at or now()
    get_new_address(session, account, token=token, at=moment)
    email = _carried_address(links.use(session, token, [LinkPurpose.MOVE], moment))
    return _set_address(session, account, email, moment)


def undo(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Restores the address at which the link was read, or keeps it there; the password must be set again.

    Whoever wished the change knew the password, so that ends, and so do all sessions and the links sent since.
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
    """Writes once to the account's address, to which letters came back: its link opens the address again."""
    email = unseal(account.email_sealed)
    links.send_link(
        session, LinkPurpose.ARRIVES, "arrives", email=email, language=account.language, account=account, carries=email
    )


def confirm_arrival(session: Session, *, token: str, at: datetime | None = None) -> None:
    """The letter was read: the address is written to again. Raises LinkSpent."""
    links.use(session, token, [LinkPurpose.ARRIVES], at or now())


def _set_address(session: Session, account: Account, email: str, at: datetime) -> Account:
    """Address and index change together. Of two accounts that get one at once the index lets one."""
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    account.email_index, account.email_sealed, account.verified_at = blind_index(email), seal(email), at
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressTaken(_("This address has an account of its own by now.")) from error
    return service.end_sessions(session, account)


def _carried_address(link: LinkToken) -> str:
    return unseal(link.email_sealed or b"")
