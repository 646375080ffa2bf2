"""Queries on filed evidence: of a submission, public items, and downloads."""

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
"""Types that a published submission may have without showing them."""
_BEGINNING = 700
"""Maximum number of characters of a file's text shown on its page."""


@dataclass(frozen=True)
class EvidencePiece:
    """A piece of evidence with its file, if it has one."""

    row: Evidence
    file: StoredFile | None

    @property
    def link(self) -> str:
        """Return the URL of a reference, or "" if there is none."""
        return references.reference_url(self.row.scheme or "", self.row.reference or "")


@dataclass(frozen=True)
class PublicEvidence(EvidencePiece):
    """A piece of public evidence with its author. It has the fields from which an author's label is made."""

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
    """A cleaned file for download. Its file name contains nothing that the author typed."""

    file: StoredFile
    name: str


def list_by_submission(session: Session, submission_id: int) -> list[EvidencePiece]:
    """Return the evidence of a submission in order, in any state, for its author and moderators."""
    rows = session.execute(
        select(Evidence, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id)
        .order_by(Evidence.position)
        .options(defer(StoredFile.text))
    )
    return [EvidencePiece(row, file) for row, file in rows]


def has_evidence(submission_id: Any) -> ColumnElement[bool]:
    """Return a condition for submissions with evidence."""
    return select(Evidence.id).where(Evidence.submission_id == submission_id).exists()


def filter_public(exhibits: Sequence[EvidencePiece]) -> list[EvidencePiece]:
    """Return evidence that anyone may see: references, and files that are clean or being checked. No private ones.

    Mandates must have been read by a moderator, and papers must have no redactions in their text.
    """
    open_to_all = [it for it in exhibits if not it.row.private and (it.row.shown or it.row.kind not in _SHOWN_APART)]
    return [it for it in open_to_all if it.file is None or it.file.state in (FileState.CLEAN, FileState.WAITING)]


def filter_mandates(exhibits: Sequence[EvidencePiece]) -> list[EvidencePiece]:
    """Return the mandate files."""
    return [it for it in exhibits if _is_mandate(it)]


def _is_mandate(it: EvidencePiece) -> bool:
    return it.row.kind is EvidenceKind.MANDATE


def get_public_evidence(session: Session, ids: Collection[int]) -> dict[int, PublicEvidence]:
    """Return public evidence by id. Other evidence, or files that are not clean, are left out."""
    if not ids:
        return {}
    rows = session.execute(_is_public().where(Evidence.id.in_(ids)))
    return {row[0].id: _to_public_evidence(*row) for row in rows}


def get_public_piece(session: Session, consultation_id: int, number: int) -> PublicEvidence:
    """Return a public piece of evidence.

    Raises NotFound, with the reason if its submission was withdrawn or withheld.
    """
    row = session.execute(
        _is_public().where(Evidence.id == number, Evidence.consultation_id == consultation_id)
    ).first()
    if row is None:
        raise NotFound(_why_not_shown(session, consultation_id, number))
    return _to_public_evidence(*row)


def _why_not_shown(session: Session, consultation_id: int, number: int) -> str:
    these = (Evidence.id == number, Evidence.consultation_id == consultation_id, Evidence.private.is_(False))
    state = session.scalar(
        select(Submission.state).join(Evidence, Evidence.submission_id == Submission.id).where(*these)
    )
    if state in (State.WITHDRAWN, State.WITHHELD):
        return _(
            "This evidence is no longer shown. Its submission was withdrawn, or a moderator decided not to publish it."
        )
    return _("We cannot find published evidence with this number. It may be waiting for review.")


def get_excerpt(session: Session, piece: EvidencePiece) -> str:
    """Return the beginning of its file's text, or "". Line breaks of a PDF are removed."""
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
    """Return the file of a published piece of evidence for download. Raises NotFound for any other."""
    found = session.execute(
        select(Evidence, StoredFile, Submission.reference)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .join(Submission, Submission.id == Evidence.submission_id)
        .where(Evidence.id == number, Evidence.consultation_id == consultation_id, Evidence.shown)
        .options(defer(StoredFile.text))
    ).first()
    if found is None:
        raise NotFound(_("We cannot find this file."))
    row, file, reference = found
    return CleanedCopy(file, f"{reference}-{row.position + 1}")


def check_filed(session: Session, file_id: int) -> None:
    """Raise NotFound for a file that was not sent with a submission."""
    if session.scalar(select(Evidence.id).where(Evidence.file_id == file_id).limit(1)) is None:
        raise NotFound(_("We cannot find this file."))
