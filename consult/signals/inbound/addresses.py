"""Addresses for reports by e-mail, `signals+12-token@…`, one for each member of an organisation.

A token is derived from the organisation, the member, the date of joining and the last renewal. It stops working when
the membership ends.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.crypto import derive_token
from consult.signals.inbound.model import InboundAddress

ADDRESS = re.compile(r"[^+@\s]{1,64}\+(\d{1,18})-([a-z0-9-]{8,80})@.+", re.I)
OLD_UNTIL = datetime(2027, 3, 1, tzinfo=UTC)
"""Until then the earlier address shared by all members also works, unless one of them renews an address."""
_LENGTH = 20


def get_address(session: Session, organisation_id: int, account_id: int, mailbox: str) -> str:
    """Return a member's address, given a mailbox such as `signals@consult.example.org`. Empty without a mailbox."""
    name, _at, host = mailbox.partition("@")
    return f"{name}+{organisation_id}-{_make_token(session, organisation_id, account_id)}@{host}" if host else ""


def is_address_of(session: Session, organisation_id: int, account_id: int, token: str) -> bool:
    """Return whether the token is the member's own or the earlier one of the organisation."""
    own = hmac.compare_digest(token.lower(), _make_token(session, organisation_id, account_id))
    return own or is_old(session, organisation_id, token)


def is_old(session: Session, organisation_id: int, token: str) -> bool:
    """Return whether the token is the earlier one of the organisation and still accepted."""
    if not hmac.compare_digest(token.lower(), make_old_token(organisation_id)) or now() >= OLD_UNTIL:
        return False
    renewed = select(InboundAddress.account_id).where(InboundAddress.organisation_id == organisation_id)
    return session.scalar(renewed.limit(1)) is None


def make_old_token(organisation_id: int) -> str:
    """Return the token that all members of an organisation shared before December 2026."""
    return derive_token("signals mail", str(organisation_id), b"organisation")[:_LENGTH].lower()


def renew(session: Session, organisation_id: int, account: Account, *, at: datetime | None = None) -> None:
    """Give a member a new address, which replaces the current one. Raises NotFound if they are not a member."""
    organisations.get_for_member(session, organisation_id, account)
    _renew(session, organisation_id, [account.id], at or now())


def renew_all(session: Session, organisation_id: int, account: Account, *, at: datetime | None = None) -> None:
    """Give every member of an organisation a new address. Raises Forbidden if the account is not an owner."""
    organisations.get_for_owner(session, organisation_id, account)
    members = select(Membership.account_id).where(Membership.organisation_id == organisation_id)
    _renew(session, organisation_id, session.scalars(members).all(), at or now())


def _renew(session: Session, organisation_id: int, account_ids: Sequence[int], at: datetime) -> None:
    row = insert(InboundAddress)
    row = row.on_conflict_do_update(
        index_elements=["organisation_id", "account_id"], set_={"renewed_at": row.excluded.renewed_at}
    )
    session.execute(
        row, [{"organisation_id": organisation_id, "account_id": number, "renewed_at": at} for number in account_ids]
    )


def _make_token(session: Session, organisation_id: int, account_id: int) -> str:
    """Return the token of a member. Raises NoResultFound if the account is not a member."""
    since, renewed = session.execute(
        select(Membership.since, InboundAddress.renewed_at)
        .outerjoin(
            InboundAddress,
            (InboundAddress.organisation_id == Membership.organisation_id)
            & (InboundAddress.account_id == Membership.account_id),
        )
        .where(Membership.organisation_id == organisation_id, Membership.account_id == account_id)
    ).one()
    moments = [it.astimezone(UTC).isoformat() for it in (since, renewed) if it is not None]
    name = ":".join([str(organisation_id), str(account_id), *moments])
    return derive_token("signals mail", name, b"member")[:_LENGTH].lower()
