"""The queue as moderators read it. One submission in context is in `reading.py`, the logs are in `logs.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import fixed
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode, page
from consult.moderation.model import Batch, BatchItem, Decision, Outcome, Progress, Queue, SavedFilter, Waiting
from consult.moderation.recourse import Appeal, Report
from consult.moderation.service import own_words_of
from consult.moderation.wish import LISTED, Wish
from consult.submissions.model import Comment, Evidence, State, Submission, Tally

PAGE = 25
COUNTED = 1000
"""Queues are counted up to here: a page must not cost more the more waits."""
WHOLE = 600
"""Words up to so many characters are shown whole in the list, and can be published from there."""
NAMED = 3
"""Of a decision on many so many are named where it can be taken back."""
UNDOABLE = 5
"""So many decisions are offered to be taken back, the last ones: half a minute holds few more."""
PLAIN = Wish()
_WAITS = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class Standing:
    """One queue: how many wait in it, up to COUNTED + 1, and since when the oldest does."""

    queue: Queue
    count: int
    oldest: datetime | None

    @property
    def more(self) -> bool:
        return self.count > COUNTED


@dataclass(frozen=True)
class Row:
    """A submission in the queue, without a name."""

    id: int
    reference: str
    revision: int
    received_at: datetime
    language: str
    consultation_id: int
    body: str
    body_language: str
    stance_list: str
    comments: int
    place: str
    own: bool
    same: int
    found: Sequence[str]
    claimed_until: datetime | None
    claimed_by: int | None
    claimer: str | None
    parts: int  # comments and answers together
    length: int
    present: int | None  # filed by a facilitator for a group: how many were there
    evidence: int  # files and references: they are looked at on its own page
    again: bool  # its author sent it in again, and it kept its turn

    @property
    def stances(self) -> list[str]:
        return self.stance_list.split(",") if self.stance_list else []

    @property
    def answers(self) -> int:
        return self.parts - self.comments

    @property
    def whole(self) -> bool:
        """Whether the list shows all of it, so that somebody who reads the list has read it."""
        return self.parts == 1 and self.length <= WHOLE and not self.rough and not self.evidence

    @property
    def rough(self) -> bool:
        """Whether the list shows its words only when asked for."""
        return "rough" in self.found

    @property
    def value(self) -> str:
        """For forms: which submission, as it was read."""
        return f"{self.id}:{self.revision}"


@dataclass(frozen=True)
class QueuePage:
    wish: Wish
    standings: Sequence[Standing]
    consultations: Sequence[tuple[int, str, str, int]]  # id, slug, title, how many wait in any queue
    items: Page[Row]
    filters: Sequence[SavedFilter]
    undoable: Sequence[Undoable]

    @property
    def waiting(self) -> int:
        """How much waits for moderators: what the queues beside it say, without what waits for its author."""
        return sum(row.count for row in self.standings if row.queue is not Queue.RETURNED)

    @property
    def more(self) -> bool:
        return any(row.more for row in self.standings if row.queue is not Queue.RETURNED)

    def title(self, consultation_id: int) -> str:
        return next((row[2] for row in self.consultations if row[0] == consultation_id), "")


@dataclass(frozen=True)
class Undoable:
    """A moderator's decision that has not taken effect."""

    id: int
    many: bool
    outcome: Outcome
    count: int
    references: Sequence[str]  # the first NAMED
    due_at: datetime


_ELSEWHERE: dict[Queue, tuple[Any, ColumnElement[bool]]] = {
    Queue.SECOND: (Batch.proposed_at, Batch.progress == Progress.SECOND_READER),
    Queue.APPEALS: (Appeal.received_at, Appeal.outcome.is_(None)),
    Queue.REPORTED: (Report.received_at, Report.outcome.is_(None)),
}
"""What waits and is no submission: since when, and which."""
_FIRST = aliased(Comment)
"""Made once: an alias maps its columns when it is first used, and that is a tenth of the page's time."""


