"""Public ledger entries about actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.crypto import pseudonym
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans.model import PlanAction


def record(
    session: Session,
    kind: Kind,
    action: PlanAction,
    *,
    by: Account | None,
    detail: dict[str, Any],
    commitment: bytes | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write a public ledger entry about an action."""
    more = {"plan": action.plan_id} if action.plan_id else {}
    if action.body_id:
        more["body"] = action.body_id
    ledger.record(
        session,
        kind,
        subject_id=action.id,
        consultation_id=action.consultation_id,
        actor=pseudonym("account", by.id) if by else None,
        detail={**detail, **more},
        commitment=commitment,
        reason=reason,
        at=at,
    )
