"""Access tokens: create, list, revoke, and find by the secret that a program sends."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.tokens.model import AccessToken, Scope
from consult.core.clock import now
from consult.core.crypto import hash_token, new_token
from consult.core.errors import Conflict, Forbidden, NotFound
from consult.core.i18n import _
from consult.core.text import one_line

MOST = 20
"""The maximum number of tokens per account."""
LONGEST_DAYS = 365
_PREFIX = "cst"


@dataclass(frozen=True)
class ListedToken:
    """A token with the name of its organisation, if it acts for one."""

    row: AccessToken
    organisation: str | None


def create(
    session: Session,
    account: Account,
    *,
    name: str,
    scopes: Collection[Scope],
    organisation_id: int | None,
    days: int,
    at: datetime | None = None,
) -> str:
    """Create a token and return its secret, of which only a hash is stored.

    Raises Conflict if the account has the maximum number, and Forbidden for an organisation it may not submit for.
    """
    moment = at or now()
    held = select(func.count()).where(AccessToken.account_id == account.id)
    if (session.scalar(held) or 0) >= MOST:
        raise Conflict(_("You have %(most)s tokens. Delete one first.", most=MOST))
    if organisation_id is not None and organisation_id not in dict(list_organisations(session, account)):
        raise Forbidden(_("You do not have permission to submit for this organisation."))
    secret = _write_secret(new_token())
    row = AccessToken(
        account_id=account.id,
        organisation_id=organisation_id,
        name=one_line(name)[:60],
        hash=hash_token(secret),
        scopes=sorted(scopes),
        made_at=moment,
        expires_at=moment + timedelta(days=min(days, LONGEST_DAYS)),
    )
    session.add(row)
    session.flush()
    return secret


def check_scopes(session: Session, scopes: Collection[Scope], organisation_id: int | None) -> None:
    """Raise Forbidden for a permission that the organisation does not have. It is checked at each use too."""
    if Scope.FILE_OTHERS in scopes and not may_file_for_others(session, organisation_id):
        message = _("An administrator must first permit your organisation to send submissions on behalf of supporters.")
        raise Forbidden(message, field="scopes")


def may_file_for_others(session: Session, organisation_id: int | None) -> bool:
    """Return whether an organisation has a verified website and the permission of an administrator."""
    if organisation_id is None:
        return False
    row = session.get_one(Organisation, organisation_id)
    return row.proven_at is not None and row.files_for_others


def _write_secret(drawn: str) -> str:
    """Return a secret that scanners of published code recognise, with a checksum."""
    return f"{_PREFIX}_{zlib.crc32(drawn.encode()):08x}_{drawn}"


def is_well_formed(secret: str) -> bool:
    """Return whether a text has the form and checksum of a token. Other texts need no query.

    >>> is_well_formed(_write_secret("x" * 43)), is_well_formed("cst_00000000_" + "x" * 43), is_well_formed("")
    (True, False, False)
    """
    return len(secret) < 100 and secret.isascii() and secret == _write_secret(secret[len(_PREFIX) + 10 :])


def find(session: Session, secret: str, *, at: datetime | None = None) -> AccessToken | None:
    """Return the valid token with this secret, or None. One of a suspended or deleted account is not valid.

    One for an organisation is valid while its account may submit for it.
    """
    if not is_well_formed(secret):
        return None
    signs = select(Membership.id).where(
        Membership.account_id == AccessToken.account_id,
        Membership.organisation_id == AccessToken.organisation_id,
        Membership.signatory,
    )
    return session.scalar(
        select(AccessToken)
        .join(Account, Account.id == AccessToken.account_id)
        .where(
            AccessToken.hash == hash_token(secret),
            AccessToken.expires_at > (at or now()),
            Account.suspended_at.is_(None),
            AccessToken.organisation_id.is_(None) | signs.exists(),
        )
    )


def note_use(session: Session, token_id: int, on: date) -> None:
    """Store the day of the last use."""
    session.execute(update(AccessToken).where(AccessToken.id == token_id).values(used_on=on))


def list_tokens(session: Session, account: Account) -> Sequence[ListedToken]:
    """Return the account's tokens, newest first, also expired ones."""
    rows = session.execute(
        select(AccessToken, Organisation.name)
        .outerjoin(Organisation, Organisation.id == AccessToken.organisation_id)
        .where(AccessToken.account_id == account.id)
        .order_by(AccessToken.id.desc())
    )
    return [ListedToken(row, name) for row, name in rows]


def list_organisations(session: Session, account: Account) -> Sequence[tuple[int, str]]:
    """Return the id and name of each organisation that the account may submit for."""
    rows = session.execute(
        select(Organisation.id, Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == account.id, Membership.signatory)
        .order_by(Organisation.name)
    )
    return [(row.id, row.name) for row in rows]


def revoke(session: Session, account: Account, number: int) -> None:
    """Delete a token of the account, which stops working immediately. Raises NotFound."""
    held = AccessToken.id == number, AccessToken.account_id == account.id
    if session.execute(delete(AccessToken).where(*held).returning(AccessToken.id)).first() is None:
        raise NotFound(_("We cannot find this token. It may have been deleted."))
