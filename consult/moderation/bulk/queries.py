"""Queries on bulk decisions: previews, batches that wait for a second reader, and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.moderation import letters
from consult.moderation.bulk.distinct_texts import SHOWN, DistinctText, list_distinct_texts
from consult.moderation.bulk.items import find_own_items
from consult.moderation.bulk.service import MOST
from consult.moderation.model import Batch, BatchItem, BatchItemResult, BatchProgress, QueueEntry
from consult.submissions.comments.parties import find_own
from consult.submissions.model import Comment, Submission, SubmitterKind

_SECOND = aliased(Account)


@dataclass(frozen=True)
class BulkSummary:
    """A preview of a bulk decision."""

    count: int
    own: int  # left to other moderators
    organisations: int
    flagged: int  # with findings of the checks
    changed: int  # selected, but changed since they were read
    consultations: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class BatchReport:
    """A batch and its progress."""

    batch: Batch
    proposer: str
    second: str | None
    results: Mapping[BatchItemResult | None, int]
    parts: Sequence[DistinctText]
    own: bool  # the reader may not confirm it, because all of it is their own
    hidden: Sequence[tuple[str, str]] = ()  # words hidden from the public, each with its reason code

    @property
    def count(self) -> int:
        return sum(self.results.values())

    @property
    def done(self) -> int:
        return self.count - self.results.get(None, 0)

    @property
    def of(self) -> Mapping[str, int]:
        """Return the number of items by result."""
        return {str(result): n for result, n in self.results.items() if result is not None}


@dataclass(frozen=True)
class SecondReaderRequest:
    """A batch in the second readers' queue."""

    batch: Batch
    proposer: str
    count: int
    part: DistinctText  # of most submissions


def summarise_selection(
    session: Session,
    moderator: Account,
    *,
    items: Sequence[tuple[int, int]] = (),
    where: Sequence[ColumnElement[bool]] | None = None,
) -> BulkSummary:
    """Return the preview of a selection, counted in the database.

    At most MOST submissions, first in the queue order.
    """
    read = dict(items)
    chosen = select(QueueEntry.submission_id).where(QueueEntry.queue == QueueEntry.home)
    chosen = chosen.where(*where).limit(MOST) if where is not None else chosen.where(QueueEntry.submission_id.in_(read))
    if where is not None:
        chosen = chosen.order_by(QueueEntry.turn, QueueEntry.submission_id)
    own = len(find_own(session, session.scalars(chosen).all(), moderator))
    ids = chosen.subquery()
    found = session.execute(
        select(
            func.count(),
            func.count(case((Submission.submitter_kind == SubmitterKind.ORGANISATION, 1))),
            func.count(case((func.jsonb_array_length(QueueEntry.found) > 0, 1))),
        )
        .join(QueueEntry, QueueEntry.submission_id == Submission.id)
        .where(Submission.id.in_(select(ids)))
    ).one()
    changed = 0
    if where is None:
        stands = session.execute(select(Submission.id, Submission.revision).where(Submission.id.in_(select(ids))))
        changed = len(read) - sum(read[row.id] == row.revision for row in stands)
    return BulkSummary(
        found[0],
        own,
        *found[1:],
        changed,
        _count_by(session, ids, Consultation.title),
        _count_by(session, ids, QueueEntry.language),
    )


def list_second_reader_requests(session: Session) -> list[SecondReaderRequest]:
    """List batches that wait for a second reader, oldest first."""
    count = select(func.count()).where(BatchItem.batch_id == Batch.id, BatchItem.result.is_(None)).scalar_subquery()
    rows = session.execute(
        select(Batch, Account.display_name, count)
        .join(Account, Account.id == Batch.moderator_id)
        .where(Batch.progress == BatchProgress.SECOND_READER)
        .order_by(Batch.id)
        .limit(SHOWN)
    ).all()
    firsts = _list_first_texts(session, [row[0].id for row in rows])
    return [SecondReaderRequest(row[0], row[1], row[2], firsts[row[0].id]) for row in rows if row[0].id in firsts]


def get_batch_report(session: Session, batch_id: int, *, for_whom: Account) -> BatchReport:
    """Return a batch with the results of its items and the first of them. Raises NotFound."""
    row = session.execute(
        select(Batch, Account.display_name, _SECOND.display_name)
        .join(Account, Account.id == Batch.moderator_id)
        .outerjoin(_SECOND, _SECOND.id == Batch.second_id)
        .where(Batch.id == batch_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this decision."))
    counted = session.execute(
        select(BatchItem.result, func.count()).where(BatchItem.batch_id == batch_id).group_by(BatchItem.result)
    )
    results = {result: int(n) for result, n in counted}
    left = results.get(None, 0)
    own = left > 0 and len(find_own_items(session, batch_id, for_whom)) == left
    parts = list_distinct_texts(session, batch_id)
    return BatchReport(
        row[0], row[1], row[2], results, parts, own, letters.list_hidden_words(session, row[0].redactions)
    )


def _count_by(session: Session, ids: Any, column: Any) -> list[tuple[str, int]]:
    counted = (
        select(column, func.count())
        .select_from(QueueEntry)
        .join(Consultation, Consultation.id == QueueEntry.consultation_id)
        .where(QueueEntry.submission_id.in_(select(ids)))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    return [(name, int(n)) for name, n in session.execute(counted)]


def _list_first_texts(session: Session, batch_ids: Sequence[int]) -> dict[int, DistinctText]:
    """Return the beginning of the text that most submissions of each batch have, in its first submission."""
    first = func.min(BatchItem.submission_id)
    number = func.row_number().over(partition_by=BatchItem.batch_id, order_by=(func.count().desc(), first))
    texts = (
        select(BatchItem.batch_id, first.label("submission_id"), func.count().label("copies"), number.label("n"))
        .join(Submission, Submission.id == BatchItem.submission_id)
        .where(BatchItem.batch_id.in_(batch_ids))
        .group_by(BatchItem.batch_id, Submission.text_hash, BatchItem.result)
        .subquery()
    )
    begins = func.left(Comment.body, 600)
    rows = session.execute(
        select(texts.c.batch_id, Submission.id, Submission.reference, begins, Comment.language, texts.c.copies)
        .join(Submission, Submission.id == texts.c.submission_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(texts.c.n == 1)
    )
    return {
        batch_id: DistinctText(number, reference, words or "", language or DEFAULT_LANGUAGE, None, copies)
        for batch_id, number, reference, words, language, copies in rows
    }
