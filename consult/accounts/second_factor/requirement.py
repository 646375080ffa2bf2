"""Two-step verification is required of moderators, policymakers and administrators after 14 days.

The period starts with the first page that asks for it. It is not required in a demo. Source: docs/decisions/0060.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.sessions.model import SecondStep
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.requests import settings

DAYS = 14
"""The days an account has to set up two-step verification after it is first asked to."""


def is_on() -> bool:
    """Return True if this site requires two-step verification of any role."""
    return settings().require_second_factor and not settings().demo


def is_required(account: Account) -> bool:
    """Return True if the account's role requires two-step verification, now or after the grace period."""
    return is_on() and account.role is not Role.CONTRIBUTOR


def days_left(account: Account, *, second: SecondStep | None = None, at: datetime | None = None) -> int | None:
    """Return the days of grace left: 0 if overdue, None if not required or already set up.

    `second` is the second step of the current session. A provider that asks for a second factor is sufficient.
    """
    if not is_required(account) or account.factor_since is not None or second is SecondStep.ELSEWHERE:
        return None
    if account.factor_asked_at is None:
        return DAYS
    until = account.factor_asked_at + timedelta(days=DAYS)
    return max(0, -(-(until - (at or now())) // timedelta(days=1)))


def note_asked(session: Session, account: Account, *, at: datetime | None = None) -> None:
    """Start the grace period of an account that needs two-step verification and was never asked."""
    if is_required(account) and account.factor_since is None and account.factor_asked_at is None:
        asked = update(Account).where(Account.id == account.id, Account.factor_asked_at.is_(None))
        session.execute(asked.values(factor_asked_at=at or now()))
