"""Roles of staff accounts: find, grant, revoke. Past decisions keep their author."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from consult.accounts import deletion, hooks, links, service
from consult.accounts.deletion import LastAdmin
from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import blind_index, pseudonym, unseal_address
from consult.core.db import advisory_lock
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_cursor, make_page
from consult.core.text import drop_silent, one_line
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail

PAGE = 50


def list_people(session: Session, *, words: str = "", after: str = "") -> Page[Account]:
    """Return a page of accounts with a role, by name, filtered by words of the name or by a complete e-mail address.

    Contributors are found by address only, so that there is no list of participants.
    """
    asked = select(Account).where(Account.verified_at.is_not(None))
    words = one_line(drop_silent(words))
    if "@" in words:
        asked = asked.where(Account.email_index == blind_index(words))
    else:
        asked = asked.where(Account.role != Role.CONTRIBUTOR, Account.display_name.icontains(words, autoescape=True))
    if (key := decode_cursor(after, 2)) is not None:
        name, number = str(key[0]).replace("\x00", ""), key[1] if isinstance(key[1], int) else 0
        asked = asked.where(tuple_(Account.display_name, Account.id) > tuple_(name, number % 2**63))
    rows = session.scalars(asked.order_by(Account.display_name, Account.id).limit(PAGE + 1)).all()
    return make_page(rows, PAGE, lambda row: [row.display_name, row.id])


def get_person(session: Session, number: int) -> Account:
    """Return a verified account. Raises NotFound."""
    row = session.get(Account, number)
    if row is None or row.verified_at is None:
        raise NotFound(_("We cannot find this account."))
    return row


def change_role(session: Session, account: Account, *, role: Role, by: Account | None) -> None:
    """Change the role of an account; `contributor` ends the current role. `by` is None on the command line.

    The account's sessions end, its open invitations to a role are revoked, and it is e-mailed. Does nothing if the role
    is the same. Raises LastAdmin.
    """
    advisory_lock(session, "accounts.admins")
    session.refresh(account, with_for_update=True)
    if account.role is role:
        return
    if deletion.is_last_admin(session, account):
        raise LastAdmin(_("This is the last administrator. Make someone else an administrator first."), field="role")
    if role in (Role.CONTRIBUTOR, Role.MODERATOR):
        hooks.call_left(session, account)
    before, account.role = account.role, role
    account.factor_asked_at = None  # the grace period of 14 days starts again with a new role
    service.end_sessions(session, account)
    links.revoke_role_invitations(session, account)
    ledger.record(
        session,
        Kind.ROLE_CHANGED,
        subject_id=account.id,
        actor=pseudonym("account", by.id) if by else None,
        detail={"from": before, "to": role},
    )
    mail.post(
        session,
        key=f"account:role:{account.id}:{account.session_epoch}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/role",
        language=account.language,
        role=role,
        before=before,
        at=now(),
    )
    session.flush()
