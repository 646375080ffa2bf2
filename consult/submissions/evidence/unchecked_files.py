"""Files of submissions that wait for their checks, for moderators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, defer

from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.files.attachments import WAITING_STATES
from consult.files.model import State, StoredFile
from consult.submissions.model import Evidence, Submission

PAGE = 50


@dataclass(frozen=True)
class PendingFile:
    """A file that is not shown yet, with its submission."""

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
    """Return files that wait for their checks, oldest first."""
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
    """Return the ids of those submissions among `submission_ids` that have files waiting for their checks."""
    wanted = _waits(select(Submission.id)).where(Submission.id.in_(submission_ids))
    return set(session.scalars(wanted))


def _waits(wanted: Any) -> Any:
    return (
        wanted.select_from(StoredFile)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(StoredFile.state.in_(WAITING_STATES), StoredFile.due_at.is_not(None), StoredFile.salt.is_not(None))
    )


@dataclass(frozen=True)
class FileText:
    """The text of a clean file, and its submission."""

    text: str
    name: str
    submission_id: int
    reference: str


def get_text(session: Session, file_id: int) -> FileText:
    """Return the text of a file. Raises NotFound if it is not clean or was not sent."""
    name = case((StoredFile.nameless, ""), else_=StoredFile.name)
    row = session.execute(
        select(StoredFile.text, name, Submission.id, Submission.reference)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(StoredFile.id == file_id, StoredFile.state == State.CLEAN)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this file."))
    return FileText(*row)
