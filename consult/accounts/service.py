"""Accounts: join, sign in, verify an address, change settings, invite members.

Known and unknown addresses get the same response after a similar time. Each path looks the address up, checks one hash
or stores one link, and queues one e-mail.
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
"""The maximum number of open invitations per organisation."""
_SITE_WORDS = ("consult", "consultation")
JOINING = (LinkPurpose.VERIFY, LinkPurpose.INVITE)


class WrongCredentials(Refusal):
    """The e-mail address or the password is wrong. The error does not say which."""


@dataclass(frozen=True)
class JoinOffer:
    """The offer of a joining link: an account for an address, a role, membership of an organisation."""

    email: str
    account: Account | None
    role: Role | None
    organisation: str | None
    by: str | None = None  # name of the person who invites
    body: str | None = None  # name of the body to work for


def register(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Send a link that creates an account. If the address has an account, send a sign-in link.

    The account is created when the link is used, so nobody can set a password for another person's address.
    """
    known, new = (LinkPurpose.SIGN_IN, "known"), (LinkPurpose.VERIFY, "verify")
    _send(session, email, known, new, language=language, strangers=strangers)


def sign_in(
    session: Session, *, email: str, password: str, admit: Callable[[Account | None], None] = lambda _account: None
) -> Account:
    """Return the account with this address and password. Raises WrongCredentials.

    `admit` is called before the password is checked and may raise, for example to limit attempts.
    """
    account = find_by_email(session, email)
    admit(account)
    stored = account.password_hash if account else None
    if not passwords.verify_password(stored, password) or account is None or stored is None:
        raise WrongCredentials(_("The e-mail address or the password is wrong."), field="password")
    if passwords.is_outdated(stored):
        account.password_hash = passwords.hash_password(password)
    return account


def send_sign_in_link(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Send a sign-in link. An address without an account gets instructions to create one."""
    _send_link(session, LinkPurpose.SIGN_IN, "sign_in", email=email, language=language, strangers=strangers)


def send_reset_link(session: Session, *, email: str, language: str, strangers: bool = True) -> None:
    """Send a password reset link. An address without an account gets instructions to create one."""
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
    """Invite an address to a role, an organisation or both; return the token of the link.

    `body` is the name of the body the person will work for; an upper package stores the role there (`hooks.JOINED`).
    Without `by`, the e-mail names the team that runs the site.
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
    """Invite an address to join the organisation. `by` must own it.

    The person becomes a member by accepting. The owner does not learn whether the address has an account. Raises a
    Refusal.
    """
    organisation = organisations.lock_for_owner(session, organisation_id, by)
    if len(organisations.list_invitations(session, organisation_id)) >= INVITATIONS:
        raise Refusal(
            _("Too many invitations are waiting for an answer. Send more when some have been accepted or declined."),
            field="email",
        )
    invite(session, email=email, organisation=organisation, language=by.language, by=by)


def get_offer(session: Session, *, token: str, at: datetime | None = None) -> JoinOffer:
    """Return the offer of a joining link without using it. Raises LinkSpent."""
    link = links.get_link(session, token=token, purposes=JOINING, at=at)
    email, account = _addressee(session, link)
    organisation = session.get(Organisation, link.organisation_id) if link.organisation_id else None
    by = session.get(Account, link.invited_by_id) if link.invited_by_id else None
    name = organisation.name if organisation else None
    return JoinOffer(email, account, link.role, name, by.display_name if by else None, hooks.find_offer(session, link))


def use_link(session: Session, *, token: str, at: datetime | None = None) -> Account:
    """Use up a sign-in link and return its account. Raises LinkSpent."""
    link = links.use(session, token, [LinkPurpose.SIGN_IN], at or now())
    return session.get_one(Account, link.account_id)


def reset_password(session: Session, *, token: str, password: str, at: datetime | None = None) -> Account:
    """Set a new password with an e-mailed link and end all sessions. Raises LinkSpent."""
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
    """Create the account of a joining link and apply its invitation. Raises LinkSpent and WeakPassword.

    If the address already has an account, return that one with its name and password unchanged.
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
    """Create an account for a verified address. Concurrent calls for one address return the same account.

    Raises a Refusal.
    """
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
    return session.scalar(select(Account).where(Account.email_index == blind_index(email)))


def change_name(session: Session, account: Account, *, name: str, language: str) -> None:
    """Set the display name and the language of pages and e-mails. Raises a Refusal for invalid values."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter your name."), field="name")
    if language not in LANGUAGES:
        raise Refusal(_("Choose one of the languages."), field="language")
    account.display_name, account.language = shown, language


def change_password(session: Session, account: Account, *, current: str, password: str) -> None:
    """Set a new password after checking the current one, and end the account's other sessions."""
    check_password(account, current)
    set_password(session, account, password=password)


def check_password(account: Account, current: str) -> None:
    """Raise a Refusal if the password is wrong."""
    if not passwords.verify_password(account.password_hash, current):
        raise Refusal(_("Your current password is wrong."), field="current")


def set_password(session: Session, account: Account, *, password: str) -> Account:
    """Replace the password, end all sessions and revoke the account's links. Raises WeakPassword."""
    password_policy.require_strong(password, words=_own_words(session, account))
    account.password_hash = passwords.hash_password(password)
    return end_sessions(session, account)


def end_sessions(session: Session, account: Account, *, but: int | None = None) -> Account:
    """End all sessions of the account, except session `but`, and revoke its links."""
    account.session_epoch += 1
    sessions.end_all(session, account, but=but)
    links.revoke(session, account)
    return account


def _own_words(session: Session, account: Account) -> list[str]:
    """Return words that the account's password must not consist of."""
    names = [row.organisation.name for row in organisations.list_organisations(session, account)]
    return [unseal(account.email_sealed), account.display_name, *names, *_SITE_WORDS, settings().host]


def _addressee(session: Session, link: LinkToken) -> tuple[str, Account | None]:
    """Return the address that a joining link was sent to, and its account if one exists now."""
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
    """Send a link to the owner of an account, or another one to an address without an account.

    If `strangers` is False, the e-mail to an address without an account is created and rolled back, so that timing does
    not reveal accounts.
    """
    account = find_by_email(session, email)
    purpose, template = to_owner if account else to_stranger
    language = account.language if account else language
    with session.begin_nested() as attempt:
        links.send_link(session, purpose, template, email=email, language=language, account=account)
        if account is None and not strangers:
            attempt.rollback()
