"""The verbs of people: join, sign in, prove an address, change what is theirs, speak for an organisation.

An address that is known here and one that is not get the same answer in the same time: each way looks the address
up, checks one hash or stores one link, and puts one letter in the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts import links, organisations, passwords
from consult.accounts.model import Account, LinkToken, Organisation, Purpose
from consult.core.access import Role
from consult.core.clock import now
from consult.core.crypto import blind_index, seal, unseal
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.text import one_line

INVITATIONS = 50
"""The most invitations of one organisation that may wait for an answer at once."""
JOINING = (Purpose.VERIFY, Purpose.INVITE)


class WrongCredentials(Refusal):
    """No account has this address with this password; which of the two is wrong is not said."""


@dataclass(frozen=True)
class Offer:
    """What a joining link is for: an account for an address, a role, a place in an organisation."""

    email: str
    account: Account | None
    role: Role | None
    organisation: str | None


def register(session: Session, *, email: str, language: str) -> None:
    """Writes to an address that somebody wants an account for. The account is made when its link is used.

    So nobody can choose a password for an address that is not theirs. Who has an account is sent a link to sign in.
    """
    known = find(session, email)
    if known is None:
        links.write(session, Purpose.VERIFY, "verify", email=email, language=language)
    else:
        links.write(session, Purpose.SIGN_IN, "known", email=email, language=known.language, account=known)


def sign_in(session: Session, *, email: str, password: str) -> Account:
    """The account with this address and password. Raises WrongCredentials."""
    account = find(session, email)
    stored = account.password_hash if account else None
    if not passwords.matches(stored, password) or account is None or stored is None:
        raise WrongCredentials(_("The e-mail address or the password is not right."), field="password")
    if passwords.outdated(stored):
        account.password_hash = passwords.hashed(password)
    return account


def ask_sign_in_link(session: Session, *, email: str, language: str) -> None:
    """Writes a link to sign in with, or to an address without an account how to get one."""
    _ask(session, Purpose.SIGN_IN, "sign_in", email=email, language=language)


def ask_reset(session: Session, *, email: str, language: str) -> None:
    """Writes a link to choose a new password with, or to an address without an account how to get one."""
    _ask(session, Purpose.RESET, "reset", email=email, language=language)


def invite(
    session: Session,
    *,
    email: str,
    role: Role | None = None,
    organisation: Organisation | None = None,
    language: str = "en",
) -> str:
    """Invites an address to a role, an organisation or both, by letter; gives the secret part of the link."""
    known = find(session, email)
    return links.write(
        session, Purpose.INVITE, "invite", email=email, language=known.language if known else language,
        role=role, organisation=organisation,
    )  # fmt: skip


def invite_member(session: Session, *, by: Account, organisation_id: int, email: str) -> None:
    """Invites an address to file in the organisation's name, on an owner's wish.

    Nobody becomes a member without saying yes, and an owner does not learn who has an account here.
    """
    organisation = organisations.owned(session, organisation_id, by)
    if len(organisations.invited_to(session, organisation_id)) >= INVITATIONS:
        raise Refusal(_("Too many invitations are waiting. Wait until some were answered."), field="email")
    invite(session, email=email, organisation=organisation, language=by.language)


def offer(session: Session, *, token: str, at: datetime | None = None) -> Offer:
    """What a joining link offers, and to whom. Raises LinkSpent."""
    link = links.look(session, token=token, purposes=JOINING, at=at)
    email, account = _addressee(session, link)
    organisation = session.get(Organisation, link.organisation_id) if link.organisation_id else None
    return Offer(email, account, link.role, organisation.name if organisation else None)


def use_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Signs in by an e-mailed link: the account. The link is used up. Raises LinkSpent."""
    link = links.use(session, token, [Purpose.SIGN_IN], at or now())
    return session.get_one(Account, link.account_id)


