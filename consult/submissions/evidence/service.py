"""Evidence: add to a draft, attach to a submission, show, erase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Select, delete, func, or_, select, union_all, update
from sqlalchemy.orm import Session

from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _
from consult.files import queries as files_queries
from consult.files import service as files
from consult.files.model import StoredFile
from consult.submissions.commitments.records import evidence_record
from consult.submissions.evidence import tags as evidence_tags
from consult.submissions.evidence.items import MAX_ITEMS, EvidenceItem
from consult.submissions.model import Comment, Draft, Evidence, EvidenceKind, Submission


class TooMuchEvidence(Conflict):
    """There are as many files and references as one submission takes."""


class FileGone(Conflict):
    """A file that is about to be sent is not there any more."""


def add_item(items: Sequence[EvidenceItem], item: EvidenceItem) -> tuple[EvidenceItem, ...]:
    """The items with one more. Raises EnoughEvidence."""
    if len(items) >= MAX_ITEMS:
        raise TooMuchEvidence(
            _("A submission takes at most %(most)s files and references. Remove one first.", most=MAX_ITEMS),
            field="file",
        )
    return (*items, item)


def check_files_exist(session: Session, items: Sequence[EvidenceItem]) -> None:
    """Raises FileGone where a file was destroyed because it was neither sent nor kept in time."""
    wanted = {item.file_id for item in items if item.file_id is not None}
    if wanted - files_queries.get_files(session, wanted).keys():
        raise FileGone(_("A file is gone: it was not sent in time. Remove it here, and add it again."), field="file")


def find_item(items: Sequence[EvidenceItem], key: str) -> EvidenceItem:
    """The item with this key. Raises NotFound."""
    found = next((item for item in items if item.key == key), None)
    if found is None:
        raise NotFound(_("This piece of evidence is not in your unsent answer any more."))
    return found


def replace_all(session: Session, submission: Submission, items: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
    """Makes these the evidence of a submission, in place of what there was; gives what the ledger commits to."""
    tags = evidence_tags.list_kept_tags(session, submission.id)
    session.execute(delete(Evidence).where(Evidence.submission_id == submission.id))
    promised = attach(session, submission, items)
    evidence_tags.restore_tags(session, submission.id, tags)
    return promised


def attach(session: Session, submission: Submission, items: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
    """Makes these the evidence of a submission that has none yet; gives what the ledger commits to."""
    if not items:
        return []
    known = files_queries.get_files(session, [item.file_id for item in items if item.file_id is not None])
    kept = [item for item in items[:MAX_ITEMS] if item.file_id is None or item.file_id in known]
    session.add_all(_row(submission, item, position) for position, item in enumerate(kept))
    session.flush()
    return [_commitment_record(item, known.get(item.file_id or 0)) for item in kept]


def add(session: Session, submission: Submission, item: EvidenceItem) -> Evidence:
    """Puts one piece that is not shown behind what there is; its submission stays as it is. Raises EnoughEvidence."""
    there = load_items(session, submission.id)
    add_item(there, item)
    row = _row(submission, item, len(there))
    session.add(row)
    session.flush()
    return row


def _row(submission: Submission, item: EvidenceItem, position: int) -> Evidence:
    if item.kind is None:
        raise Conflict(_("Describe each piece of your evidence first."))
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
    """The evidence of a submission as a draft keeps it, for its author to change."""
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
    """Follows the submission's state: only the evidence of a published one is public, and none that is private.

    A mandate is shown only once a moderator has read it, which is a step of its own: see moderation/queue/mandates.py.
    The file of a paper is not shown where words of its text are covered: they would still be in it.
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
    """Destroys the evidence of a submission: rows, files, copies, texts and page images."""
    gone = session.scalars(
        delete(Evidence).where(Evidence.submission_id == submission.id).returning(Evidence.file_id)
    ).all()
    files.erase(session, [file_id for file_id in gone if file_id is not None])


def select_claimed_files() -> Select[tuple[int]]:
    """The files that a submission or a draft names."""
    drafted = select(func.jsonb_array_elements_text(Draft.file_ids).cast(BigInteger))
    return select(union_all(select(Evidence.file_id).where(Evidence.file_id.is_not(None)), drafted).subquery().c[0])


def describe_item(item: EvidenceItem, said: EvidenceItem) -> EvidenceItem:
    """The item with what is newly said of it; the file or the reference stays what it is."""
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
    """Destroys the file of an item that was taken out of a draft, unless it was filed with a submission before."""
    discard_files(session, [item.file_id] if item.file_id is not None else [])


def discard_files(session: Session, file_ids: Sequence[int]) -> None:
    """Destroys files that were only of a draft; those that were filed with a submission stay."""
    if file_ids:
        filed = set(session.scalars(select(Evidence.file_id).where(Evidence.file_id.in_(file_ids))))
        files.erase(session, [number for number in file_ids if number not in filed])
