"""Evidence: add to a draft, attach to a submission, publish and erase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.files import attachments
from consult.files import queries as files_queries
from consult.files import service as files
from consult.files.model import StoredFile
from consult.submissions.content.evidence_item import MAX_ITEMS, EvidenceItem
from consult.submissions.content.records import evidence_record
from consult.submissions.evidence import tags as evidence_tags
from consult.submissions.model import Comment, Draft, Evidence, EvidenceKind, Submission


class TooMuchEvidence(Conflict):
    """The submission has the maximum number of files and references."""


class FileGone(Conflict):
    """A file to be sent no longer exists."""


def add_item(items: Sequence[EvidenceItem], item: EvidenceItem) -> tuple[EvidenceItem, ...]:
    """Return the items with another one. Raises TooMuchEvidence."""
    if len(items) >= MAX_ITEMS:
        raise TooMuchEvidence(
            _("A submission can have at most %(most)s files and references. Remove one first.", most=MAX_ITEMS),
            field="file",
        )
    return (*items, item)


def check_files_exist(session: Session, items: Sequence[EvidenceItem]) -> None:
    """Raise FileGone if a file was deleted because it was not sent in time."""
    wanted = {item.file_id for item in items if item.file_id is not None}
    if wanted - files_queries.get_files(session, wanted).keys():
        raise FileGone(
            _("A file was deleted because it was not sent within the time limit. Remove it here, then add it again."),
            field="file",
        )


def find_item(items: Sequence[EvidenceItem], key: str) -> EvidenceItem:
    """Return the item with this key. Raises NotFound."""
    found = next((item for item in items if item.key == key), None)
    if found is None:
        raise NotFound(_("This evidence is no longer in your unfinished submission."))
    return found


def replace_all(session: Session, submission: Submission, items: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
    """Replace the evidence of a submission, and return the records that the ledger commits to."""
    tags = evidence_tags.list_kept_tags(session, submission.id)
    session.execute(delete(Evidence).where(Evidence.submission_id == submission.id))
    promised = attach(session, submission, items)
    evidence_tags.restore_tags(session, submission.id, tags)
    return promised


def attach(session: Session, submission: Submission, items: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
    """Attach evidence to a new submission, and return the records that the ledger commits to."""
    if not items:
        return []
    known = files_queries.get_files(session, [item.file_id for item in items if item.file_id is not None])
    kept = [item for item in items[:MAX_ITEMS] if item.file_id is None or item.file_id in known]
    session.add_all(_row(submission, item, position) for position, item in enumerate(kept))
    session.flush()
    return [_commitment_record(item, known.get(item.file_id or 0)) for item in kept]


def add(session: Session, submission: Submission, item: EvidenceItem) -> Evidence:
    """Add a piece of evidence that is not public. The submission does not change. Raises TooMuchEvidence."""
    there = load_items(session, submission.id)
    add_item(there, item)
    row = _row(submission, item, len(there))
    session.add(row)
    session.flush()
    return row


def _row(submission: Submission, item: EvidenceItem, position: int) -> Evidence:
    if item.kind is None:
        raise Conflict(_("Describe each item of evidence first."))
    return Evidence(
        submission_id=submission.id,
        consultation_id=submission.consultation_id,
        position=position,
        shown=False,
        file_id=item.file_id,
        scheme=item.scheme or None,
        reference=item.reference or None,
        kind=item.kind,
        description=item.description,
        language=item.language,
        year=item.year,
        place=item.place,
        method=item.method,
        consent=item.consent,
        private=item.private,
    )


def _commitment_record(item: EvidenceItem, file: StoredFile | None) -> dict[str, Any]:
    return evidence_record(
        kind=str(item.kind),
        description=item.description,
        reference=item.reference,
        sha256=file.sha256 if file else None,
    )


def load_items(session: Session, submission_id: int) -> tuple[EvidenceItem, ...]:
    """Return the evidence of a submission in the form used in drafts, for its author to change."""
    rows = session.execute(
        select(Evidence, StoredFile.name)
        .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id)
        .order_by(Evidence.position)
    )
    return tuple(
        EvidenceItem(
            row.file_id,
            name or "",
            row.scheme or "",
            row.reference or "",
            row.kind,
            row.description,
            row.language,
            row.year,
            row.place,
            row.method,
            row.consent,
            row.private,
        )
        for row, name in rows
    )


def set_shown(session: Session, submission: Submission, *, shown: bool) -> None:
    """Publish or hide the evidence with its submission. Private evidence stays hidden.

    A mandate is published only after a moderator has read it: see moderation/queue/mandates.py. The file of a paper is
    not shown if its text has redactions, because the file still contains the hidden words.
    """
    public = update(Evidence).where(Evidence.submission_id == submission.id, Evidence.private.is_(False))
    if not shown:
        session.execute(public.values(shown=False))
        return
    covered = select(Comment.id).where(
        Comment.submission_id == submission.id, Comment.paper, Comment.redacted_body.is_not(None)
    )
    whole = or_(Evidence.kind != EvidenceKind.POSITION_PAPER, ~covered.exists())
    session.execute(public.where(Evidence.kind != EvidenceKind.MANDATE).values(shown=whole))


def erase(session: Session, submission: Submission) -> None:
    """Delete the evidence of a submission: rows, files, copies, texts and page images."""
    attachments.erase(session, Evidence, Evidence.submission_id == submission.id)


def select_draft_files() -> Select[tuple[int]]:
    """Select the files of unfinished submissions, which list them as JSON."""
    return select(func.jsonb_array_elements_text(Draft.file_ids).cast(BigInteger))


def describe_item(item: EvidenceItem, said: EvidenceItem) -> EvidenceItem:
    """Return the item with a new description. The file or reference stays the same."""
    return replace(
        said,
        key=item.key,
        file_id=item.file_id,
        name=item.name,
        scheme=said.scheme or item.scheme,
        reference=said.reference or item.reference,
        consent=item.consent or said.consent,
        private=item.private,
    )


def discard_file(session: Session, item: EvidenceItem) -> None:
    """Delete the file of an item removed from a draft, unless it was filed with a submission."""
    discard_files(session, [item.file_id] if item.file_id is not None else [])


def discard_files(session: Session, file_ids: Sequence[int]) -> None:
    """Delete files that were only in a draft. Those filed with a submission remain."""
    if file_ids:
        filed = set(session.scalars(select(Evidence.file_id).where(Evidence.file_id.in_(file_ids))))
        files.erase(session, [number for number in file_ids if number not in filed])
