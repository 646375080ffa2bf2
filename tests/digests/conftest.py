"""A policymaker who subscribes, and a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Digest, Subscription
from tests import factories
from tests.filing import numbered


@pytest.fixture
def subscribe(session: Session) -> Callable[..., Subscription]:
    """`subscribe(consultation, "daily")`: a policymaker who did so a day ago."""

    def begin(row: Consultation, cadence: str = "weekly", language: str = "en", **values: Any) -> Subscription:
        account = values.pop("account", None) or factories.account(session, Role.POLICYMAKER)
        at = values.pop("at", now() - timedelta(days=1))
        kept = delivery.subscribe(
            session, account=account, consultation=row, cadence=Cadence(cadence), language=language, at=at
        )
        session.commit()
        return kept

    return begin


@pytest.fixture
def compile(session: Session) -> Callable[..., Digest]:
    """`compile(consultation)`: a digest of everything that has happened since the last one."""

    def run(row: Consultation, cadence: str = "weekly", slot_at: datetime | None = None) -> Digest:
        numbered(session)
        made = service.compile_digest(
            session, consultation_id=row.id, cadence=Cadence(cadence), slot_at=slot_at or now()
        )
        session.commit()
        assert made is not None
        return made

    return run
