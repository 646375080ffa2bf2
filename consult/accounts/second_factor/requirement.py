"""Who must have a second step, and by when: moderators, policymakers and administrators, after 14 days.

The days run from the first page on which somebody was asked. In a demo nobody must. Source: docs/decisions/0060.
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
"""How many days an account has to set up a second step once it is asked for one."""


def is_on() -> bool:
    """Whether this site requires it of anybody."""
    return settings().require_second_factor and not settings().demo


def is_required(account: Account) -> bool:
    """Whether the account must have one, some day."""
    return is_on() and account.role is not Role.CONTRIBUTOR


def days_left(account: Account, *, second: SecondStep | None = None, at: datetime | None = None) -> int | None:
    """Days until the pages of its role ask for it: 0 when they do. None: it need not, or it has one.

    `second` is how the present session was confirmed: by a provider that asks for one itself is enough.
    """
    if not is_required(account) or account.factor_since is not None or second is SecondStep.ELSEWHERE:
        return None
    if account.factor_asked_at is None:
        return DAYS
    until = account.factor_asked_at + timedelta(days=DAYS)
    return max(0, -(-(until - (at or now())) // timedelta(days=1)))


def note_asked(session: Session, account: Account, *, at: datetime | None = None) -> None:
    """Begins the days of somebody who must have one and was never asked."""
    if is_required(account) and account.factor_since is None and account.factor_asked_at is None:
        asked = update(Account).where(Account.id == account.id, Account.factor_asked_at.is_(None))
        session.execute(asked.values(factor_asked_at=at or now()))
