"""Files of sent submissions that still wait for their checks, for moderators."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session, defer

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.queue import find_task, nudge
from consult.files.model import State, StoredFile
from consult.submissions.model import Evidence, Submission

PAGE = 50
_WAITS = (State.WAITING, State.HELD)


@dataclass(frozen=True)
class PendingFile:
    """A file that nobody is shown, with the submission that it belongs to."""

    file: StoredFile
    submission_id: int
    reference: str
    title: str  # of the consultation
    language: str


@dataclass(frozen=True)
class PendingFileQueue:
    items: Page[PendingFile]
    count: int
    oldest: datetime | None


def list_pending(session: Session, *, after: str | None = None) -> PendingFileQueue:
    """Files that wait for their checks, the oldest first."""
    wanted = _waits(
        select(StoredFile, Submission.id, Submission.reference, Consultation.title, Consultation.language)
    ).join(Consultation, Consultation.id == Evidence.consultation_id)
    if (last := decode_id_cursor(after)) is not None:
        wanted = wanted.where(StoredFile.id > last)
    rows = session.execute(wanted.order_by(StoredFile.id).limit(PAGE + 1).options(defer(StoredFile.text)))
    count, oldest = session.execute(_waits(select(func.count(), func.min(StoredFile.created_at)))).one()
    return PendingFileQueue(
        make_page([PendingFile(*row) for row in rows], PAGE, lambda it: [it.file.id]), count, oldest
    )


def submissions_with_pending(session: Session, submission_ids: Collection[int]) -> set[int]:
    """Those of some submissions that have a file which waits."""
    wanted = _waits(select(Submission.id)).where(Submission.id.in_(submission_ids))
    return set(session.scalars(wanted))


def _waits(wanted: Any) -> Any:
    return (
        wanted.select_from(StoredFile)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(StoredFile.state.in_(_WAITS), StoredFile.due_at.is_not(None), StoredFile.salt.is_not(None))
    )


def check_again(session: Session, file_ids: Sequence[int]) -> int:
    """Has files looked at now instead of at their next turn; gives how many."""
    found = session.scalars(
        update(StoredFile)
        .where(StoredFile.id.in_(file_ids), StoredFile.state.in_(_WAITS), StoredFile.salt.is_not(None))
        .values(due_at=now())
        .returning(StoredFile.id)
    ).all()
    for file_id in found:
        nudge(session, find_task("files.check"), file_id)
    return len(found)


@dataclass(frozen=True)
class FileText:
    """The words of a clean file, and the submission that it came with."""

    text: str
    name: str
    submission_id: int
    reference: str


def get_text(session: Session, file_id: int) -> FileText:
    """Raises NotFound for a file that is not clean, or not sent."""
    name = case((StoredFile.nameless, ""), else_=StoredFile.name)
    found = session.execute(
        select(StoredFile.text, name, Submission.id, Submission.reference)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(StoredFile.id == file_id, StoredFile.state == State.CLEAN)
    ).first()
    if found is None:
        raise NotFound(_("There is no file here that can be shown."))
    return FileText(*found)
