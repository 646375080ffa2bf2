"""Accounts: join, sign in, verify an address, change settings, invite members.

A known address and an unknown one get the same answer in the same time: each path looks the address up, checks one
hash or stores one link, and puts one letter in the outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts import hooks, links, password_policy, passwords
from consult.accounts.model import Account, LinkPurpose, LinkToken, Organisation
from consult.accounts.organisations import service as organisations
from consult.accounts.sessions import service as sessions
from consult.core.clock import now
from consult.core.crypto import blind_index, seal, unseal
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES, _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import one_line
from consult.core.web.access import Role
from consult.core.web.requests import settings

INVITATIONS = 50
"""The most invitations of one organisation that may wait for an answer at once."""
_SITE_WORDS = ("consult", "consultation")
JOINING = (LinkPurpose.VERIFY, LinkPurpose.INVITE)


class WrongCredentials(Refusal):
    """No account has this address with this password; which of the two is wrong is not said."""


@dataclass(frozen=True)
class JoinOffer:
    """What a joining link is for: an account for an address, a role, a place in an organisation."""

    email: str
    account: Account | None
    role: Role | None
    organisation: str | None
    by: str | None = None  # who invites
    body: str | None = None  # to work for


def register(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Writes to an address that somebody wants an account for. The account is made when its link is used.

    So nobody can choose a password for an address that is not theirs. Who has an account is sent a link to sign in.
    """
    known, new = (LinkPurpose.SIGN_IN, "known"), (LinkPurpose.VERIFY, "verify")
    _send(session, email, known, new, language=language, strangers=strangers)


def sign_in(
    session: Session, *, email: str, password: str, admit: Callable[[Account | None], None] = lambda _account: None
) -> Account:
    """The account with this address and password. `admit` is asked before the password is looked at: it may refuse.

    Raises WrongCredentials.
    """
    account = find_by_email(session, email)
    admit(account)
    stored = account.password_hash if account else None
    if not passwords.verify_password(stored, password) or account is None or stored is None:
        raise WrongCredentials(_("The e-mail address or the password is not right."), field="password")
    if passwords.is_outdated(stored):
        account.password_hash = passwords.hash_password(password)
    return account


