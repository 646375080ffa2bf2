"""The kept records of bodies counted again from their answers, and put right."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.responses.model import Response
from consult.responses.records import service as records
from consult.responses.records.model import BodyRecord

_SLACK = timedelta(seconds=30)
"""An answer that was given so shortly before a count may not have been stored yet when it was made."""


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Findings of all records at once: one step is a round. Every record is counted and kept anew."""
    if after:
        return [], None
    newer = select(Response.id).where(
        Response.body_id == BodyRecord.body_id, Response.said_at >= BodyRecord.counted_at - _SLACK
    )
    kept = [_to_counts(row) for row in session.scalars(select(BodyRecord).where(~newer.exists()))]
    records.recount(session)
    rows = session.scalars(select(BodyRecord).execution_options(populate_existing=True))
    found = {row.body_id: _to_counts(row) for row in rows}
    wrong = [(old, found[old["body"]]) for old in kept if old["body"] in found and found[old["body"]] != old]
    return [_to_finding(old, new) for old, new in wrong], None


def _to_counts(row: BodyRecord) -> dict[str, int]:
    """What only an answer changes: the rest moves with the day and with what is asked."""
    return {"body": row.body_id, "kept": row.kept, "late": row.late, "changed": row.changed}


def _to_finding(old: dict[str, int], new: dict[str, int]) -> Finding:
    said, counted = (", ".join(f"{it[name]} {name}" for name in ("kept", "late", "changed")) for it in (old, new))
    return Finding("record", f"Record of body {old['body']}", old["body"], {"said": said, "counted": counted})
