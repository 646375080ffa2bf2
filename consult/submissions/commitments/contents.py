"""Stored submissions with all data of their commitments, loaded in batches.

Enums are loaded as text, so an unknown value counts as a difference instead of raising an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.db import as_word
from consult.documents.model import Provision
from consult.files.model import StoredFile
from consult.ledger.kinds import SUBMISSION_KINDS
from consult.ledger.model import Kind, LedgerEntry
from consult.ledger.service import PRACTICE
from consult.submissions.fields import STORED
from consult.submissions.model import Comment, Evidence, FormerWords, Placement, Submission

ENTRY_KINDS = (*SUBMISSION_KINDS, Kind.MANDATE_ATTACHED)
"""Kinds of entries about a submission's contents or state."""
WORDED = frozenset({Kind.RECEIVED, Kind.AMENDED, Kind.REPLIED})
"""Kinds of entries at which a submission was sent in."""


@dataclass(frozen=True)
class StoredContents:
    """A submission's row, its rows in other tables in order, and its entries, oldest first."""

    row: Any
    comments: Sequence[Any]
    placements: Mapping[int, Sequence[Any]]  # by comment id
    evidence: Sequence[Any]
    entries: Sequence[Any]
    former: int  # number of stored earlier versions

    @property
    def sendings(self) -> Sequence[Any]:
        """Return the entries at which it was sent in, first or again."""
        return [entry for entry in self.entries if entry.kind in WORDED]

    @property
    def promise(self) -> Any | None:
        """Return the entry with the commitment to the current text, or None."""
        return next((entry for entry in reversed(self.sendings) if entry.commitment), None)

    @property
    def mandates(self) -> Sequence[Any]:
        """Return the entries of mandate files attached since that commitment: the last pieces of evidence."""
        since = self.promise.id if self.promise else 0
        return [entry for entry in self.entries if entry.kind == Kind.MANDATE_ATTACHED and entry.id > since]


@lru_cache(maxsize=1)
def _submission_query() -> Any:
    more = [as_word(getattr(Submission, field.name)) for field in STORED]
    return select(
        Submission.id,
        Submission.consultation_id,
        Submission.reference,
        as_word(Submission.state),
        as_word(Submission.submitter_kind),
        Submission.received_at,
        Submission.salt,
        Submission.contact_id,
        *more,
    ).order_by(Submission.id)


_COMMENTS = (
    select(
        Comment.id,
        Comment.submission_id,
        Comment.consultation_id,
        Comment.position,
        Comment.provision_id,
        Provision.wid,
        Comment.question_id,
        as_word(Comment.stance),
        Comment.language,
        Comment.body,
        Comment.anchor,
        Comment.answer,
        Comment.paper_place,
        Comment.shown,
        Comment.redacted_body,
        Comment.redactions,
    )
    .outerjoin(Provision, Provision.id == Comment.provision_id)
    .order_by(Comment.submission_id, Comment.position, Comment.id)
)
_PLACEMENTS = (
    select(
        Placement.comment_id,
        Placement.provision_id,
        Provision.wid,
        Placement.anchor,
        as_word(Placement.placer),
        Placement.at,
    )
    .join(Comment, Comment.id == Placement.comment_id)
    .join(Provision, Provision.id == Placement.provision_id)
    .order_by(Placement.comment_id, Placement.id)
)
_EVIDENCE = (
    select(Evidence.submission_id, as_word(Evidence.kind), Evidence.description, Evidence.reference, StoredFile.sha256)
    .outerjoin(StoredFile, StoredFile.id == Evidence.file_id)
    .order_by(Evidence.submission_id, Evidence.position, Evidence.id)
)
_ENTRIES = select(
    LedgerEntry.id,
    LedgerEntry.number,
    LedgerEntry.at,
    LedgerEntry.kind,
    LedgerEntry.consultation_id,
    LedgerEntry.subject_id,
    LedgerEntry.commitment,
    LedgerEntry.detail,
).where(LedgerEntry.kind.in_(ENTRY_KINDS))


def load(session: Session, ids: Collection[int], *, lock: bool = False) -> list[StoredContents]:
    """Load the existing ones of these submissions, in order. With `lock`, they cannot change meanwhile."""
    wanted = _submission_query().where(Submission.id.in_(ids))
    rows = session.execute(wanted.with_for_update(read=True) if lock else wanted).all()
    comments = _group(session, _COMMENTS.where(Comment.submission_id.in_(ids)), "submission_id")
    placements = _group(session, _PLACEMENTS.where(Comment.submission_id.in_(ids)), "comment_id")
    evidence = _group(session, _EVIDENCE.where(Evidence.submission_id.in_(ids)), "submission_id")
    entries = _group(
        session,
        _ENTRIES.where(LedgerEntry.subject_id.in_(ids)).order_by(LedgerEntry.subject_id, LedgerEntry.id),
        "subject_id",
    )
    counted = select(FormerWords.submission_id, func.count()).where(FormerWords.submission_id.in_(ids))
    former = {row[0]: row[1] for row in session.execute(counted.group_by(FormerWords.submission_id))}
    return [
        StoredContents(
            row,
            comments.get(row.id, ()),
            {one.id: placements[one.id] for one in comments.get(row.id, ()) if one.id in placements},
            evidence.get(row.id, ()),
            entries.get(row.id, ()),
            former.get(row.id, 0),
        )
        for row in rows
    ]


def list_next_ids(session: Session, *, after: int, most: int) -> list[int]:
    """Return the ids of the next submissions."""
    query = (
        select(Submission.id)
        .where(Submission.id > after, Submission.consultation_id < PRACTICE)
        .order_by(Submission.id)
        .limit(most)
    )
    return list(session.scalars(query))


def list_orphan_entries(session: Session, *, after: int, until: int | None) -> Sequence[Any]:
    """Return the first entry of subjects in `(after, until]` without a submission, up to 1,000."""
    here = [LedgerEntry.subject_id > after, *([LedgerEntry.subject_id <= until] if until is not None else [])]
    there = select(Submission.id).where(Submission.id == LedgerEntry.subject_id).exists()
    lost = (
        select(LedgerEntry.subject_id, func.min(LedgerEntry.number), func.count())
        .where(*here, LedgerEntry.kind.in_(SUBMISSION_KINDS), ~there)
        .group_by(LedgerEntry.subject_id)
        .order_by(LedgerEntry.subject_id)
    )
    return session.execute(lost.limit(1000)).all()


def _group(session: Session, query: Any, by: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    key = attrgetter(by)
    rows: Iterable[Any] = session.execute(query)
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
