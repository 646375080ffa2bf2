"""Links sent by e-mail, each good once and for a time: written, looked at, used, taken back. Only a hash is stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, LinkToken, Organisation, Purpose
from consult.core.access import Role
from consult.core.clock import now
from consult.core.crypto import blind_index, new_token, seal, token_hash, unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import one_line
from consult.mail import service as mail

LIFE = {
    Purpose.VERIFY: timedelta(days=1),
    Purpose.SIGN_IN: timedelta(minutes=30),
    Purpose.RESET: timedelta(minutes=60),
    Purpose.INVITE: timedelta(days=14),
    Purpose.APPROVE: timedelta(minutes=60),
    Purpose.MOVE: timedelta(days=1),
    Purpose.UNDO: timedelta(days=7),
    Purpose.DELETE: timedelta(minutes=60),
}


class LinkSpent(NotFound):
    """The link was used, ran out, was replaced, or never was one."""

    status = 410


def write(
    session: Session,
    purpose: Purpose,
    template: str,
    *,
    email: str,
    language: str,
    account: Account | None = None,
    role: Role | None = None,
    organisation: Organisation | None = None,
    carries: str | None = None,
) -> str:
    """Stores a link's hash and posts the letter with the link in it; gives the token.

    A link of an account may carry an address: the one that the account is to have when it is used.
    """
    token, address = new_token(), one_line(email)
    kept = carries or (None if account else address)
    link = LinkToken(
        hash=token_hash(token), purpose=purpose, account_id=account.id if account else None, role=role,
        email_sealed=seal(kept) if kept else None, expires_at=now() + LIFE[purpose], used_at=None,
        organisation_id=organisation.id if organisation else None,
    )  # fmt: skip
    session.add(link)
    mail.post(
        session, key=f"account:{template}:{link.hash.hex()[:24]}", to=address, template=f"accounts/mail/{template}",
        language=language, token=token, until=link.expires_at, role=role,
        organisation=organisation.name if organisation else None,
    )  # fmt: skip
    return token


def look(session: Session, *, token: str, purposes: Collection[Purpose], at: datetime | None = None) -> LinkToken:
    """The link behind a token that may still be used; looking does not use it. Raises LinkSpent."""
    found = session.scalar(select(LinkToken).where(_usable(token, purposes, at or now())))
    return _unspent(found)


def _usable(token: str, purposes: Collection[Purpose], at: datetime) -> ColumnElement[bool]:
    return and_(
        LinkToken.hash == token_hash(token),
        LinkToken.purpose.in_(purposes),
        LinkToken.used_at.is_(None),
        LinkToken.expires_at > at,
    )


def use(session: Session, token: str, purposes: Collection[Purpose], at: datetime) -> LinkToken:
    """Marks the link used in one statement, so that of two clicks at once one gets it."""
    used = update(LinkToken).where(_usable(token, purposes, at)).values(used_at=at).returning(LinkToken)
    return _unspent(session.scalar(used))


def _unspent(found: LinkToken | None) -> LinkToken:
    if found is None:
        raise LinkSpent(_("This link was used before, or it has run out. Ask for a new one."))
    return found


def take_back(session: Session, account: Account, *, since: int | None = None) -> None:
    """Links of an account stop working; those that bring back its address only where they were sent after link `since`.

    Who gets into an account and changes its password must not end the way back that its owner was sent before.
    """
    later = LinkToken.id > since if since is not None else false()
    gone = update(LinkToken).where(
        LinkToken.account_id == account.id, LinkToken.used_at.is_(None), or_(LinkToken.purpose != Purpose.UNDO, later)
    )
    session.execute(gone.values(used_at=now()))


def take_back_roles(session: Session, account: Account) -> None:
    """Invitations to a role that were sent to the account's address and wait there stop working."""
    waiting = select(LinkToken).where(
        LinkToken.purpose == Purpose.INVITE, LinkToken.role.is_not(None), LinkToken.used_at.is_(None)
    )
    for link in session.scalars(waiting):
        if blind_index(unseal(link.email_sealed or b"")) == account.email_index:
            link.used_at = now()


def forget(session: Session, *, before: datetime) -> None:
    """Deletes links that ran out: they hold addresses and serve nobody."""
    session.execute(delete(LinkToken).where(LinkToken.expires_at < before))
