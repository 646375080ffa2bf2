"""Files of a report: added once it is filed, seen by who reported and by holders of a seat, destroyed with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session, defer

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import keyed_hash
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
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
from consult.submissions.evidence import unchecked_files

TAKES_FILES = (ReportStanding.WAITING, ReportStanding.LINKED)
"""Where a report stands for which somebody still looks at what is added."""
SHOWS_FILES = (*TAKES_FILES, ReportStanding.NOT_SIGNAL)
"""Of what was withdrawn nobody is shown a file but who reported."""


@dataclass(frozen=True)
class UploadedFile:
    """A file as a browser sends it. What it is called is told to its sender only, and kept nowhere."""

    name: str
    data: bytes


@dataclass(frozen=True)
class FileNotTaken:
    """A file that is not kept, by its name, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class ReportFile:
    """A file of a report, in its place; without `file` it was destroyed at the desk, for `reason`."""

    position: int
    file: StoredFile | None
    taken_on: date | None = None
    reason: str = ""
    taken_by: str = ""


def add(session: Session, report: SignalReport, sent: Iterable[UploadedFile]) -> Sequence[FileNotTaken]:
    """Keeps files with a report, each once however often it is sent; gives those that are not kept.

    Raises Conflict where the report is not looked at any more. The ledger is told nothing: see decision 74.
    """
    _check_open(session.get_one(SignalLink, report.id))
    known, kept, not_taken = _list_marks(session, report), dict[bytes, StoredFile](), list[FileNotTaken]()
    waiting = iter(sent)
    for one in waiting:
        mark = _mark(report, one.data)
        if mark in known or mark in kept:
            continue
        try:
            _check_room(len(known) + len(kept))
            kept[mark] = _receive(session, one)
        except (Conflict, FileRefused) as refusal:
            not_taken.append(FileNotTaken(one.name, refusal.message))
        except StoreAway as away:  # it is asked once: each time takes half a minute
            not_taken += [FileNotTaken(it.name, away.message) for it in (one, *waiting)]
    _place(session, report, kept)
    return not_taken


def _check_open(link: SignalLink) -> None:
    if link.standing not in TAKES_FILES:
        raise Conflict(_("Nobody looks at this report any more, so no file can be added."), field="files")


def _check_room(there: int) -> None:
    if there >= MAX_REPORT_FILES:
        raise Conflict(_("A report takes at most %(most)s files. Remove one first.", most=MAX_REPORT_FILES))


def _mark(report: SignalReport, data: bytes) -> bytes:
    return keyed_hash("signal file", (report.salt or b"") + hashlib.sha256(data).digest())


def _receive(session: Session, sent: UploadedFile) -> StoredFile:
    """The file as it is kept: without its name, and without the hash by which it could be told on a phone."""
    row = stored_files.receive(session, data=sent.data, name=sent.name, nameless=True)
    row.sha256 = None
    return row


def _list_marks(session: Session, report: SignalReport) -> Mapping[bytes, int]:
    rows = select(SignalReportFile.mark, SignalReportFile.position).where(SignalReportFile.report_id == report.id)
    return {mark: position for mark, position in session.execute(rows)}  # noqa: C416 - a Row is no pair of its type


def _place(session: Session, report: SignalReport, kept: Mapping[bytes, StoredFile]) -> None:
    """Gives each file a free place. The report may have been ended, or filled up, while its bytes were stored."""
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
    """Destroys one file. May be repeated. That one was destroyed at the desk, and why, stays."""
    there = SignalReportFile.position == position, SignalReportFile.file_id.is_not(None)
    _erase(session, delete(SignalReportFile).where(*there), report)


def erase_all(session: Session, report: SignalReport) -> None:
    """Destroys all files of a report."""
    _erase(session, delete(SignalReportFile), report)


def _erase(session: Session, rows: Any, report: SignalReport) -> None:
    gone = rows.where(SignalReportFile.report_id == report.id).returning(SignalReportFile.file_id)
    stored_files.erase(session, [number for number in session.scalars(gone) if number is not None])


def list_by_report(session: Session, report_ids: Collection[int]) -> Mapping[int, Sequence[ReportFile]]:
    """The files of reports in their order, by the number of the report; of one without files there is nothing."""
    rows = session.execute(
        _select_files()
        .add_columns(Account.display_name)
        .outerjoin(Account, Account.id == SignalReportFile.taken_away_by)
        .where(SignalReportFile.report_id.in_(report_ids))
        .order_by(SignalReportFile.position)
    )
    found: dict[int, list[ReportFile]] = {}
    for row, file, name in rows:
        shown = ReportFile(row.position, file, row.taken_away_on, row.taken_away_for, name or "")
        found.setdefault(row.report_id, []).append(shown)
    return found


def get_shown(session: Session, report: SignalReport, position: int) -> StoredFile:
    """A file as those with a seat may see it. Raises NotFound, also where its report was withdrawn."""
    return _find_shown(session, report, position)[1]


def take_away(session: Session, report: SignalReport, position: int, *, by: Account, reason: str) -> None:
    """Destroys a file that must not be kept; whoever reported reads why. Raises NotFound, Refusal."""
    said = one_line(reason)
    if not 3 <= len(said) <= MAX_TAKEN_AWAY_REASON:
        raise Refusal(_("Say in a few words why this file is destroyed."), field="reason")
    row, file = _find_shown(session, report, position, lock=True)
    row.file_id, row.taken_away_on, row.taken_away_for, row.taken_away_by = None, now().date(), said, by.id
    session.flush()
    stored_files.erase(session, [file.id])


def _find_shown(
    session: Session, report: SignalReport, position: int, *, lock: bool = False
) -> tuple[SignalReportFile, StoredFile]:
    wanted = (
        _select_files()
        .join(SignalLink, SignalLink.report_id == SignalReportFile.report_id)
        .where(
            SignalReportFile.report_id == report.id,
            SignalReportFile.position == position,
            SignalLink.standing.in_(SHOWS_FILES),
        )
    )
    found = session.execute(wanted.with_for_update(of=SignalReportFile) if lock else wanted).first()
    if found is None or found[1] is None:
        raise NotFound(_("There is no file here that can be shown."))
    return found[0], found[1]


def _select_files() -> Select[SignalReportFile, StoredFile | None]:
    return (
        select(SignalReportFile, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == SignalReportFile.file_id)
        .where(or_(StoredFile.salt.is_not(None), SignalReportFile.file_id.is_(None)))
        .options(defer(StoredFile.text))
    )


def check_again(session: Session, report: SignalReport) -> int:
    """Has the files that wait for their checks looked at now; gives how many."""
    numbers = session.scalars(select(SignalReportFile.file_id).where(SignalReportFile.report_id == report.id))
    return unchecked_files.check_again(session, [number for number in numbers if number is not None])


def select_claimed_files() -> Select[int | None]:
    """The files that belong to reports: they are not destroyed after a day."""
    return select(SignalReportFile.file_id).where(SignalReportFile.file_id.is_not(None))
