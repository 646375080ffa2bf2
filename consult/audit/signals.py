"""Early-warning reports against the ledger: contents, existence and state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import check_each, list_next_ids
from consult.core.clock import now
from consult.core.crypto import commitment
from consult.ledger.model import Kind, LedgerEntry
from consult.signals.model import ReportStanding, SignalLink, SignalReport
from consult.signals.reports.values import from_row, to_content

STEP = 500
_RELEASE_LATE = timedelta(hours=2)
"""A held report without an entry this long after its release was due is a finding."""


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Return the findings of the next reports and the last ID checked, or None at the end."""
    ids = list_next_ids(session, SignalReport.id, [Kind.SIGNAL_REPORTED], after=after, most=STEP)
    return check_each(session, ids, _check, about="report {}"), ids[-1] if len(ids) == STEP else None


def _check(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    wanted = select(LedgerEntry.subject_id, LedgerEntry.id, LedgerEntry.commitment)
    about = wanted.where(LedgerEntry.kind == Kind.SIGNAL_REPORTED, LedgerEntry.subject_id.in_(ids))
    entries = {row.subject_id: row for row in session.execute(about.order_by(LedgerEntry.subject_id))}
    rows = select(SignalReport, SignalLink).outerjoin(SignalLink, SignalLink.report_id == SignalReport.id)
    found = {report.id: (report, link) for report, link in session.execute(rows.where(SignalReport.id.in_(ids)))}
    yield from _compare(entries, found)


def _compare(entries: dict[int, Any], found: Mapping[int, tuple[SignalReport, SignalLink | None]]) -> Iterator[Finding]:
    for number, entry in entries.items():
        if number not in found:
            yield Finding("signal_no_row", f"report {number}", number, {"entry": entry.id})
    for number, (report, link) in found.items():
        if number not in entries:
            if link is not None and link.held_until is not None and link.held_until > now() - _RELEASE_LATE:
                continue  # entered later, see docs/decisions/0082
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
