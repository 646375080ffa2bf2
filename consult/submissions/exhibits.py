"""What pages show of evidence that was filed: of one submission, of a consultation, and the copy that is handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer

from consult.accounts.model import Organisation, OrganisationKind
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id, page
from consult.files import queries as files
from consult.files.kinds import KINDS
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.submissions import references
from consult.submissions.model import Evidence, EvidenceKind, NameRule, Submission, SubmitterKind

PAGE = 20


@dataclass(frozen=True)
class Exhibit:
    """A piece of evidence with its file, where it is one."""

    row: Evidence
    file: StoredFile | None

    @property
    def link(self) -> str:
        """Where a reader finds what a reference names; empty where it names no place."""
        return references.link(self.row.scheme or "", self.row.reference or "")


@dataclass(frozen=True)
class Listed(Exhibit):
    """A piece of public evidence with who sent it; its fields are those a `Voice` is named by."""

    reference: str
    kind: SubmitterKind
    name: str | None
    confirmed: bool
    organisation_kind: OrganisationKind | None
    country: str | None
    received_at: datetime


@dataclass(frozen=True)
class Copy:
    """A cleaned copy as it is handed out; its name tells nothing of its author's own names."""

    data: bytes
    name: str
    media_type: str


def of_submission(session: Session, submission_id: int) -> list[Exhibit]:
    """The evidence of a submission in its order, whatever became of it: for its author and for moderators."""
    found = session.execute(
        select(Evidence, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id)
        .order_by(Evidence.position)
        .options(defer(StoredFile.text))
    )
    return [Exhibit(row, file) for row, file in found]


def any_of(submission_id: Any) -> ColumnElement[bool]:
    """Whether a submission has any: for a query that reads it anyway."""
    return select(Evidence.id).where(Evidence.submission_id == submission_id).exists()


def public(exhibits: Sequence[Exhibit]) -> list[Exhibit]:
    """Those that anybody may see: references, and files that are clean or are still being looked at."""
    return [it for it in exhibits if it.file is None or it.file.state in (FileState.CLEAN, FileState.WAITING)]


def listed(
    session: Session, consultation_id: int, *, kind: str = "", words: str = "", after: str | None = None
) -> Page[Listed]:
    """Public evidence of a consultation, newest first; of one kind, or with these words in it or said of it."""
    query = (
        select(Evidence, StoredFile, Submission, Organisation.kind)
        .join(Submission, Submission.id == Evidence.submission_id)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(
            Evidence.consultation_id == consultation_id, Evidence.shown,
            or_(Evidence.file_id.is_(None), StoredFile.state == FileState.CLEAN),
        )
        .order_by(Evidence.id.desc())
        .limit(PAGE + 1)
        .options(defer(StoredFile.text))
    )  # fmt: skip
    if kind in set(EvidenceKind):
        query = query.where(Evidence.kind == EvidenceKind(kind))
    if words.strip():
        query = query.where(or_(*_holding(words)))
    if (last := decode_id(after)) is not None:
        query = query.where(Evidence.id < last)
    return page([_listed(*row) for row in session.execute(query)], PAGE, lambda it: [it.row.id])


def _holding(words: str) -> list[Any]:
    wanted = func.websearch_to_tsquery("simple", words[:200])
    said = Evidence.description + " " + Evidence.place + " " + Evidence.method
    return [
        func.to_tsvector("simple", StoredFile.text).op("@@")(wanted),
        func.to_tsvector("simple", said).op("@@")(wanted),
    ]


def _listed(row: Evidence, file: StoredFile | None, sent: Submission, kind: OrganisationKind | None) -> Listed:
    confirmed = sent.name_rule is NameRule.ORGANISATION and sent.organisation_id is not None
    return Listed(
        row, file, sent.reference, sent.submitter_kind, sent.public_name, confirmed, kind, sent.country,
        sent.received_at,
    )  # fmt: skip


def copy(session: Session, consultation_id: int, number: int) -> Copy:
    """The cleaned copy of a published piece of evidence. Raises NotFound for any other, and StoreAway."""
    found = session.execute(
        select(Evidence, StoredFile, Submission.reference)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(Evidence.id == number, Evidence.consultation_id == consultation_id, Evidence.shown)
        .options(defer(StoredFile.text))
    ).first()
    if found is None:
        raise NotFound(_("There is no file here that can be shown."))
    row, file, reference = found
    data = files.copy(file)
    kind = KINDS[file.clean_kind or file.kind]
    return Copy(data, f"{reference}-{row.position + 1}.{kind.ending}", kind.media_type)
