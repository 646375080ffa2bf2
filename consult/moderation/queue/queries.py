"""Queries on the queue. For one submission in context see `case_page.py`, for the logs `decision_log.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    all_,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis.model import TextGroup
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import literal_number
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_cursor, make_page
from consult.moderation import held_answers, urgency
from consult.moderation.model import (
    Batch,
    BatchProgress,
    Queue,
    QueueEntry,
    SavedFilter,
)
from consult.moderation.queue import mandates
from consult.moderation.queue.filters import LISTED_QUEUES, QueueFilter
from consult.moderation.queue.undoable import UndoableDecision, list_undoable
from consult.moderation.recourse.model import Appeal, Report
from consult.submissions.comments import parties
from consult.submissions.model import Comment, Evidence, State, Submission, Tally

PAGE = 25
TRIED = 20
"""Submissions compared with the rule on conflicts of interest at a time, in search of the next one."""
COUNTED = 1000
"""Maximum count of a queue, so that a page costs the same however many wait."""
LINE = 160
"""Characters of text sent for a row of the list. The review page has the full text."""
PLAIN = QueueFilter()
_WAITS = (State.PENDING, State.RETURNED)
_READ = (Queue.NEW, Queue.HELD, Queue.SAME, Queue.FILES)
"""Queues that wait for a moderator. Each submission is in one."""


@dataclass(frozen=True)
class QueueCount:
    """The size of a queue, up to COUNTED + 1, and the time its oldest item was received."""

    queue: Queue
    count: int
    oldest: datetime | None

    @property
    def more(self) -> bool:
        return self.count > COUNTED


@dataclass(frozen=True)
class QueueRow:
    """A submission in the queue, without names."""

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
    same: int
    found: Sequence[str]
    claimed_until: datetime | None
    claimed_by: int | None
    claimer: str | None
    parts: int  # number of comments and answers
    present: int | None  # number of people present, if filed by a facilitator for a group
    evidence: int  # number of files and links
    again: bool  # sent in again by its author, with its earlier turn
    own: bool  # the moderator has a conflict of interest

    @property
    def stances(self) -> list[str]:
        return self.stance_list.split(",") if self.stance_list else []

    @property
    def answers(self) -> int:
        return self.parts - self.comments

    @property
    def rough(self) -> bool:
        """Return whether the list hides its text as offensive."""
        return "rough" in self.found

    @property
    def early(self) -> bool:
        """Return True if the submission has priority and a deadline of its own."""
        return urgency.CODE in self.found

    @property
    def due_at(self) -> datetime:
        """Return the deadline of a priority submission."""
        return self.received_at + urgency.DUE

    @property
    def value(self) -> str:
        """Return the form value `id:revision`."""
        return f"{self.id}:{self.revision}"


@dataclass(frozen=True)
class QueuePage:
    queue_filter: QueueFilter
    queue_counts: Sequence[QueueCount]
    # Id, slug, title and number of waiting submissions in all queues.
    consultations: Sequence[tuple[int, str, str, int]]
    items: Page[QueueRow]
    saved_filters: Sequence[SavedFilter]
    undoable: Sequence[UndoableDecision]
    mandates: Sequence[tuple[int, str]]  # id and reference of published submissions with an unread mandate file

    @property
    def waiting(self) -> int:
        """Return the number of items that wait for moderators, without those returned to authors."""
        return sum(row.count for row in self.queue_counts if row.queue is not Queue.RETURNED)

    @property
    def more(self) -> bool:
        return any(row.more for row in self.queue_counts if row.queue is not Queue.RETURNED)

    def title(self, consultation_id: int) -> str:
        return next((row[2] for row in self.consultations if row[0] == consultation_id), "")


_ELSEWHERE: dict[Queue, tuple[Any, ColumnElement[bool]]] = {
    Queue.SECOND: (Batch.proposed_at, Batch.progress == BatchProgress.SECOND_READER),
    Queue.APPEALS: (
        Appeal.received_at,
        Appeal.outcome.is_(None) & ~held_answers.has_pending_answer(Appeal.submission_id),
    ),
    Queue.REPORTED: (
        Report.received_at,
        Report.outcome.is_(None) & ~held_answers.has_pending_answer(Report.submission_id),
    ),
}
"""Other items that wait: the column with their start time, and a condition."""
_FIRST = aliased(Comment)
"""Created once, because mapping the columns of an alias takes a tenth of the page's time."""


def get_queue_page(
    session: Session, moderator: Account, queue_filter: QueueFilter, *, after: str | None = None
) -> QueuePage:
    """Return a page of the queue with the size and oldest item of each queue. Five statements."""
    counts, unread = _read_counts(session, queue_filter, with_mandates=True)
    return QueuePage(
        queue_filter,
        counts,
        _consultations(session),
        _items(session, moderator, queue_filter, after),
        list_saved_filters(session, moderator),
        list_undoable(session, moderator),
        unread,
    )


