"""Transfer of answers and obligations when a body is merged into another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.responses.model import Obligation, Response, ResponseBeside
from consult.responses.records.model import BodyRecord


def move(session: Session, body_id: int, into_id: int) -> None:
    """Transfer answers and obligations to the other body. Raises a Refusal if both added a view to one answer."""
    beside = select(ResponseBeside.argument_id).where(ResponseBeside.body_id.in_((body_id, into_id)))
    twice = beside.group_by(ResponseBeside.argument_id).having(func.count() > 1)
    if session.scalar(twice.limit(1)) is not None:
        raise Refusal(
            _("Both bodies have added a text to the same answer, and we cannot drop either text."), field="into"
        )
    tables: tuple[Any, ...] = (Response, Obligation, ResponseBeside)
    for table in tables:
        session.execute(update(table).where(table.body_id == body_id).values(body_id=into_id))
    # The record is counted again.
    session.execute(delete(BodyRecord).where(BodyRecord.body_id.in_((body_id, into_id))))
