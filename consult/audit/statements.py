"""Against the ledger: reports on actions, editions and appraisals of case studies, warnings, words beside an answer.

What was said before it was committed to has an entry without a commitment, and is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.audit.findings import Finding
from consult.audit.promises import load_merges
from consult.case_studies import commitments as studies
from consult.case_studies.model import Appraisal, CaseStudy, CaseStudyEdition
from consult.ledger.model import Kind, LedgerEntry
from consult.plans.model import ActionReport, PlanAction, ReportState
from consult.plans.reports import files as report_files
from consult.plans.reports import service as reports
from consult.responses import beside
from consult.responses.model import ResponseBeside
from consult.signals import warnings
from consult.signals.model import Signal, SignalWarning

STEP = 200
"""How many actions, case studies, signals or arguments are looked at at once."""


@dataclass(frozen=True)
class AuditedStatement:
    """One kind of statement. `subject`: what its entries are about; `of`: the column of a statement that says so.

    `key` is the name of the statement's number (`number`) in the details of its entries.
    """

    name: str
    subject: Any
    table: Any
    of: Any
    public: Any
    key: str
    number: Callable[[Any], int]
    kinds: Sequence[Kind]
    commitment_of: Callable[[Any], bytes]
    first_commitment_of: Callable[[Any], bytes] | None = None  # how older entries were made

    def fits(self, row: Any, commitment: bytes) -> bool:
        """Whether a commitment is to what the statement is now."""
        ways = (self.commitment_of, self.first_commitment_of)
        return any(way is not None and way(row) == commitment for way in ways)


KINDS = (
    AuditedStatement(
        "action_reports", PlanAction.id, ActionReport, ActionReport.action_id,
        ActionReport.state != ReportState.WAITING, "report", lambda row: row.id,
        (Kind.ACTION_REPORTED, Kind.ACTION_DROPPED), reports.compute_commitment,
    ),
    AuditedStatement(
        "case_study_editions", CaseStudy.id, CaseStudyEdition, CaseStudyEdition.case_study_id, True, "edition",
        lambda row: row.number, (Kind.CASE_STUDY_PUBLISHED, Kind.CASE_STUDY_AMENDED), studies.commit_edition,
    ),
    AuditedStatement(
        "appraisals", CaseStudy.id, Appraisal, Appraisal.case_study_id, True, "appraisal", lambda row: row.id,
        (Kind.CASE_STUDY_APPRAISED,), studies.commit_appraisal,
    ),
    AuditedStatement(
        "warnings", Signal.id, SignalWarning, SignalWarning.signal_id, SignalWarning.published_at.is_not(None),
        "edition", lambda row: row.edition,
        (Kind.SIGNAL_WARNED, Kind.SIGNAL_CORRECTED, Kind.SIGNAL_RETRACTED), warnings.compute_commitment,
    ),
    AuditedStatement(
        "answers_beside", Argument.id, ResponseBeside, ResponseBeside.argument_id, True, "body",
        lambda row: row.body_id, (Kind.ANSWER_BESIDE,), beside.compute_commitment, beside.compute_first_commitment,
    ),
)  # fmt: skip
_ABOUT = {
    "action_reports": "Report {number} on action {subject}",
    "case_study_editions": "Edition {number} of CASE-{subject}",
    "appraisals": "Appraisal {number} of CASE-{subject}",
    "warnings": "Edition {number} of the warning on signal {subject}",
    "answers_beside": "What body {number} says beside the answer to argument {subject}",
}


def check_next(session: Session, kind: AuditedStatement, *, after: int) -> tuple[list[Finding], int | None]:
    """Findings of the next statements of a kind, and how far it came; None when there are no more."""
    query = select(kind.subject).where(kind.subject > after).order_by(kind.subject).limit(STEP)
    ids = session.scalars(query).all()
    doubtful = {found.place for found in _check(session, kind, ids)}
    found = list(_check(session, kind, sorted(doubtful))) if doubtful else []  # one may have been said in between
    return found, ids[-1] if len(ids) == STEP else None


def _check(session: Session, kind: AuditedStatement, subjects: Sequence[int]) -> Iterator[Finding]:
    rows: dict[int, dict[int, Any]] = {}
    said = select(kind.table).where(kind.of.in_(subjects), kind.public)
    for row in session.scalars(said.execution_options(populate_existing=True)):
        rows.setdefault(getattr(row, kind.of.key), {})[kind.number(row)] = row
    entries: dict[int, list[LedgerEntry]] = {}
    written = select(LedgerEntry).where(LedgerEntry.subject_id.in_(subjects), LedgerEntry.kind.in_(kind.kinds))
    for entry in session.scalars(written.order_by(LedgerEntry.id)):
        entries.setdefault(entry.subject_id, []).append(entry)
    merged = load_merges(session) if kind.key == "body" else {}
    if kind.table is ActionReport:
        for row in report_files.find_altered(session, [row for those in rows.values() for row in those.values()]):
            yield Finding("report_files", f"Report {row.id} on action {row.action_id}", row.action_id)
    for subject in sorted({*rows, *entries}):
        yield from _compare(kind, subject, rows.get(subject, {}), entries.get(subject, ()), merged)
        if kind.table is CaseStudyEdition and (last := rows.get(subject)):
            study = session.get_one(CaseStudy, subject, populate_existing=True)
            if not studies.is_shown_as_published(session, study, last[max(last)]):
                yield Finding("study_shown", study.reference, subject)


def _compare(
    kind: AuditedStatement,
    subject: int,
    rows: dict[int, Any],
    entries: Sequence[LedgerEntry],
    merged: Mapping[int, int],
) -> Iterator[Finding]:
    """The last entry of a statement commits to what it is now."""
    sealed = {
        merged.get(entry.detail[kind.key], entry.detail[kind.key]): entry
        for entry in entries
        if entry.commitment and kind.key in entry.detail
    }
    about = {number: _ABOUT[kind.name].format(number=number, subject=subject) for number in {*rows, *sealed}}
    for number, entry in sealed.items():
        if number not in rows:
            yield Finding("statement_no_row", about[number], subject, {"entry": entry.number})
        elif not kind.fits(rows[number], entry.commitment or b""):
            yield Finding("statement", about[number], subject, {"entry": entry.number})
    bare = sum(entry.commitment is None and entry.kind != Kind.ACTION_DROPPED for entry in entries)
    for number in sorted(rows.keys() - sealed.keys())[bare:]:
        yield Finding("statement_no_entry", about[number], subject)
