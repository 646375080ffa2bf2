"""Reports by readers on public content: a moderator decides, and the reader is informed.

A report hides nothing, and the number of reports has no effect. See docs/decisions/0018 and 0097.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import hash_token, seal, unseal
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.decisions import letters
from consult.decisions.letters import AnsweredReport
from consult.decisions.model import (
    HELD_OUTCOMES,
    DecisionColumns,
    Outcome,
    ReaderReportColumns,
    ReportKind,
    ReportOutcome,
)
from consult.decisions.process import (
    PROCESSES,
    DecisionProcess,
    OwnPublication,
    ProcessStep,
    RecordedStep,
    find_last,
    get_people,
    lock_item,
)
from consult.mail import service as mail


def fill_report(
    report: ReaderReportColumns,
    *,
    kind: ReportKind,
    key: str,
    words: str,
    email: str | None,
    language: str,
    at: datetime,
) -> None:
    """Fill a new row with a reader's report. Words and address are encrypted. Raises AddressRefused."""
    if email:
        mail.check_address(email)
    salt = secrets.token_bytes(32)
    report.kind, report.key, report.salt = ReportKind(kind), hash_token(key), salt
    report.words = seal(words, salt=salt) if words else None
    report.contact = seal(email, salt=salt) if email else None
    report.language, report.received_at = language, at
    report.outcome, report.answered_at, report.answer = None, None, ""


def unseal_words(report: ReaderReportColumns) -> str:
    return unseal(report.words, salt=report.salt) if report.words and report.salt else ""


def answer_all(
    session: Session,
    rows: Sequence[ReaderReportColumns],
    answered: AnsweredReport,
    *,
    by: Account | None,
    at: datetime,
) -> None:
    """Answer reports, e-mail readers who left an address, and erase the encrypted data."""
    for report in rows:
        report.outcome, report.answered_at, report.answer = answered.outcome, at, answered.words
        report.moderator_id = by.id if by else None
        letters.post_report_answered(session, report, answered)
        report.salt = report.words = report.contact = None
    session.flush()


def get_public(session: Session, process: DecisionProcess, item_id: int) -> Any:
    """Return a public statement. Raises the same NotFound if it is not public and if it does not exist."""
    item = session.get(process.item, item_id)
    if item is None or not process.is_public(item):
        raise NotFound(_("We cannot find anything published here."))
    return item


def file(
    session: Session,
    process: DecisionProcess,
    *,
    item_id: int,
    kind: ReportKind,
    key: str,
    words: str = "",
    email: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    at: datetime | None = None,
) -> Any:
    """File a report on a public statement. The same `key` is the same report. Raises NotFound and AddressRefused."""
    get_public(session, process, item_id)
    item, table, moment = lock_item(session, process, item_id), process.report, at or now()
    if not process.is_public(item):
        raise NotFound(_("We cannot find anything published here."))
    if (earlier := session.scalar(select(table).where(table.key == hash_token(key)))) is not None:
        return earlier
    is_first, report = not list_waiting(session, process, item_id), table(item_id=item_id)
    fill_report(report, kind=kind, key=key, words=words, email=email, language=language, at=moment)
    session.add(report)
    session.flush()
    if is_first:
        process.record(session, item, RecordedStep(ProcessStep.REPORTED, None, moment, str(report.kind)))
    return report


def list_waiting(session: Session, process: DecisionProcess, item_id: int) -> Sequence[Any]:
    """Return the open reports on a statement, oldest first."""
    table = process.report
    waiting = select(table).where(table.item_id == item_id, table.outcome.is_(None))
    return session.scalars(waiting.order_by(table.id)).all()


def load_waiting(session: Session, process: DecisionProcess) -> Mapping[Any, Sequence[Any]]:
    """Return statements with their open reports, first reported one first. Uses one query."""
    table, item = process.report, process.item
    rows = session.execute(
        select(item, table)
        .join(table, table.item_id == item.id)
        .where(table.outcome.is_(None))
        .order_by(table.received_at, table.id)
        .limit(500)
    )
    waiting: dict[Any, list[Any]] = defaultdict(list)
    for it, report in rows:
        waiting[it].append(report)
    return waiting


def count_waiting(session: Session, *processes: DecisionProcess) -> int:
    """Return the number of open appeals and of statements with open reports. Uses one query."""
    parts = [
        part.scalar_subquery()
        for process in processes
        for part in (
            select(func.count()).where(process.appeal.outcome.is_(None)),
            select(func.count(process.report.item_id.distinct())).where(process.report.outcome.is_(None)),
        )
    ]
    return session.scalar(select(sum(parts[1:], parts[0]))) or 0


def check_kept(session: Session, process: DecisionProcess, item: Any, by: Account) -> None:
    """Raise Conflict or OwnPublication if this person cannot decide now to keep the statement."""
    if not process.is_public(item) or not list_waiting(session, process, item.id):
        raise Conflict(_("All reports about this have been answered."))
    published = find_last(session, process, item.id, (Outcome.PUBLISH, Outcome.ACCEPT_APPEAL))
    if by.id in get_people(published):
        raise OwnPublication(_("You published this content. Only another moderator can decide to keep it public."))


def close(session: Session, process: DecisionProcess, item: Any, decision: DecisionColumns, by: Account) -> None:
    """Answer the reports by a decision. If the statement stays, reports received after the decision remain open."""
    kept, rows = decision.outcome == Outcome.KEEP, list_waiting(session, process, item.id)
    if kept:
        rows = [row for row in rows if row.received_at <= decision.at]
    outcome = ReportOutcome.KEPT if kept else ReportOutcome.WITHHELD
    _close(session, process, item, rows, outcome, by, decision.note if kept else "", decision.ended_at or now())


def close_unpublished(session: Session, process: DecisionProcess, *, at: datetime | None = None) -> int:
    """Answer the reports on statements that their authors withdrew. Return the number of statements."""
    table, item = process.report, process.item
    reported = exists().where(table.item_id == item.id, table.outcome.is_(None))
    gone = [row for row in session.scalars(select(item).where(reported)) if not process.is_public(row)]
    for row in gone:
        held = find_last(session, process, row.id, HELD_OUTCOMES)
        withheld = held is not None and process.is_held(row, held)
        outcome = ReportOutcome.WITHHELD if withheld else ReportOutcome.LAPSED
        _close(session, process, row, list_waiting(session, process, row.id), outcome, None, "", at or now())
    return len(gone)


def close_all_unpublished(session: Session) -> None:
    for process in PROCESSES.values():
        close_unpublished(session, process)


def _close(
    session: Session,
    process: DecisionProcess,
    item: Any,
    rows: Sequence[Any],
    outcome: ReportOutcome,
    by: Account | None,
    words: str,
    at: datetime,
) -> None:
    if not rows:
        return
    facts = process.describe(session, item)
    answer_all(
        session, rows, AnsweredReport(outcome, words, facts.reference, facts.endpoint, facts.values), by=by, at=at
    )
    detail = {"outcome": str(outcome), "reports": len(rows)}
    step = RecordedStep(ProcessStep.REPORTS_CLOSED, by, at, str(rows[0].kind), detail)
    process.record(session, item, step)
