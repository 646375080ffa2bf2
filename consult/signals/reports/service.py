"""Reports: file once, find by recovery words, withdraw and erase."""

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
from consult.ledger.model import Kind
from consult.signals import assessment
from consult.signals.model import ReportChannel, ReportStanding, Signal, SignalLink, SignalReport
from consult.signals.on_call import service as on_call
from consult.signals.reports import delay
from consult.signals.reports import files as report_files
from consult.signals.reports.values import (
    NewReport,
    check_report,
    clear_words,
    erased_values,
    mark_content,
    to_content,
)
from consult.submissions import return_codes
from consult.submissions.values import reference

_CODE = "WS"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")
_NOBODY = hash_token("nobody")
MOST_ARRIVALS = 3


class SentBefore(Conflict):
    """The form was sent before with different content."""


@dataclass(frozen=True)
class FiledReport:
    """A filed report and its recovery words. `again` means that it existed already."""

    report: SignalReport
    words: str
    again: bool = False


@dataclass(frozen=True)
class OwnReport:
    """A report opened by recovery words, with its standing and signal."""

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
    wait: int = 0,
    arrival: int = 0,
    at: datetime | None = None,
) -> FiledReport:
    """File a report and its ledger entry in this transaction. The same key files it once.

    With `wait` only assessors see it at first, and it is recorded and counted within that many hours, as in `delay`.
    `arrival` counts the reports of its network today, or is 0 if the network is unknown.
    `words` are the recovery words if the form showed them already; otherwise they are derived here. Raises a Refusal
    with its field, and SentBefore if the key was used for another text.
    """
    if not _KEY.fullmatch(key):
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))
    moment = at or now()
    if (earlier := _find_by_key(session, key)) is not None:
        return _answer_again(earlier, given, words)
    said = check_report(given, at=moment)
    received = delay.round_down(moment) if wait else moment
    row, opened = _insert(session, said, key, channel, organisation_id, words, received, min(arrival, MOST_ARRIVALS))
    if row is None:  # Another connection used this key since the check above.
        earlier = _find_by_key(session, key)
        if earlier is None:
            raise Conflict(_("This form was already sent. Reload the page to write another report."))
        return _answer_again(earlier, given, words)
    due, held = assessment.assess_due(received), delay.draw_hour(at=moment, hours=wait) if wait else None
    link = SignalLink(report_id=row.id, due_at=due, at=received, standing=ReportStanding.WAITING, held_until=held)
    link.reason = ""
    session.add(link)
    session.flush()
    delay.record(session, link, Kind.SIGNAL_REPORTED, commitment=row.commitment, at=moment)
    on_call.mark_urgency(session, row, link, assessment.measure_urgency(session, row), at=moment)
    return FiledReport(row, opened)


def _insert(
    session: Session,
    said: NewReport,
    key: str,
    channel: ReportChannel,
    organisation_id: int | None,
    words: str,
    at: datetime,
    arrival: int,
) -> tuple[SignalReport | None, str]:
    """Insert a report and return it with its recovery words. It is None if the key exists already."""
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
            arrival=arrival,
        )
        .on_conflict_do_nothing()
        .returning(SignalReport)
    )
    return row, opened


def _find_by_key(session: Session, key: str) -> SignalReport | None:
    return session.scalar(select(SignalReport).where(SignalReport.idempotency_key == hash_token(key).hex()))


def is_filed(session: Session, key: str) -> bool:
    """Return whether a report was filed with this key."""
    return _find_by_key(session, key) is not None


def find_filed(session: Session, key: str, words: str) -> FiledReport | None:
    """Return the report filed with a form's key and words, or None if there is none or it was erased."""
    row = _find_by_key(session, key)
    return FiledReport(row, words, again=True) if row is not None and row.salt is not None else None


def _answer_again(row: SignalReport, given: NewReport, words: str) -> FiledReport:
    """Return the report filed earlier with this key and its words. Raises SentBefore if its content differs."""
    if row.salt is None:
        raise SentBefore(_("This report was erased. Reload the page to write another."))
    said = check_report(given, at=row.received_at)
    if not hmac.compare_digest(commitment(row.salt, to_content(said)), row.commitment):
        raise SentBefore(
            _("This form was already sent with different text. Press the button again to send another report.")
        )
    return FiledReport(row, words or return_codes.derive_code(row.reference, row.salt), again=True)


def find_own(session: Session, typed: str) -> OwnReport:
    """Return the report opened by recovery words. Raises NotFound, after the same lookup for all wrong words."""
    code = return_codes.parse_code(typed)
    wanted = hash_token(return_codes.code_token(code or typed[:400]))
    row = session.scalar(select(SignalReport).where(SignalReport.return_key == (wanted if code else _NOBODY)))
    if row is None:
        raise NotFound(_("We found nothing for these words. Check all seven words and their order."), field="words")
    link = session.get_one(SignalLink, row.id)
    signal = session.get(Signal, link.signal_id) if link.signal_id else None
    return OwnReport(row, link, signal)


def withdraw(session: Session, own: OwnReport, *, at: datetime | None = None) -> None:
    """Withdraw the report, so that it is not counted any more. Safe to repeat."""
    _end(session, own, ReportStanding.WITHDRAWN, Kind.SIGNAL_REPORT_WITHDRAWN, at or now())


def erase(session: Session, own: OwnReport, *, at: datetime | None = None) -> None:
    """Erase text, place, numbers, proof and files. The reference and date of receipt remain."""
    moment, row = at or now(), own.report
    _end(session, own, ReportStanding.ERASED, Kind.SIGNAL_REPORT_ERASED, moment)
    report_files.erase_all(session, row)
    for column, left in erased_values().items():
        setattr(row, column, left)
    row.happened_on = row.received_at.date()
    row.cleared_body, row.content_mark = "", b""
    # A held report still needs it for its ledger entry.
    row.commitment = b"" if own.link.held_until is None else row.commitment
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
    delay.record(session, link, kind, at=at)
    if was is not None:
        signal = session.get_one(Signal, was, with_for_update=True)
        signal.confidence = assessment.measure_confidence(assessment.list_reports(session, was))