def reset(session: Session, *, token: str, password: str, at: datetime | None = None) -> Account:
    """Sets a new password by an e-mailed link; every session of the account ends. Raises LinkSpent."""
    link = links.use(session, token, [Purpose.RESET], at or now())
    account = session.get_one(Account, link.account_id, with_for_update=True)
    return set_password(session, account, password=password)


def join(
    session: Session,
    *,
    token: str,
    name: str,
    password: str | None,
    language: str,
    at: datetime | None = None,
) -> Account:
    """Makes the account that a link was sent for, with what an invitation offers. Raises LinkSpent.

    Where the address has an account by now, that one is given and only takes the offer: its name and password stay.
    """
    moment = at or now()
    link = links.use(session, token, JOINING, moment)
    email, account = _addressee(session, link)
    if account is None:
        account = create(session, email=email, name=name, password=password, language=language, at=moment)
    if link.role is not None and account.role is not Role.ADMIN:
        account.role = link.role
    if link.organisation_id is not None:
        organisations.add_member(session, organisation_id=link.organisation_id, account_id=account.id, at=moment)
    return account


def create(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role = Role.CONTRIBUTOR,
    password: str | None = None,
    language: str = "en",
    at: datetime | None = None,
) -> Account:
    """The account of an address that was proven to be its owner's; the one there is where two make it at once."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter your name."), field="name")
    moment, index = at or now(), blind_index(email)
    session.execute(
        insert(Account)
        .values(
            email_index=index, email_sealed=seal(one_line(email)), display_name=shown, role=role,
            password_hash=passwords.hashed(password) if password else None, session_epoch=0,
            language=language if language in LANGUAGES else "en", verified_at=moment, created_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["email_index"])
    )  # fmt: skip
    return session.scalars(select(Account).where(Account.email_index == index)).one()


def find(session: Session, email: str) -> Account | None:
    """The account with this address."""
    return session.scalar(select(Account).where(Account.email_index == blind_index(email)))


def by_cookie(session: Session, cookie: str) -> Account | None:
    """The account whose id and epoch a session's cookie holds; None where that session has been ended."""
    number, _dot, epoch = cookie.partition(".")
    if not (number.isdecimal() and epoch.isdecimal() and len(number) < 19):
        return None
    account = session.get(Account, int(number))
    return account if account is not None and account.session_epoch == int(epoch) else None


def change_name(session: Session, account: Account, *, name: str, language: str) -> None:
    """The name others see and the language of pages and letters."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter your name."), field="name")
    if language not in LANGUAGES:
        raise Refusal(_("Choose one of the languages."), field="language")
    account.display_name, account.language = shown, language


def change_password(session: Session, account: Account, *, current: str, password: str) -> None:
    """A new password for who knows the present one; the account's other sessions end."""
    check_password(account, current)
    set_password(session, account, password=password)


def check_password(account: Account, current: str) -> None:
    """Raises a Refusal unless it is the account's password."""
    if not passwords.matches(account.password_hash, current):
        raise Refusal(_("This is not your present password."), field="current")


def set_password(session: Session, account: Account, *, password: str) -> Account:
    """Replaces the password, ends every session, and takes back the links that were sent."""
    account.password_hash = passwords.hashed(password)
    return end_sessions(session, account)


def end_sessions(session: Session, account: Account) -> Account:
    """Signs the account out everywhere; links that could sign it in are taken back."""
    account.session_epoch += 1
    links.take_back(session, account)
    return account


def _addressee(session: Session, link: LinkToken) -> tuple[str, Account | None]:
    """The address a joining link was sent to, and the account that it has by now."""
    email = unseal(link.email_sealed or b"")
    return email, find(session, email)


def _ask(session: Session, purpose: Purpose, template: str, *, email: str, language: str) -> None:
    account = find(session, email)
    if account is None:
        links.write(session, Purpose.VERIFY, "unknown", email=email, language=language)
    else:
        links.write(session, purpose, template, email=email, language=account.language, account=account)
