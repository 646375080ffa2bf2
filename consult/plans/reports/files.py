"""Evidence files of reports on actions: attached with the report, shown as cleaned copies, and removed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from consult.core.crypto import SALT_BYTES, commitment
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.files import attachments
from consult.files import service as files
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS
from consult.plans.model import MAX_FILES, ActionPlan, ActionReport, ActionReportFile, PlanAction, ReportState


@dataclass(frozen=True)
class ShownReportFile:
    """A file of a report: the result of its checks, or the date of its removal. `number` counts from 1."""

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
        return self.state in attachments.WAITING_STATES


def lock(session: Session, file_ids: Sequence[int]) -> list[StoredFile]:
    """Lock the files of a new report, in order. Raises a Refusal if one is missing, used or not accepted."""
    if not file_ids:
        return []
    if len(set(file_ids)) > MAX_FILES:
        raise Refusal(_("Choose at most %(most)s files.", most=MAX_FILES), field="file")
    wanted = select(StoredFile).where(StoredFile.id.in_(file_ids), StoredFile.salt.is_not(None))
    files = {row.id: row for row in session.scalars(wanted.options(defer(StoredFile.text)).with_for_update())}
    used = select(ActionReportFile.file_id).where(ActionReportFile.file_id.in_(file_ids))
    if files.keys() != set(file_ids) or session.scalar(used.limit(1)) is not None:
        raise Refusal(_("A file expired before it was sent, or was already sent. Choose it again."), field="file")
    if bad := next((row for row in files.values() if row.state is State.REFUSED), None):
        raise Refusal(str(REASONS[bad.reason or "broken"]), field="file")
    return [files[number] for number in dict.fromkeys(file_ids)]


def seal_hashes(rows: Sequence[StoredFile]) -> tuple[list[str], list[bytes]]:
    """Return the sealed hashes of files, each with its own salt, and the salts."""
    salts = [secrets.token_bytes(SALT_BYTES) for _row in rows]
    return [_seal_hash(salt, row) for salt, row in zip(salts, rows, strict=True)], salts


def _seal_hash(salt: bytes, row: StoredFile) -> str:
    return commitment(salt, row.sha256 or b"").hex()


def attach(session: Session, report: ActionReport, rows: Sequence[StoredFile], salts: Sequence[bytes]) -> None:
    """Attach files to a new report."""
    session.add_all(
        ActionReportFile(report_id=report.id, position=position, file_id=row.id, salt=salt)
        for position, (row, salt) in enumerate(zip(rows, salts, strict=True))
    )
    session.flush()


def load_files(session: Session, reports: Collection[ActionReport]) -> Mapping[int, Sequence[ShownReportFile]]:
    """Return the files of each report that has any, by report id. At most one statement."""
    wanted = [row.id for row in reports if row.files]
    if not wanted:
        return {}
    files: dict[int, list[ShownReportFile]] = {number: [] for number in wanted}
    rows = session.execute(
        attachments.select_attached(ActionReportFile, ActionReportFile.report_id.in_(wanted)).order_by(
            ActionReportFile.report_id, ActionReportFile.position
        )
    )
    for row, file in rows:
        files[row.report_id].append(_to_shown(row, file))
    return files


def _to_shown(row: ActionReportFile, file: StoredFile | None) -> ShownReportFile:
    taken_on = row.taken_at.date() if row.taken_at else None
    if file is None:
        return ShownReportFile(row.report_id, row.position + 1, None, "", 0, 0, None, taken_on)
    kind, size = (file.clean_kind or file.kind), (file.clean_size or file.size)
    return ShownReportFile(row.report_id, row.position + 1, file.state, kind, size, file.pages, file.reason, taken_on)


def list_addresses(report: ActionReport) -> list[str]:
    """Return the URLs of a published report's files. Empty for other reports."""
    count = len(report.files) if report.state is ReportState.PUBLISHED else 0
    return [public_url("action_reports.download", number=report.id, file=n + 1) for n in range(count)]


def get_public_file(session: Session, report_id: int, number: int) -> StoredFile:
    """Return a file of a published report on a public action, counted from 1. Raises NotFound."""
    public = PlanAction.plan_id.is_(None) | ActionPlan.published_at.is_not(None)
    shown = select(ActionReport.id).join(PlanAction, PlanAction.id == ActionReport.action_id).outerjoin(ActionPlan)
    shown = shown.where(ActionReport.state == ReportState.PUBLISHED, public)
    return attachments.get_file(
        session, ActionReportFile, *_is_at(report_id, number), ActionReportFile.report_id.in_(shown)
    )


def get_file(session: Session, report_id: int, number: int) -> StoredFile:
    """Return a file of any report, for moderators. Raises NotFound."""
    return attachments.get_file(session, ActionReportFile, *_is_at(report_id, number))


def _is_at(report_id: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return ActionReportFile.report_id == report_id, ActionReportFile.position == number - 1


def destroy_all(session: Session, report: ActionReport) -> None:
    """Destroy the files of a withdrawn report, and their rows."""
    attachments.erase(session, ActionReportFile, ActionReportFile.report_id == report.id)


def take_away(session: Session, report_id: int, number: int, at: datetime) -> None:
    """Destroy a file and keep the date of its removal. Raises NotFound if there is no such file."""
    row, file = attachments.lock_attached(session, ActionReportFile, *_is_at(report_id, number))
    row.file_id, row.salt, row.taken_at = None, None, at
    session.flush()
    files.erase(session, [file.id])


def find_altered(session: Session, reports: Collection[ActionReport]) -> list[ActionReport]:
    """Return reports whose files differ from their sealed hashes, for the audit. At most one statement."""
    wanted = [row for row in reports if row.files]
    if not wanted:
        return []
    rows = session.execute(
        attachments.select_attached(
            ActionReportFile, ActionReportFile.report_id.in_([row.id for row in wanted])
        ).execution_options(populate_existing=True)
    )
    there: dict[tuple[int, int], str | None] = {
        (row.report_id, row.position): _seal_hash(row.salt, file) if file and row.salt else None for row, file in rows
    }
    return [
        row
        for row in wanted
        if any(there.get((row.id, n), "") not in (None, sealed) for n, sealed in enumerate(row.files))
    ]
