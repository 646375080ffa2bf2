"""What moderators read of decisions on many: what would happen, what waits for a second reader, what became of it."""

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
from consult.moderation import letters
from consult.moderation.batches import MOST
from consult.moderation.model import Batch, BatchItem, Progress, Result, Waiting
from consult.moderation.service import own_words
from consult.submissions.model import Comment, Submission, SubmitterKind

SHOWN = 30
_SECOND = aliased(Account)


@dataclass(frozen=True)
class Summary:
    """What a decision on many would touch, before it is made."""

    count: int
    own: int  # left for others
    organisations: int
    flagged: int  # the checks point at something
    changed: int  # picked, but no longer as it was read
    consultations: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Part:
    """A submission of a batch."""

    id: int
    reference: str
    words: str
    language: str
    result: Result | None


@dataclass(frozen=True)
class Report:
    """A batch, and how far it is."""

    batch: Batch
    proposer: str
    second: str | None
    results: Mapping[Result | None, int]
    parts: Sequence[Part]
    own: bool  # the reader may not confirm it: it holds words of theirs alone
    hidden: Sequence[tuple[str, str]] = ()  # words that the public would not read, with the codes of the reasons

    @property
    def count(self) -> int:
        return sum(self.results.values())

    @property
    def done(self) -> int:
        return self.count - self.results.get(None, 0)

    @property
    def of(self) -> Mapping[str, int]:
        """How many were decided, changed meanwhile, and left for others."""
        return {str(result): n for result, n in self.results.items() if result is not None}


@dataclass(frozen=True)
class Asked:
    """A batch in the queue of the second readers."""

    batch: Batch
    proposer: str
    count: int
    part: Part  # the first of it


def summary(
    session: Session,
    moderator: Account,
    *,
    items: Sequence[tuple[int, int]] = (),
    where: Sequence[ColumnElement[bool]] | None = None,
) -> Summary:
    """What these would be, counted in the database. At most MOST, the first in turn."""
    read = dict(items)
    chosen = select(Waiting.submission_id).where(Waiting.queue == Waiting.home)
    chosen = chosen.where(*where).limit(MOST) if where is not None else chosen.where(Waiting.submission_id.in_(read))
    if where is not None:
        chosen = chosen.order_by(Waiting.turn, Waiting.submission_id)
    ids = chosen.subquery()
    found = session.execute(
        select(
            func.count(), func.count(case((own_words(moderator), 1))),
            func.count(case((Submission.submitter_kind == SubmitterKind.ORGANISATION, 1))),
            func.count(case((func.jsonb_array_length(Waiting.found) > 0, 1))),
        )
        .join(Waiting, Waiting.submission_id == Submission.id)
        .where(Submission.id.in_(select(ids)))
    ).one()  # fmt: skip
    changed = 0
    if where is None:
        stands = session.execute(select(Submission.id, Submission.revision).where(Submission.id.in_(select(ids))))
        changed = len(read) - sum(read[row.id] == row.revision for row in stands)
    return Summary(*found, changed, _by(session, ids, Consultation.title), _by(session, ids, Waiting.language))


def waiting_for_second(session: Session) -> list[Asked]:
    """What waits for a second reader, the oldest first."""
    count = select(func.count()).where(BatchItem.batch_id == Batch.id, BatchItem.result.is_(None)).scalar_subquery()
    rows = session.execute(
        select(Batch, Account.display_name, count)
        .join(Account, Account.id == Batch.moderator_id)
        .where(Batch.progress == Progress.SECOND_READER)
        .order_by(Batch.id)
        .limit(SHOWN)
    ).all()
    firsts = _parts(session, [row[0].id for row in rows], each=1)
    return [Asked(row[0], row[1], row[2], firsts[row[0].id][0]) for row in rows if row[0].id in firsts]


def report(session: Session, batch_id: int, *, for_whom: Account) -> Report:
    """A batch with what became of its items, and the first of them. Raises NotFound."""
    row = session.execute(
        select(Batch, Account.display_name, _SECOND.display_name)
        .join(Account, Account.id == Batch.moderator_id)
        .outerjoin(_SECOND, _SECOND.id == Batch.second_id)
        .where(Batch.id == batch_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("There is no such decision."))
    counted = session.execute(
        select(BatchItem.result, func.count()).where(BatchItem.batch_id == batch_id).group_by(BatchItem.result)
    )
    results = {result: int(n) for result, n in counted}
    mine = select(func.count()).select_from(BatchItem).join(Submission, Submission.id == BatchItem.submission_id)
    mine = mine.where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None), own_words(for_whom))
    own = results.get(None, 0) > 0 and session.scalar(mine) == results.get(None, 0)
    parts = _parts(session, [batch_id], each=SHOWN).get(batch_id, [])
    return Report(row[0], row[1], row[2], results, parts, own, letters.hidden_words(session, row[0].redactions))


def _by(session: Session, ids: Any, column: Any) -> list[tuple[str, int]]:
    counted = (
        select(column, func.count())
        .select_from(Waiting)
        .join(Consultation, Consultation.id == Waiting.consultation_id)
        .where(Waiting.submission_id.in_(select(ids)))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    return [(name, int(n)) for name, n in session.execute(counted)]


def _parts(session: Session, batch_ids: Sequence[int], *, each: int) -> dict[int, list[Part]]:
    """The first submissions of each batch."""
    number = func.row_number().over(partition_by=BatchItem.batch_id, order_by=BatchItem.submission_id)
    firsts = select(BatchItem, number.label("n")).where(BatchItem.batch_id.in_(batch_ids)).subquery()
    rows = session.execute(
        select(firsts.c.batch_id, Submission.id, Submission.reference, func.left(Comment.body, 600), Comment.language,
               firsts.c.result)
        .join(Submission, Submission.id == firsts.c.submission_id)
        .outerjoin(Comment, (Comment.submission_id == Submission.id) & (Comment.position == 0))
        .where(firsts.c.n <= each)
        .order_by(firsts.c.batch_id, Submission.id)
    )  # fmt: skip
    found: dict[int, list[Part]] = {}
    for row in rows:
        result = Result(row[5]) if row[5] else None
        found.setdefault(row[0], []).append(Part(row[1], row[2], row[3] or "", row[4] or "en", result))
    return found
