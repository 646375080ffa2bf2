"""The stored records of bodies computed again from their answers, and corrected."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.responses.model import Response
from consult.responses.records import service as records
from consult.responses.records.model import BodyRecord

_SLACK = timedelta(seconds=30)
"""The tolerance: an answer given shortly before a count may have been stored after it."""


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Recompute and store the records of all bodies in one step. Return a finding for each that differed."""
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
    """Return the numbers that only an answer changes. The others depend on the date and on what is due."""
    return {"body": row.body_id, "kept": row.kept, "late": row.late, "changed": row.changed}


def _to_finding(old: dict[str, int], new: dict[str, int]) -> Finding:
    said, counted = (", ".join(f"{it[name]} {name}" for name in ("kept", "late", "changed")) for it in (old, new))
    return Finding("record", f"Record of body {old['body']}", old["body"], {"said": said, "counted": counted})