def queue(session: Session, moderator: Account, wish: Wish, *, after: str | None = None) -> QueuePage:
    """The queue in its order, with counts and the age of the oldest of each. Five statements, whatever waits."""
    return QueuePage(
        wish, standings(session, wish), _consultations(session), _items(session, moderator, wish, after),
        saved(session, moderator), undoable(session, moderator),
    )  # fmt: skip


def standings(session: Session, wish: Wish = PLAIN) -> list[Standing]:
    """How many wait in each queue, up to COUNTED, and since when the oldest: one statement, bounded by COUNTED.

    Of what `wish` looks after; what waits for a second reader is for all.
    """
    found = session.execute(_standings(Wish(seats=() if wish.everyone else wish.seats), COUNTED + 1)).one()
    return [Standing(name, found[2 * n], found[2 * n + 1]) for n, name in enumerate(LISTED)]


@lru_cache(maxsize=64)
def _standings(wish: Wish, most: int) -> Any:
    columns: list[Any] = []
    for name in LISTED:
        since, waits = _ELSEWHERE.get(name, (Waiting.received_at, Waiting.queue == name))
        where = [waits, *(wish.looked_after if name not in _ELSEWHERE else ())]
        here = select(literal(1)).where(*where).limit(most).subquery()
        columns.append(select(func.count()).select_from(here).scalar_subquery())
        columns.append(select(func.min(since)).where(*where).scalar_subquery())
    return select(*columns)


def saved(session: Session, moderator: Account) -> Sequence[SavedFilter]:
    return session.scalars(_saved(), {"me": moderator.id}).all()


@lru_cache(maxsize=1)
def _saved() -> Any:
    return select(SavedFilter).where(SavedFilter.account_id == bindparam("me")).order_by(SavedFilter.name)


def undoable(session: Session, moderator: Account) -> Sequence[Undoable]:
    """The last decisions of this moderator that can still be taken back, on one submission or on many: newest first."""
    return [
        Undoable(row[0], row[1], Outcome(row[2]), *row[3:6])
        for row in session.execute(_undoable(), {"me": moderator.id})
    ]


@lru_cache(maxsize=1)
def _undoable() -> Any:
    """Newest is what this moderator did last: what a colleague confirms later they have proposed long before."""
    me: Any = bindparam("me")
    one = (
        select(
            Decision.id, literal(False), Decision.outcome, literal(1), array([Submission.reference]), Decision.due_at,
            Decision.at.label("did"),
        )
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.moderator_id == me, Decision.ended.is_(None))
    )  # fmt: skip
    goes = and_(BatchItem.batch_id == Batch.id, BatchItem.result.is_(None))
    count = select(func.count()).where(goes).scalar_subquery()
    named = select(Submission.reference).join(BatchItem, BatchItem.submission_id == Submission.id).where(goes)
    named = named.order_by(Submission.id).limit(NAMED).correlate(Batch)
    did = case((Batch.second_id == me, Batch.answered_at), else_=Batch.proposed_at)
    many = select(
        Batch.id, literal(True), Batch.outcome, count, func.array(named.scalar_subquery()), Batch.due_at, did
    ).where(or_(Batch.moderator_id == me, Batch.second_id == me), Batch.progress == Progress.DUE)
    both = one.union_all(many).subquery()
    return select(both).order_by(both.c.did.desc()).limit(UNDOABLE)


def following(session: Session, moderator: Account, wish: Wish, *, submission_id: int) -> int | None:
    """The next submission to decide: the one whose turn comes after this, else the first; never one's own.

    What a colleague has claimed is left to them.
    """
    asks = {"of": submission_id, "me": moderator.id, "address": moderator.email_index, "at": now()}
    row = session.execute(_following(wish), asks).first()
    if row is None:
        raise NotFound(_("There is no such submission."))
    following: int | None = row.next
    return following


