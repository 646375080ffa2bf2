"""Reads of filed evidence: of one submission, public items, and downloads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, defer

from consult.accounts.model import Organisation, OrganisationKind
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.submissions.evidence import references
from consult.submissions.model import Evidence, EvidenceKind, EvidenceTag, NameRule, State, Submission, SubmitterKind

_SHOWN_APART = frozenset({EvidenceKind.MANDATE, EvidenceKind.POSITION_PAPER})
"""Kinds that a published submission may have without their being shown."""
_BEGINNING = 700
"""How many characters of a file's words its page shows."""


@dataclass(frozen=True)
class EvidencePiece:
    """A piece of evidence with its file, where it is one."""

    row: Evidence
    file: StoredFile | None

    @property
    def link(self) -> str:
        """Where a reader finds what a reference names; empty where it names no place."""
        return references.reference_url(self.row.scheme or "", self.row.reference or "")


@dataclass(frozen=True)
class PublicEvidence(EvidencePiece):
    """A piece of public evidence with who sent it; its fields are those a `Voice` is named by."""

    reference: str
    kind: SubmitterKind
    name: str | None
    confirmed: bool
    organisation_kind: OrganisationKind | None
    country: str | None
    present: int | None
    received_at: datetime
    term_ids: Sequence[int]  # what it is about


@dataclass(frozen=True)
class CleanedCopy:
    """A file whose cleaned copy is downloaded, and as what; the name contains none of its author's own names."""

    file: StoredFile
    name: str


def list_by_submission(session: Session, submission_id: int) -> list[EvidencePiece]:
    """The evidence of a submission in its order, whatever became of it: for its author and for moderators."""
    found = session.execute(
        select(Evidence, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id)
        .order_by(Evidence.position)
        .options(defer(StoredFile.text))
    )
    return [EvidencePiece(row, file) for row, file in found]


def has_evidence(submission_id: Any) -> ColumnElement[bool]:
    """Whether a submission has any: for a query that reads it anyway."""
    return select(Evidence.id).where(Evidence.submission_id == submission_id).exists()


def filter_public(exhibits: Sequence[EvidencePiece]) -> list[EvidencePiece]:
    """Those that anybody may see: references, and files that are clean or are still being looked at; none private.

    Of mandates only those that a moderator has read, and of papers those in whose text nothing is covered.
    """
    open_to_all = [it for it in exhibits if not it.row.private and (it.row.shown or it.row.kind not in _SHOWN_APART)]
    return [it for it in open_to_all if it.file is None or it.file.state in (FileState.CLEAN, FileState.WAITING)]


def filter_mandates(exhibits: Sequence[EvidencePiece]) -> list[EvidencePiece]:
    """Those by which others let its author speak for them."""
    return [it for it in exhibits if _is_mandate(it)]


def _is_mandate(it: EvidencePiece) -> bool:
    return it.row.kind is EvidenceKind.MANDATE


def get_public_evidence(session: Session, ids: Collection[int]) -> dict[int, PublicEvidence]:
    """Public evidence by its number; what is not public, or not clean, is not among it."""
    if not ids:
        return {}
    rows = session.execute(_is_public().where(Evidence.id.in_(ids)))
    return {row[0].id: _to_public_evidence(*row) for row in rows}


def get_public_piece(session: Session, consultation_id: int, number: int) -> PublicEvidence:
    """A public piece of evidence. Raises NotFound; of what was withdrawn or withheld with its submission, with that."""
    found = session.execute(
        _is_public().where(Evidence.id == number, Evidence.consultation_id == consultation_id)
    ).first()
    if found is None:
        raise NotFound(_why_not_shown(session, consultation_id, number))
    return _to_public_evidence(*found)


def _why_not_shown(session: Session, consultation_id: int, number: int) -> str:
    these = (Evidence.id == number, Evidence.consultation_id == consultation_id, Evidence.private.is_(False))
    state = session.scalar(
        select(Submission.state).join(Evidence, Evidence.submission_id == Submission.id).where(*these)
    )
    if state in (State.WITHDRAWN, State.WITHHELD):
        return _("The submission that this evidence came with was withdrawn or withheld, so it is not shown any more.")
    return _("No published evidence has this number. It may be waiting for review.")


def get_excerpt(session: Session, piece: EvidencePiece) -> str:
    """The first words of its file; empty where it has none. Lines of a PDF are those of its pages: they run on."""
    if piece.file is None:
        return ""
    words = session.scalar(select(func.left(StoredFile.text, 2 * _BEGINNING)).where(StoredFile.id == piece.file.id))
    if piece.file.clean_kind == "pdf":
        return excerpt(words or "", _BEGINNING)
    return (words or "").strip()[:_BEGINNING]


def _is_public() -> Select[Any, Any, Any, Any, Any]:
    about = select(func.array_agg(EvidenceTag.term_id)).where(EvidenceTag.evidence_id == Evidence.id).scalar_subquery()
    return (
        select(Evidence, StoredFile, Submission, Organisation.kind, about)
        .join(Submission, Submission.id == Evidence.submission_id)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.shown, or_(Evidence.file_id.is_(None), StoredFile.state == FileState.CLEAN))
        .options(defer(StoredFile.text))
    )


def _to_public_evidence(
    row: Evidence, file: StoredFile | None, sent: Submission, kind: OrganisationKind | None, about: list[int] | None
) -> PublicEvidence:
    confirmed = sent.name_rule is NameRule.ORGANISATION and sent.organisation_id is not None
    return PublicEvidence(
        row,
        file,
        sent.reference,
        sent.submitter_kind,
        sent.public_name,
        confirmed,
        kind,
        sent.country,
        sent.present,
        sent.received_at,
        about or (),
    )


def get_cleaned_copy(session: Session, consultation_id: int, number: int) -> CleanedCopy:
    """The file of a published piece of evidence, to be downloaded. Raises NotFound for any other."""
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
    return CleanedCopy(file, f"{reference}-{row.position + 1}")


def check_filed(session: Session, file_id: int) -> None:
    """Raises NotFound for a file that did not come with a submission."""
    if session.scalar(select(Evidence.id).where(Evidence.file_id == file_id).limit(1)) is None:
        raise NotFound(_("There is no file here that can be shown."))
