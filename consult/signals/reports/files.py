"""Files of a report: added after filing, visible to the reporter and assessors, erased with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import keyed_hash
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.files import attachments
from consult.files import service as stored_files
from consult.files.model import StoredFile
from consult.files.service import FileRefused
from consult.files.store import StoreAway
from consult.signals.model import (
    MAX_REPORT_FILES,
    MAX_TAKEN_AWAY_REASON,
    ReportStanding,
    SignalLink,
    SignalReport,
    SignalReportFile,
)

TAKES_FILES = (ReportStanding.WAITING, ReportStanding.LINKED)
"""Standings in which files can be added, because somebody will still look at them."""
SHOWS_FILES = (*TAKES_FILES, ReportStanding.NOT_SIGNAL)
"""Standings in which assessors see files. After a withdrawal only the reporter sees them."""


@dataclass(frozen=True)
class UploadedFile:
    """An uploaded file. Its name is only shown to its sender, and not stored."""

    name: str
    data: bytes


@dataclass(frozen=True)
class FileNotTaken:
    """The name of a file that was not accepted, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class ReportFile:
    """A file of a report at its position. Without `file` it was erased by an assessor, for `reason`."""

    position: int
    file: StoredFile | None
    taken_on: date | None = None
    reason: str = ""
    taken_by: str = ""


def add(session: Session, report: SignalReport, sent: Iterable[UploadedFile]) -> Sequence[FileNotTaken]:
    """Add files to a report, each once however often it is sent, and return those that were not accepted.

    Raises Conflict if the report is closed. The ledger has no entry of it: see docs/decisions/0074.
    """
    _check_open(session.get_one(SignalLink, report.id))
    known, kept, not_taken = _list_marks(session, report), dict[bytes, StoredFile](), list[FileNotTaken]()
    waiting = iter(sent)
    for upload in waiting:
        mark = _mark(report, upload.data)
        if mark in known or mark in kept:
            continue
        try:
            _check_room(len(known) + len(kept))
            kept[mark] = _receive(session, upload)
        except (Conflict, FileRefused) as refusal:
            not_taken.append(FileNotTaken(upload.name, refusal.message))
        except StoreAway as away:  # it is asked once: each time takes half a minute
            not_taken += [FileNotTaken(it.name, away.message) for it in (upload, *waiting)]
    _place(session, report, kept)
    return not_taken


def _check_open(link: SignalLink) -> None:
    if link.standing not in TAKES_FILES:
        raise Conflict(_("This report is no longer being assessed, so you cannot add files."), field="files")


def _check_room(there: int) -> None:
    if there >= MAX_REPORT_FILES:
        raise Conflict(_("A report can have at most %(most)s files. Remove one first.", most=MAX_REPORT_FILES))


def _mark(report: SignalReport, data: bytes) -> bytes:
    return keyed_hash("signal file", (report.salt or b"") + hashlib.sha256(data).digest())


def _receive(session: Session, sent: UploadedFile) -> StoredFile:
    """Store a file without its name and without the hash, which could identify it on a phone."""
    row = stored_files.receive(session, data=sent.data, name=sent.name, nameless=True)
    row.sha256 = None
    return row


def _list_marks(session: Session, report: SignalReport) -> Mapping[bytes, int]:
    rows = select(SignalReportFile.mark, SignalReportFile.position).where(SignalReportFile.report_id == report.id)
    return {mark: position for mark, position in session.execute(rows)}  # noqa: C416 - a Row is no pair of its type


def _place(session: Session, report: SignalReport, kept: Mapping[bytes, StoredFile]) -> None:
    """Give each file a free position. The report may have been closed or filled up since the upload began."""
    link = session.get_one(SignalLink, report.id, with_for_update=True, populate_existing=True)
    known = _list_marks(session, report)
    free = [place for place in range(1, MAX_REPORT_FILES + 1) if place not in known.values()]
    left = []
    for mark, file in kept.items():
        if link.standing not in TAKES_FILES or mark in known or not free:
            left.append(file.id)
        else:
            session.add(SignalReportFile(report_id=report.id, position=free.pop(0), file_id=file.id, mark=mark))
    session.flush()
    stored_files.erase(session, left)


def remove(session: Session, report: SignalReport, position: int) -> None:
    """Destroy one file. Safe to repeat. A record that an assessor destroyed it, with the reason, remains."""
    place = SignalReportFile.position == position, SignalReportFile.file_id.is_not(None)
    attachments.erase(session, SignalReportFile, SignalReportFile.report_id == report.id, *place)


def erase_all(session: Session, report: SignalReport) -> None:
    """Destroy all files of a report."""
    attachments.erase(session, SignalReportFile, SignalReportFile.report_id == report.id)


def list_by_report(session: Session, report_ids: Collection[int]) -> Mapping[int, Sequence[ReportFile]]:
    """Return the files of reports in order, by report id. Reports without files are left out."""
    rows = session.execute(
        attachments.select_attached(SignalReportFile, SignalReportFile.report_id.in_(report_ids))
        .add_columns(Account.display_name)
        .outerjoin(Account, Account.id == SignalReportFile.taken_away_by)
        .where(or_(StoredFile.salt.is_not(None), SignalReportFile.file_id.is_(None)))
        .order_by(SignalReportFile.position)
    )
    found: dict[int, list[ReportFile]] = {}
    for row, file, name in rows:
        shown = ReportFile(row.position, file, row.taken_away_on, row.taken_away_for, name or "")
        found.setdefault(row.report_id, []).append(shown)
    return found


def get_shown(session: Session, report: SignalReport, position: int) -> StoredFile:
    """Return a file for an assessor. Raises NotFound, also if its report was withdrawn."""
    return attachments.get_file(session, SignalReportFile, *_is_shown(report, position))


def take_away(session: Session, report: SignalReport, position: int, *, by: Account, reason: str) -> None:
    """Erase a file that must not be kept. The reporter can read the reason. Raises NotFound, Refusal."""
    said = one_line(reason)
    if not 3 <= len(said) <= MAX_TAKEN_AWAY_REASON:
        raise Refusal(_("Say in a few words why you are erasing this file."), field="reason")
    row, file = attachments.lock_attached(session, SignalReportFile, *_is_shown(report, position))
    row.file_id, row.taken_away_on, row.taken_away_for, row.taken_away_by = None, now().date(), said, by.id
    session.flush()
    stored_files.erase(session, [file.id])


def _is_shown(report: SignalReport, position: int) -> tuple[ColumnElement[bool], ...]:
    """Return conditions for a file that assessors may see."""
    shown = exists().where(SignalLink.report_id == report.id, SignalLink.standing.in_(SHOWS_FILES))
    return SignalReportFile.report_id == report.id, SignalReportFile.position == position, shown


def check_again(session: Session, report: SignalReport) -> int:
    """Check the waiting files of a report now, and return how many."""
    file_ids = session.scalars(select(SignalReportFile.file_id).where(SignalReportFile.report_id == report.id))
    return attachments.check_again(session, file_ids.all())