@lru_cache(maxsize=64)
def _following(wish: Wish) -> Any:
    this: Any = bindparam("of", type_=BigInteger)
    here = (
        select(func.coalesce(Waiting.turn, Submission.received_at).label("turn"))
        .select_from(Submission)
        .outerjoin(Waiting, Waiting.submission_id == Submission.id)
        .where(Submission.id == this)
        .subquery("here")
    )
    me: Any = bindparam("me")
    free = or_(Waiting.claimed_until.is_(None), Waiting.claimed_until <= bindparam("at"), Waiting.claimed_by == me)
    first = (
        select(Waiting.submission_id)
        .join(Submission, Submission.id == Waiting.submission_id)
        .where(*wish.conditions, free, ~own_words_of(me, bindparam("address")), Waiting.submission_id != this)
        .order_by(Waiting.turn, Waiting.submission_id)
        .limit(fixed(1))
    )
    after = first.where(tuple_(Waiting.turn, Waiting.submission_id) > tuple_(here.c.turn, this))
    either = func.coalesce(after.scalar_subquery(), first.scalar_subquery())
    return select(either.label("next")).select_from(here)


def _consultations(session: Session) -> Sequence[tuple[int, str, str, int]]:
    """How many wait, by consultation, from the running counts."""
    return [(row[0], row[1], row[2], int(row[3])) for row in session.execute(_counted())]


@lru_cache(maxsize=1)
def _counted() -> Any:
    return (
        select(Consultation.id, Consultation.slug, Consultation.title, func.sum(Tally.n))
        .join(Consultation, Consultation.id == Tally.consultation_id)
        .where(Tally.provision_id.is_(None), Tally.state.in_(_WAITS))
        .group_by(Consultation.id)
        .having(func.sum(Tally.n) > 0)
        .order_by(Consultation.closes_at, Consultation.id)
    )


def _items(session: Session, moderator: Account, wish: Wish, after: str | None) -> Page[Row]:
    query = _rows(wish, PAGE)
    if (last := decode(after, 2)) is not None:
        query = query.where(tuple_(Waiting.turn, Waiting.submission_id) > tuple_(*_key(last)))
    asks = {"me": moderator.id, "address": moderator.email_index, "at": now()}
    rows = session.execute(query, asks).all()
    found = page(rows, PAGE, lambda row: [row.turn.isoformat(), row.submission_id])
    return Page([Row(*row[1:]) for row in found.items], found.next_cursor)


@lru_cache(maxsize=64)
def _rows(wish: Wish, size: int) -> Select[Any]:
    """One more than a page of them: the turn, and the columns of Row: of the words only the first."""
    claims = and_(Account.id == Waiting.claimed_by, Waiting.claimed_until > bindparam("at"))
    return (
        select(
            Waiting.turn, Waiting.submission_id, Submission.reference, Waiting.revision, Waiting.received_at,
            Waiting.language, Waiting.consultation_id, func.left(_FIRST.body, WHOLE), _FIRST.language, Waiting.stances,
            Waiting.comments, Waiting.place, own_words_of(bindparam("me"), bindparam("address")), Waiting.same,
            Waiting.found, Waiting.claimed_until, Waiting.claimed_by, Account.display_name,
            select(func.count()).where(Comment.submission_id == Waiting.submission_id).scalar_subquery(),
            func.length(_FIRST.body), Submission.present,
            select(func.count()).where(Evidence.submission_id == Waiting.submission_id).scalar_subquery(),
            Waiting.received_at > Submission.received_at,
        )
        .join(Submission, Submission.id == Waiting.submission_id)
        .outerjoin(_FIRST, and_(_FIRST.submission_id == Waiting.submission_id, _FIRST.position == 0))
        .outerjoin(Account, claims)
        .where(*wish.conditions)
        .order_by(Waiting.turn, Waiting.submission_id)
        .limit(fixed(size + 1))
    )  # fmt: skip


def _key(last: list[Any]) -> tuple[datetime, int]:
    """Where the last page ended. Raises NotFound for a cursor this site did not make."""
    try:
        return datetime.fromisoformat(last[0]).astimezone(UTC), int(last[1]) % 2**63
    except (TypeError, ValueError, OverflowError) as error:
        raise NotFound(_("This page of the list does not exist. Start from its first page.")) from error
