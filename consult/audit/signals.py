"""Reports of early warning against the ledger: what each says, that each is there and stands somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.core.crypto import commitment
from consult.ledger.model import Kind, LedgerEntry
from consult.signals.model import ReportStanding, SignalLink, SignalReport
from consult.signals.reports.values import from_row, to_content

STEP = 500


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Findings of the next reports, and how far it came; None when there are no more."""
    entries = session.execute(
        select(LedgerEntry.subject_id, LedgerEntry.id, LedgerEntry.commitment)
        .where(LedgerEntry.kind == Kind.SIGNAL_REPORTED, LedgerEntry.subject_id > after)
        .order_by(LedgerEntry.subject_id)
        .limit(STEP)
    ).all()
    reached = entries[-1].subject_id if len(entries) == STEP else None
    rows = select(SignalReport, SignalLink).outerjoin(SignalLink, SignalLink.report_id == SignalReport.id)
    here = rows.where(SignalReport.id > after)
    if reached is not None:
        here = here.where(SignalReport.id <= reached)
    found = {report.id: (report, link) for report, link in session.execute(here)}
    return list(_compare({row.subject_id: row for row in entries}, found)), reached


def _compare(entries: dict[int, Any], found: Mapping[int, tuple[SignalReport, SignalLink | None]]) -> Iterator[Finding]:
    for number, entry in entries.items():
        if number not in found:
            yield Finding("signal_no_row", f"report {number}", number, {"entry": entry.id})
    for number, (report, link) in found.items():
        if number not in entries:
            yield Finding("signal_no_entry", report.reference, number)
            continue
        if link is None:
            yield Finding("signal_books", report.reference, number)
        elif (link.standing is ReportStanding.ERASED) != (report.erased_at is not None):
            yield Finding("signal_not_erased", report.reference, number)
        if report.erased_at is None and not _holds(report, bytes(entries[number].commitment or b"")):
            yield Finding("signal_contents", report.reference, number, {"entry": entries[number].id})


def _holds(report: SignalReport, promised: bytes) -> bool:
    return report.salt is not None and commitment(bytes(report.salt), to_content(from_row(report))) == promised
