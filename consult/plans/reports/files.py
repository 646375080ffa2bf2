"""Files that show what a report on an action says: attached with it, shown as cleaned copies, taken away for good."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, defer

from consult.core.crypto import SALT_BYTES, commitment
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.files import service as files
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS
from consult.plans.model import MAX_FILES, ActionPlan, ActionReport, ActionReportFile, PlanAction, ReportState

_WAITS = (State.WAITING, State.HELD)


@dataclass(frozen=True)
class ShownReportFile:
    """A file of a report: how its checks ended, or when it was taken away. `number` counts from 1."""

    report_id: int
    number: int
    state: State | None  # None: it was taken away
    kind: str
    size: int
    pages: int  # how many images there are of its first pages
    reason: str | None
    taken_on: date | None

    @property
    def waits(self) -> bool:
        return self.state in _WAITS


def lock(session: Session, file_ids: Sequence[int]) -> list[StoredFile]:
    """The files that a report is given, in their order. Raises a Refusal where one is gone, used, or not accepted."""
    if not file_ids:
        return []
    if len(set(file_ids)) > MAX_FILES:
        raise Refusal(_("Give %(most)s files at most.", most=MAX_FILES), field="file")
    wanted = select(StoredFile).where(StoredFile.id.in_(file_ids), StoredFile.salt.is_not(None))
    found = {row.id: row for row in session.scalars(wanted.options(defer(StoredFile.text)).with_for_update())}
    used = select(ActionReportFile.file_id).where(ActionReportFile.file_id.in_(file_ids))
    if found.keys() != set(file_ids) or session.scalar(used.limit(1)) is not None:
        raise Refusal(_("A file is gone: it was not sent in time, or was sent already. Choose it again."), field="file")
    if bad := next((row for row in found.values() if row.state is State.REFUSED), None):
        raise Refusal(str(REASONS[bad.reason or "broken"]), field="file")
    return [found[number] for number in dict.fromkeys(file_ids)]


def seal_hashes(rows: Sequence[StoredFile]) -> tuple[list[str], list[bytes]]:
    """What a report says of its files: their hashes, each sealed with a salt of its own; and the salts."""
    salts = [secrets.token_bytes(SALT_BYTES) for _row in rows]
    return [_seal_hash(salt, row) for salt, row in zip(salts, rows, strict=True)], salts


def _seal_hash(salt: bytes, row: StoredFile) -> str:
    return commitment(salt, row.sha256 or b"").hex()


def attach(session: Session, report: ActionReport, rows: Sequence[StoredFile], salts: Sequence[bytes]) -> None:
    """Makes these the files of a report that was given a moment ago."""
    session.add_all(
        ActionReportFile(report_id=report.id, position=position, file_id=row.id, salt=salt)
        for position, (row, salt) in enumerate(zip(rows, salts, strict=True))
    )
    session.flush()


def load_files(session: Session, reports: Collection[ActionReport]) -> Mapping[int, Sequence[ShownReportFile]]:
    """The files of each report that has some, by its number. One statement, or none."""
    wanted = [row.id for row in reports if row.files]
    if not wanted:
        return {}
    found: dict[int, list[ShownReportFile]] = {number: [] for number in wanted}
    rows = session.execute(
        select(ActionReportFile, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == ActionReportFile.file_id)
        .where(ActionReportFile.report_id.in_(wanted))
        .order_by(ActionReportFile.report_id, ActionReportFile.position)
        .options(defer(StoredFile.text))
    )
    for row, file in rows:
        found[row.report_id].append(_to_shown(row, file))
    return found


def _to_shown(row: ActionReportFile, file: StoredFile | None) -> ShownReportFile:
    taken_on = row.taken_at.date() if row.taken_at else None
    if file is None:
        return ShownReportFile(row.report_id, row.position + 1, None, "", 0, 0, None, taken_on)
    kind, size = (file.clean_kind or file.kind), (file.clean_size or file.size)
    return ShownReportFile(row.report_id, row.position + 1, file.state, kind, size, file.pages, file.reason, taken_on)


def list_addresses(report: ActionReport) -> list[str]:
    """Where everybody finds the files of a report; of one that is not published nowhere."""
    count = len(report.files) if report.state is ReportState.PUBLISHED else 0
    return [public_url("action_reports.download", number=report.id, file=n + 1) for n in range(count)]


def get_public_file(session: Session, report_id: int, number: int) -> StoredFile:
    """A file of a published report on a public action, counted from 1. Raises NotFound."""
    public = PlanAction.plan_id.is_(None) | ActionPlan.published_at.is_not(None)
    wanted = _select_file(report_id, number).join(ActionReport, ActionReport.id == ActionReportFile.report_id)
    wanted = wanted.join(PlanAction, PlanAction.id == ActionReport.action_id).outerjoin(ActionPlan)
    return _get(session, wanted.where(ActionReport.state == ReportState.PUBLISHED, public))


def get_file(session: Session, report_id: int, number: int) -> StoredFile:
    """A file of any report, for moderators. Raises NotFound."""
    return _get(session, _select_file(report_id, number))


def _select_file(report_id: int, number: int) -> Select[Any]:
    return (
        select(StoredFile)
        .join(ActionReportFile, ActionReportFile.file_id == StoredFile.id)
        .where(ActionReportFile.report_id == report_id, ActionReportFile.position == number - 1)
        .options(defer(StoredFile.text))
    )


def _get(session: Session, wanted: Select[Any]) -> StoredFile:
    row: StoredFile | None = session.scalar(wanted)
    if row is None:
        raise NotFound(_("There is no file here that can be shown."))
    return row


def destroy_all(session: Session, report: ActionReport) -> None:
    """Destroys the files of a report that is taken back, and the rows about them."""
    gone = delete(ActionReportFile).where(ActionReportFile.report_id == report.id).returning(ActionReportFile.file_id)
    files.erase(session, [number for number in session.scalars(gone).all() if number is not None])


def take_away(session: Session, report_id: int, number: int, at: datetime) -> None:
    """Destroys a file, and leaves the day on which that was. Raises NotFound where there is none."""
    here = ActionReportFile.report_id == report_id, ActionReportFile.position == number - 1
    row = session.scalar(select(ActionReportFile).where(*here).with_for_update())
    if row is None or row.file_id is None:
        raise NotFound(_("There is no file here that can be taken away."))
    files.erase(session, [row.file_id])
    row.file_id, row.salt, row.taken_at = None, None, at
    session.flush()


def select_claimed() -> Select[Any]:
    """The stored files that belong to reports."""
    return select(ActionReportFile.file_id).where(ActionReportFile.file_id.is_not(None))


def find_altered(session: Session, reports: Collection[ActionReport]) -> list[ActionReport]:
    """The reports whose files are not those that they say, for the audit. One statement, or none."""
    wanted = [row for row in reports if row.files]
    if not wanted:
        return []
    rows = session.execute(
        select(ActionReportFile, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == ActionReportFile.file_id)
        .where(ActionReportFile.report_id.in_([row.id for row in wanted]))
        .options(defer(StoredFile.text))
        .execution_options(populate_existing=True)
    )
    there: dict[tuple[int, int], str | None] = {
        (row.report_id, row.position): _seal_hash(row.salt, file) if file and row.salt else None for row, file in rows
    }
    return [
        row
        for row in wanted
        if any(there.get((row.id, n), "") not in (None, sealed) for n, sealed in enumerate(row.files))
    ]
