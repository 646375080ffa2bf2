"""Files a report once, finds it again by its return words, withdraws and erases it."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import SALT_BYTES, commitment, hash_token
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals import assessment
from consult.signals.model import ReportChannel, ReportStanding, Signal, SignalLink, SignalReport
from consult.signals.reports import files as report_files
from consult.signals.reports.values import (
    NewReport,
    check_report,
    clear_words,
    erased_values,
    mark_content,
    to_content,
)
from consult.signals.watchers import on_call
from consult.submissions.private import return_codes
from consult.submissions.values import reference

_CODE = "WS"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")
_NOBODY = hash_token("nobody")


class SentBefore(Conflict):
    """The form was sent before, and says something else now."""


@dataclass(frozen=True)
class FiledReport:
    """A report that is in the books, and the seven words that open it. `again`: it was there already."""

    report: SignalReport
    words: str
    again: bool = False


@dataclass(frozen=True)
class OwnReport:
    """What seven words open: the report, and where it stands."""

    report: SignalReport
    link: SignalLink
    signal: Signal | None


def file(
    session: Session,
    given: NewReport,
    *,
    key: str,
    channel: ReportChannel,
    organisation_id: int | None = None,
    words: str = "",
    at: datetime | None = None,
) -> FiledReport:
    """The report in the books and in the ledger, in this transaction. The same key files it once.

    `words` are the seven return words where the form has shown them already; else they are made here.
    Raises a Refusal for what must be mended, and SentBefore where the key was used for another text.
    """
    if not _KEY.fullmatch(key):
        raise Refusal(_("The form could not be read. Go back, reload the page and try again."))
    moment = at or now()
    if (earlier := _find_by_key(session, key)) is not None:
        return _answer_again(earlier, given, words)
    said = check_report(given, at=moment)
    row, opened = _insert(session, said, key, channel, organisation_id, words, moment)
    if row is None:  # another connection filed with this key between our look and our insert
        earlier = _find_by_key(session, key)
        if earlier is None:
            raise Conflict(_("This form was sent before. Reload the page to write another report."))
        return _answer_again(earlier, given, words)
    due = assessment.assess_due(moment)
    session.add(SignalLink(report_id=row.id, due_at=due, at=moment, standing=ReportStanding.WAITING, reason=""))
    session.flush()
    ledger.record(session, Kind.SIGNAL_REPORTED, subject_id=row.id, commitment=row.commitment, at=moment)
    if assessment.is_emergency(row):
        on_call.remind_of_report(session, row, at=moment)
    return FiledReport(row, opened)


def _insert(
    session: Session,
    said: NewReport,
    key: str,
    channel: ReportChannel,
    organisation_id: int | None,
    words: str,
    at: datetime,
) -> tuple[SignalReport | None, str]:
    """The row, none where there is one with this key; and its return words."""
    salt, name = secrets.token_bytes(SALT_BYTES), reference(_CODE)
    opened = words or return_codes.derive_code(name, salt)
    row: SignalReport | None = session.scalar(
        insert(SignalReport)
        .values(
            **vars(said),
            reference=name,
            received_at=at,
            channel=channel,
            organisation_id=organisation_id,
            cleared_body=clear_words(said.body, said.country),
            idempotency_key=hash_token(key).hex(),
            content_mark=mark_content(said),
            return_key=hash_token(return_codes.code_token(opened)),
            salt=salt,
            commitment=commitment(salt, to_content(said)),
        )
        .on_conflict_do_nothing()
        .returning(SignalReport)
    )
    return row, opened


def _find_by_key(session: Session, key: str) -> SignalReport | None:
    return session.scalar(select(SignalReport).where(SignalReport.idempotency_key == hash_token(key).hex()))


def find_filed(session: Session, key: str, words: str) -> FiledReport | None:
    """What was filed with the key of a form that has these words; None if nothing was, or it was erased."""
    row = _find_by_key(session, key)
    return FiledReport(row, words, again=True) if row is not None and row.salt is not None else None


def _answer_again(row: SignalReport, given: NewReport, words: str) -> FiledReport:
    """What was filed with the key; the same words each time. Raises SentBefore where it said something else."""
    if row.salt is None:
        raise SentBefore(_("This report was erased. Reload the page to write another."))
    said = check_report(given, at=row.received_at)
    if not hmac.compare_digest(commitment(row.salt, to_content(said)), row.commitment):
        raise SentBefore(
            _("This form was sent before, with other words. Press the button once more to send it as a further report.")
        )
    return FiledReport(row, words or return_codes.derive_code(row.reference, row.salt), again=True)


def find_own(session: Session, typed: str) -> OwnReport:
    """The report that seven words open. Raises NotFound, after the same look-up for all wrong words."""
    code = return_codes.parse_code(typed)
    wanted = hash_token(return_codes.code_token(code or typed[:400]))
    row = session.scalar(select(SignalReport).where(SignalReport.return_key == (wanted if code else _NOBODY)))
    if row is None:
        raise NotFound(_("We found nothing for these words. Check each of the seven, and their order."), field="words")
    link = session.get_one(SignalLink, row.id)
    signal = session.get(Signal, link.signal_id) if link.signal_id else None
    return OwnReport(row, link, signal)


def withdraw(session: Session, own: OwnReport, *, at: datetime | None = None) -> None:
    """The report counts no more. Safe to repeat."""
    _end(session, own, ReportStanding.WITHDRAWN, Kind.SIGNAL_REPORT_WITHDRAWN, at or now())


def erase(session: Session, own: OwnReport, *, at: datetime | None = None) -> None:
    """Destroys words, place, numbers, what proves them, and files. The reference and the day it came in stay."""
    moment, row = at or now(), own.report
    _end(session, own, ReportStanding.ERASED, Kind.SIGNAL_REPORT_ERASED, moment)
    report_files.erase_all(session, row)
    for column, left in erased_values().items():
        setattr(row, column, left)
    row.happened_on = row.received_at.date()
    row.cleared_body, row.content_mark, row.commitment = "", b"", b""
    row.idempotency_key = row.return_key = row.salt = row.organisation_id = row.substance_id = None
    row.erased_at = moment
    session.flush()


def _end(session: Session, own: OwnReport, standing: ReportStanding, kind: Kind, at: datetime) -> None:
    link = session.get_one(SignalLink, own.report.id, with_for_update=True, populate_existing=True)
    if link.standing in (standing, ReportStanding.ERASED):
        return
    was = link.signal_id
    link.standing, link.signal_id, link.at = standing, None, at
    session.flush()
    ledger.record(session, kind, subject_id=own.report.id, at=at)
    if was is not None:
        signal = session.get_one(Signal, was, with_for_update=True)
        signal.confidence = assessment.measure_confidence(assessment.list_reports(session, was))
