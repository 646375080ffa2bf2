"""An account goes over to another address: wished with the password, confirmed at the new one, undone at the old.

Nothing changes until the link at the new address is used by whoever is signed in. For a week the old address can
bring the account back: also from a thief, so that the password ends with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts import links, service
from consult.accounts.model import Account, LinkToken, Purpose
from consult.core.clock import now
from consult.core.crypto import blind_index, seal, unseal
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _


class AddressTaken(Conflict):
    """Another account has the address by now."""


def ask(session: Session, account: Account, *, email: str, current: str) -> None:
    """Wishes another address. Whether somebody has it here is not told: only whoever reads it learns that.

    An account without a password first says yes at its present address. Raises a Refusal for a wrong password.
    """
    if account.password_hash:
        service.check_password(account, current)
    if blind_index(email) == account.email_index:
        raise Refusal(_("This is your address already."), field="email")
    if account.password_hash:
        _begin(session, account, email)
    else:
        links.write(session, Purpose.APPROVE, "approve", email=unseal(account.email_sealed),
                    language=account.language, account=account, carries=email)  # fmt: skip


def approve(session: Session, *, token: str, at: datetime | None = None) -> None:
    """Says yes at the present address: from here on as for who typed a password. Raises LinkSpent."""
    link = links.use(session, token, [Purpose.APPROVE], at or now())
    _begin(session, session.get_one(Account, link.account_id), _carried(link))


def _begin(session: Session, account: Account, email: str) -> None:
    """Writes to both addresses. Where an account has the new one, that one is told, and can sign in."""
    known = service.find(session, email)
    if known is None:
        links.write(session, Purpose.MOVE, "move", email=email, language=account.language, account=account,
                    carries=email)  # fmt: skip
    else:
        links.write(session, Purpose.SIGN_IN, "move_known", email=email, language=known.language, account=known)
    present = unseal(account.email_sealed)
    links.write(session, Purpose.UNDO, "moving", email=present, language=account.language, account=account,
                carries=present)  # fmt: skip


def wished(session: Session, account: Account, *, token: str, at: datetime | None = None) -> str:
    """The address that a link would give to the account, which alone may use it. Raises LinkSpent and a Refusal."""
    link = links.look(session, token=token, purposes=[Purpose.MOVE], at=at)
    if link.account_id != account.id:
        raise Refusal(_("This link is of another account. Sign in with the address that you have had so far."))
    return _carried(link)


def confirm(session: Session, account: Account, *, token: str, at: datetime | None = None) -> Account:
    """Gives the account the address at which the link was read; its other sessions end.

    Raises LinkSpent, a Refusal for another account's link, and AddressTaken where an account has the address by now.
    """
    moment = at or now()
    wished(session, account, token=token, at=moment)
    email = _carried(links.use(session, token, [Purpose.MOVE], moment))
    return _give(session, account, email, moment)


def undo(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Brings the account back to the address at which the link was read, or keeps it there; a password is asked anew.

    Whoever wished the change knew the password, so that ends, and so do all sessions and the links sent since.
    Raises LinkSpent and AddressTaken.
    """
    moment = at or now()
    link = links.use(session, token, [Purpose.UNDO], moment)
    account, email = session.get_one(Account, link.account_id), _carried(link)
    _give(session, account, email, moment)
    account.password_hash = None
    links.take_back(session, account, since=link.id)
    links.write(session, Purpose.RESET, "undone", email=email, language=account.language, account=account)
    return account


def _give(session: Session, account: Account, email: str, at: datetime) -> Account:
    """Address and index change together. Of two accounts that get one at once the index lets one."""
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    account.email_index, account.email_sealed, account.verified_at = blind_index(email), seal(email), at
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressTaken(_("This address has an account of its own by now.")) from error
    return service.end_sessions(session, account)


def _carried(link: LinkToken) -> str:
    return unseal(link.email_sealed or b"")