def count_queues(session: Session, queue_filter: QueueFilter = PLAIN) -> list[QueueCount]:
    """Count the items of each queue, up to COUNTED, with the time of the oldest. One bounded statement.

    Counts follow the assignments in `queue_filter`, except for the second readers' queue.
    """
    return _read_counts(session, queue_filter)[0]


def _read_counts(
    session: Session, queue_filter: QueueFilter, *, with_mandates: bool = False
) -> tuple[list[QueueCount], list[tuple[int, str]]]:
    """Return the counts and, if requested, the submissions with unread mandate files."""
    scope = QueueFilter(seats=() if queue_filter.everyone else queue_filter.seats)
    row = session.execute(_counts_query(scope, COUNTED + 1, with_mandates)).one()
    counts = [QueueCount(name, row[2 * n], row[2 * n + 1]) for n, name in enumerate(LISTED_QUEUES)]
    return counts, [(number, reference) for number, reference in row[-1] or []] if with_mandates else []


@lru_cache(maxsize=64)
def _counts_query(queue_filter: QueueFilter, most: int, with_mandates: bool) -> Any:
    columns: list[Any] = []
    for name in LISTED_QUEUES:
        since, waits = _ELSEWHERE.get(name, (QueueEntry.received_at, QueueEntry.queue == name))
        where = [waits, *(queue_filter.looked_after if name not in _ELSEWHERE else ())]
        here = select(literal(1)).where(*where).limit(most).subquery()
        columns.append(select(func.count()).select_from(here).scalar_subquery())
        columns.append(select(func.min(since)).where(*where).scalar_subquery())
    if with_mandates:
        columns.append(mandates.unread_query())
    return select(*columns)


def list_saved_filters(session: Session, moderator: Account) -> Sequence[SavedFilter]:
    return session.scalars(_saved_query(), {"me": moderator.id}).all()


@lru_cache(maxsize=1)
def _saved_query() -> Any:
    return select(SavedFilter).where(SavedFilter.account_id == bindparam("me")).order_by(SavedFilter.name)


def find_next(session: Session, moderator: Account, queue_filter: QueueFilter, *, submission_id: int) -> int | None:
    """Return the next submission to decide: the one after this, else the first. Raises NotFound.

    Submissions claimed by colleagues are skipped, and those with a conflict of interest of the moderator.
    """
    turn = session.scalar(_turn_query(), {"of": submission_id})
    if turn is None:
        raise NotFound(_("We cannot find this submission."))
    waiting = [number for number, *_rest in _consultations(session)]
    asks = {"turn": turn, "of": submission_id, "me": moderator.id, "at": now()}
    asks["elsewhere"] = sorted(parties.find_own_consultations(session, waiting, moderator))
    tried = [submission_id]
    following: Sequence[int]
    while following := session.scalars(_next_query(queue_filter), {**asks, "tried": tried}).all():
        own = parties.find_own(session, following, moderator)
        if free := [number for number in following if number not in own]:
            return free[0]
        tried += following
    return None


@lru_cache(maxsize=1)
def _turn_query() -> Any:
    return (
        select(func.coalesce(QueueEntry.turn, Submission.received_at))
        .select_from(Submission)
        .outerjoin(QueueEntry, QueueEntry.submission_id == Submission.id)
        .where(Submission.id == bindparam("of"))
    )


@lru_cache(maxsize=64)
def _next_query(queue_filter: QueueFilter) -> Any:
    """Build the query for up to TRIED submissions after this one, then as many from the beginning."""
    me: Any = bindparam("me")
    free = or_(
        QueueEntry.claimed_until.is_(None), QueueEntry.claimed_until <= bindparam("at"), QueueEntry.claimed_by == me
    )
    skipped = (
        QueueEntry.consultation_id != all_(bindparam("elsewhere", type_=ARRAY(BigInteger))),
        QueueEntry.submission_id != all_(bindparam("tried", type_=ARRAY(BigInteger))),
    )
    here = tuple_(bindparam("turn", type_=QueueEntry.turn.type), bindparam("of", type_=BigInteger))
    place = tuple_(QueueEntry.turn, QueueEntry.submission_id)
    parts = []
    for n, after in enumerate([place > here, place < here]):
        wanted = (
            select(QueueEntry.turn, QueueEntry.submission_id, literal_number(n).label("n"))
            .join(Submission, Submission.id == QueueEntry.submission_id)
            .where(*queue_filter.conditions, free, *skipped, after)
            .order_by(QueueEntry.turn, QueueEntry.submission_id)
            .limit(literal_number(TRIED))
        )
        parts.append(select(wanted.subquery()))
    both = union_all(*parts).subquery()
    return select(both.c.submission_id).order_by(both.c.n, both.c.turn, both.c.submission_id)