def send_sign_in_link(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Writes a link to sign in with, or to an address without an account how to get one."""
    _send_link(session, LinkPurpose.SIGN_IN, "sign_in", email=email, language=language, strangers=strangers)


def send_reset_link(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Writes a link to choose a new password with, or to an address without an account how to get one."""
    _send_link(session, LinkPurpose.RESET, "reset", email=email, language=language, strangers=strangers)


def invite(
    session: Session,
    *,
    email: str,
    role: Role | None = None,
    organisation: Organisation | None = None,
    language: str = DEFAULT_LANGUAGE,
    by: Account | None = None,
    body: str | None = None,
) -> str:
    """Invites an address to a role, an organisation or both, by letter; gives the secret part of the link.

    `body`: the name of what it is to work for; a package above keeps as what (`hooks.JOINED`).

    The letter says `by` whom; where nobody is named, by whoever runs the site.
    """
    known = find_by_email(session, email)
    return links.send_link(
        session,
        LinkPurpose.INVITE,
        "invite",
        email=email,
        language=known.language if known else language,
        role=role,
        organisation=organisation,
        by=by,
        body=body,
    )


def invite_member(session: Session, *, by: Account, organisation_id: int, email: str) -> None:
    """Invites an address to file in the organisation's name, on an owner's wish.

    Nobody becomes a member without saying yes, and an owner does not learn who has an account here.
    """
    organisation = organisations.lock_for_owner(session, organisation_id, by)
    if len(organisations.list_invitations(session, organisation_id)) >= INVITATIONS:
        raise Refusal(_("Too many invitations are waiting. Wait until some were answered."), field="email")
    invite(session, email=email, organisation=organisation, language=by.language, by=by)


def get_offer(session: Session, *, token: str, at: datetime | None = None) -> JoinOffer:
    """What a joining link offers, and to whom. Raises LinkSpent."""
    link = links.get_link(session, token=token, purposes=JOINING, at=at)
    email, account = _addressee(session, link)
    organisation = session.get(Organisation, link.organisation_id) if link.organisation_id else None
    by = session.get(Account, link.invited_by_id) if link.invited_by_id else None
    name = organisation.name if organisation else None
    return JoinOffer(email, account, link.role, name, by.display_name if by else None, hooks.find_offer(session, link))


def use_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Signs in by an e-mailed link: the account. The link is used up. Raises LinkSpent."""
    link = links.use(session, token, [LinkPurpose.SIGN_IN], at or now())
    return session.get_one(Account, link.account_id)


def reset_password(session: Session, *, token: str, password: str, at: datetime | None = None) -> Account:
    """Sets a new password by an e-mailed link; every session of the account ends. Raises LinkSpent."""
    link = links.use(session, token, [LinkPurpose.RESET], at or now())
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
    Raises WeakPassword.
    """
    moment = at or now()
    link = links.use(session, token, JOINING, moment)
    email, account = _addressee(session, link)
    if account is None:
        if password:
            organisation = session.get(Organisation, link.organisation_id) if link.organisation_id else None
            words = [email, name, *([organisation.name] if organisation else []), *_SITE_WORDS, settings().host]
            password_policy.require_strong(password, words=words)
        account = create(session, email=email, name=name, password=password, language=language, at=moment)
    if link.role is not None and account.role is not Role.ADMIN:
        account.role = link.role
    if link.organisation_id is not None:
        organisations.add_member(
            session, organisation_id=link.organisation_id, account_id=account.id, signatory=False, at=moment
        )
    hooks.call_joined(session, account, link)
    return account


def create(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role = Role.CONTRIBUTOR,
    password: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    at: datetime | None = None,
) -> Account:
    """The account of an address that was proven to be its owner's; the one there is where two make it at once."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter your name."), field="name")
    moment, index = at or now(), blind_index(email)
    session.execute(
        insert(Account)
        .values(
            email_index=index,
            email_sealed=seal(one_line(email)),
            display_name=shown,
            role=role,
            password_hash=passwords.hash_password(password) if password else None,
            session_epoch=0,
            language=language if language in LANGUAGES else DEFAULT_LANGUAGE,
            verified_at=moment,
            created_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["email_index"])
    )
    return session.scalars(select(Account).where(Account.email_index == index)).one()


def find_by_email(session: Session, email: str) -> Account | None:
    """The account with this address."""
    return session.scalar(select(Account).where(Account.email_index == blind_index(email)))


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
    if not passwords.verify_password(account.password_hash, current):
        raise Refusal(_("This is not your present password."), field="current")


def set_password(session: Session, account: Account, *, password: str) -> Account:
    """Replaces the password, ends every session, and takes back the links that were sent. Raises WeakPassword."""
    password_policy.require_strong(password, words=_own_words(session, account))
    account.password_hash = passwords.hash_password(password)
    return end_sessions(session, account)


def end_sessions(session: Session, account: Account, *, but: int | None = None) -> Account:
    """Signs the account out everywhere, or but one session; links that could sign it in are taken back."""
    account.session_epoch += 1
    sessions.end_all(session, account, but=but)
    links.revoke(session, account)
    return account


def _own_words(session: Session, account: Account) -> list[str]:
    """What a password of this account is not made of."""
    names = [row.organisation.name for row in organisations.list_organisations(session, account)]
    return [unseal(account.email_sealed), account.display_name, *names, *_SITE_WORDS, settings().host]


def _addressee(session: Session, link: LinkToken) -> tuple[str, Account | None]:
    """The address a joining link was sent to, and the account that it has by now."""
    email = unseal(link.email_sealed or b"")
    return email, find_by_email(session, email)


def _send_link(
    session: Session, purpose: LinkPurpose, template: str, *, email: str, language: str, strangers: bool
) -> None:
    _send(session, email, (purpose, template), (LinkPurpose.VERIFY, "unknown"), language=language, strangers=strangers)


def _send(
    session: Session,
    email: str,
    to_owner: tuple[LinkPurpose, str],
    to_stranger: tuple[LinkPurpose, str],
    *,
    language: str,
    strangers: bool,
) -> None:
    """Writes to the address, as to the owner of an account or not.

    Where `strangers` are not written to, their letter is written and undone: the time must not tell who has an account.
    """
    account = find_by_email(session, email)
    purpose, template = to_owner if account else to_stranger
    language = account.language if account else language
    with session.begin_nested() as attempt:
        links.send_link(session, purpose, template, email=email, language=language, account=account)
        if account is None and not strangers:
            attempt.rollback()
