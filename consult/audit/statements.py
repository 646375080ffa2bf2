"""Statements against the ledger: progress reports, case studies, reviews, warnings, calls, words next to answers.

Statements made before commitments were introduced have entries without one, and are only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.audit.findings import Finding
from consult.audit.guard import check_each, list_next_ids
from consult.audit.promises import load_merges
from consult.calls import service as calls
from consult.calls.model import CommentCall
from consult.case_studies import commitments as studies
from consult.case_studies.model import Appraisal, CaseStudy, CaseStudyEdition
from consult.core.db import as_word
from consult.ledger.model import Kind, LedgerEntry
from consult.plans.model import ActionReport, PlanAction, ReportState
from consult.plans.reports import files as report_files
from consult.plans.reports import service as reports
from consult.responses import beside
from consult.responses.model import ResponseBeside
from consult.signals import warnings
from consult.signals.model import Signal, SignalWarning

STEP = 200
"""The number of actions, case studies, signals or arguments checked at a time."""


@dataclass(frozen=True)
class AuditedStatement:
    """A kind of statement. `subject` is what its entries are about; `of` is the statement's column that refers to it.

    `key` is the name of the statement's ID (`number`) in the details of its entries.
    """

    name: str
    subject: Any
    table: Any
    of: Any
    public: Any
    key: str
    number: Callable[[Any], int | str]
    kinds: Sequence[Kind]
    commitment_of: Callable[[Any], bytes]
    first_commitment_of: Callable[[Any], bytes] | None = None  # the commitment of older entries

    def fits(self, row: Any, commitment: bytes) -> bool:
        """Return True if the commitment matches the current statement."""
        ways = (self.commitment_of, self.first_commitment_of)
        return any(way is not None and way(row) == commitment for way in ways)


KINDS = (
    AuditedStatement(
        "action_reports",
        PlanAction.id,
        ActionReport,
        ActionReport.action_id,
        ActionReport.state != ReportState.WAITING,
        "report",
        lambda row: row.id,
        (Kind.ACTION_REPORTED, Kind.ACTION_DROPPED, Kind.ACTION_REPORT_WITHHELD, Kind.ACTION_REPORT_RESTORED),
        reports.compute_commitment,
    ),
    AuditedStatement(
        "case_study_editions",
        CaseStudy.id,
        CaseStudyEdition,
        CaseStudyEdition.case_study_id,
        True,
        "edition",
        lambda row: row.number,
        (Kind.CASE_STUDY_PUBLISHED, Kind.CASE_STUDY_AMENDED),
        studies.commit_edition,
    ),
    AuditedStatement(
        "appraisals",
        CaseStudy.id,
        Appraisal,
        Appraisal.case_study_id,
        True,
        "appraisal",
        lambda row: row.id,
        (Kind.CASE_STUDY_APPRAISED,),
        studies.commit_appraisal,
    ),
    AuditedStatement(
        "warnings",
        Signal.id,
        SignalWarning,
        SignalWarning.signal_id,
        SignalWarning.published_at.is_not(None),
        "edition",
        lambda row: row.edition,
        (Kind.SIGNAL_WARNED, Kind.SIGNAL_CORRECTED, Kind.SIGNAL_RETRACTED),
        warnings.compute_commitment,
    ),
    AuditedStatement(
        "answers_beside",
        Argument.id,
        ResponseBeside,
        ResponseBeside.argument_id,
        True,
        "body",
        lambda row: row.body_id,
        (Kind.ANSWER_BESIDE,),
        beside.compute_commitment,
        beside.compute_first_commitment,
    ),
    AuditedStatement(
        "calls",
        CommentCall.id,
        CommentCall,
        CommentCall.id,
        CommentCall.opened_at.is_not(None),
        "call",
        lambda row: row.slug,
        (Kind.CALL_OPENED, Kind.CALL_CHANGED, Kind.CALL_CLOSED),
        calls.compute_commitment,
    ),
)
_ABOUT = {
    "action_reports": "Report {number} on action {subject}",
    "case_study_editions": "Edition {number} of CASE-{subject}",
    "appraisals": "Appraisal {number} of CASE-{subject}",
    "warnings": "Edition {number} of the warning on signal {subject}",
    "calls": "The call “{number}”",
    "answers_beside": "What body {number} says beside the answer to argument {subject}",
}


def check_next(session: Session, kind: AuditedStatement, *, after: int) -> tuple[list[Finding], int | None]:
    """Return the findings of the next statements of a kind and the last ID checked, or None at the end."""
    ids = list_next_ids(session, kind.subject, kind.kinds, after=after, most=STEP)
    found = check_each(session, ids, partial(_check_twice, kind), about=f"{kind.subject.class_.__name__} {{}}")
    return found, ids[-1] if len(ids) == STEP else None


def _check_twice(kind: AuditedStatement, session: Session, ids: Sequence[int]) -> Sequence[Finding]:
    """Check suspicious subjects a second time, since a statement may have been made between the queries."""
    doubtful = {found.place for found in _check(session, kind, ids)}
    return list(_check(session, kind, sorted(doubtful))) if doubtful else []


def _check(session: Session, kind: AuditedStatement, subjects: Sequence[int]) -> Iterator[Finding]:
    rows: dict[int, dict[int | str, Any]] = {}
    columns = [as_word(getattr(kind.table, it.key)) for it in inspect(kind.table).column_attrs]
    for row in session.execute(select(*columns).where(kind.of.in_(subjects), kind.public)):
        rows.setdefault(getattr(row, kind.of.key), {})[kind.number(row)] = row
    entries: dict[int, list[LedgerEntry]] = {}
    written = select(LedgerEntry).where(LedgerEntry.subject_id.in_(subjects), LedgerEntry.kind.in_(kind.kinds))
    for entry in session.scalars(written.order_by(LedgerEntry.id)):
        entries.setdefault(entry.subject_id, []).append(entry)
    merged = load_merges(session) if kind.key == "body" else {}
    if kind.table is ActionReport:
        for report in report_files.find_altered(session, [row for those in rows.values() for row in those.values()]):
            yield Finding("report_files", f"Report {report.id} on action {report.action_id}", report.action_id)
    for subject in sorted({*rows, *entries}):
        yield from _compare(kind, subject, rows.get(subject, {}), entries.get(subject, ()), merged)
        if kind.table is CaseStudyEdition and (last := rows.get(subject)):
            study = session.get_one(CaseStudy, subject, populate_existing=True)
            if not studies.is_shown_as_published(session, study, last[max(last)]):
                yield Finding("study_shown", study.reference, subject)


def _compare(
    kind: AuditedStatement,
    subject: int,
    rows: dict[int | str, Any],
    entries: Sequence[LedgerEntry],
    merged: Mapping[int, int],
) -> Iterator[Finding]:
    """Yield findings: statements without a row, and those whose last entry does not commit to their contents."""
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