def _consultations(session: Session) -> Sequence[tuple[int, str, str, int]]:
    """Return the number of waiting submissions by consultation, from running counts."""
    return [(row[0], row[1], row[2], int(row[3])) for row in session.execute(_consultations_query())]


@lru_cache(maxsize=1)
def _consultations_query() -> Any:
    return (
        select(Consultation.id, Consultation.slug, Consultation.title, func.sum(Tally.n))
        .join(Consultation, Consultation.id == Tally.consultation_id)
        .where(Tally.provision_id.is_(None), Tally.state.in_(_WAITS), Consultation.practice_until.is_(None))
        .group_by(Consultation.id)
        .having(func.sum(Tally.n) > 0)
        .order_by(Consultation.closes_at, Consultation.id)
    )


def _items(session: Session, moderator: Account, queue_filter: QueueFilter, after: str | None) -> Page[QueueRow]:
    return _read_rows(session, moderator, _rows_query(queue_filter, PAGE), after)


def list_additions(
    session: Session, moderator: Account, campaign_id: int, *, after: str | None = None
) -> Page[QueueRow]:
    """Return a page of waiting members that add to a campaign letter or change a sentence of it."""
    return _read_rows(session, moderator, _additions_query(PAGE), after, campaign=campaign_id)


def count_additions(session: Session, campaign_id: int) -> int:
    """Return how many submissions that add to a campaign letter wait for a decision."""
    query = select(func.count()).select_from(QueueEntry).where(*_additions_conditions())
    return session.scalar(query, {"campaign": campaign_id}) or 0


def _read_rows(
    session: Session, moderator: Account, query: Select[Any], after: str | None, **values: Any
) -> Page[QueueRow]:
    if (last := decode_cursor(after, 2)) is not None:
        query = query.where(tuple_(QueueEntry.turn, QueueEntry.submission_id) > tuple_(*_parse_cursor(last)))
    rows = session.execute(query, {"at": now(), **values}).all()
    found = make_page(rows, PAGE, lambda row: [row.turn.isoformat(), row.submission_id])
    own = parties.find_own(session, [row.submission_id for row in found.items], moderator)
    return Page([QueueRow(*[*row[1:], row.submission_id in own]) for row in found.items], found.next_cursor)


@lru_cache(maxsize=64)
def _rows_query(queue_filter: QueueFilter, size: int) -> Select[Any]:
    return _build_rows_query(queue_filter.conditions, size)


@lru_cache(maxsize=4)
def _additions_query(size: int) -> Select[Any]:
    return _build_rows_query(_additions_conditions(), size)


def _additions_conditions() -> list[ColumnElement[bool]]:
    beside = select(TextGroup.consultation_id, TextGroup.text_hash).where(
        TextGroup.campaign_id == bindparam("campaign"), or_(TextGroup.adds, TextGroup.contrary)
    )
    its = tuple_(QueueEntry.consultation_id, QueueEntry.text_hash).in_(beside)
    return [its, QueueEntry.queue.in_(_READ)]


def _build_rows_query(conditions: Sequence[ColumnElement[bool]], size: int) -> Select[Any]:
    """Build the query for one row more than a page: the turn and the columns of QueueRow, with shortened text."""
    claims = and_(Account.id == QueueEntry.claimed_by, QueueEntry.claimed_until > bindparam("at"))
    return (
        select(
            QueueEntry.turn,
            QueueEntry.submission_id,
            Submission.reference,
            QueueEntry.revision,
            QueueEntry.received_at,
            QueueEntry.language,
            QueueEntry.consultation_id,
            func.left(_FIRST.body, LINE),
            _FIRST.language,
            QueueEntry.stances,
            QueueEntry.comments,
            QueueEntry.place,
            QueueEntry.same,
            QueueEntry.found,
            QueueEntry.claimed_until,
            QueueEntry.claimed_by,
            Account.display_name,
            select(func.count()).where(Comment.submission_id == QueueEntry.submission_id).scalar_subquery(),
            Submission.present,
            select(func.count()).where(Evidence.submission_id == QueueEntry.submission_id).scalar_subquery(),
            QueueEntry.received_at > Submission.received_at,
        )
        .join(Submission, Submission.id == QueueEntry.submission_id)
        .outerjoin(_FIRST, and_(_FIRST.submission_id == QueueEntry.submission_id, _FIRST.position == 0))
        .outerjoin(Account, claims)
        .where(*conditions)
        .order_by(QueueEntry.turn, QueueEntry.submission_id)
        .limit(literal_number(size + 1))
    )


def _parse_cursor(last: list[Any]) -> tuple[datetime, int]:
    """Parse the cursor of the previous page. Raises NotFound if it is malformed."""
    try:
        return datetime.fromisoformat(last[0]).astimezone(UTC), int(last[1]) % 2**63
    except (TypeError, ValueError, OverflowError) as error:
        raise NotFound(_("This page of the list does not exist. Start from the first page.")) from error
