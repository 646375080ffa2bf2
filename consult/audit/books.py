"""The submission count computed in three ways: from the ledger, from the rows, and from the running totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import String, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import check_each
from consult.audit.submissions import STATES
from consult.consultations.model import Consultation
from consult.ledger.kinds import MOVING_KINDS
from consult.ledger.model import LedgerEntry
from consult.ledger.service import PRACTICE
from consult.submissions.model import COUNTED_AS, Comment, State, Submission, Tally
from consult.submissions.queries import Books

_NEXT = (
    select(Consultation.id)
    .where(Consultation.id > bindparam("after"), Consultation.id < PRACTICE)
    .order_by(Consultation.id)
    .limit(1)
)
"""The next consultation after an ID. Practice copies have no submission count."""


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Return the findings of the next consultation and its ID, or None at the end."""
    row_id = session.scalar(_NEXT, {"after": after})
    if row_id is None:
        return [], None
    return check_each(session, [row_id], _check, about="Consultation {}"), row_id


def count_by_ledger(session: Session, consultation_id: int) -> Books:
    """Return the submission count from ledger entries alone. Raises BooksDoNotBalance."""
    counted: Counter[str] = Counter()
    for source, state, n in _states(session, consultation_id):
        counted[state] += n if source == "ledger" else 0
    return Books(
        received=sum(counted.values()),
        published=counted[State.PUBLISHED],
        withheld=counted[State.WITHHELD],
        withdrawn=counted[State.WITHDRAWN],
        erased=counted[State.ERASED],
        pending=counted[State.PENDING] + counted[State.RETURNED],
    )


def _check(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    for row in session.execute(select(Consultation.id, Consultation.slug).where(Consultation.id.in_(ids))):
        yield from _check_states(session, row)
        yield from _check_comments(session, row)


def _check_states(session: Session, row: Any) -> Iterator[Finding]:
    counted: dict[str, Counter[str]] = {"ledger": Counter(), "rows": Counter(), "counter": Counter()}
    for source, state, n in _states(session, row.id):
        counted[source][state] += n
    for state in State:
        numbers = {source: of[state] for source, of in counted.items()}
        if len(set(numbers.values())) > 1:
            yield Finding("books", row.slug, row.id, {"state": str(state), **numbers})


def _states(session: Session, consultation_id: int) -> Iterator[tuple[str, str, int]]:
    """Yield the number of submissions in each state by source. A single query reads all sources at one moment."""
    last = (
        select(LedgerEntry.subject_id, LedgerEntry.kind)
        .where(LedgerEntry.consultation_id == consultation_id, LedgerEntry.kind.in_(MOVING_KINDS))
        .ext(distinct_on(LedgerEntry.subject_id))
        .order_by(LedgerEntry.subject_id, LedgerEntry.id.desc())
        .subquery()
    )
    entries = select(literal("ledger"), last.c.kind, func.count()).group_by(last.c.kind)
    rows = (
        select(literal("rows"), cast(Submission.state, String), func.count())
        .where(Submission.consultation_id == consultation_id)
        .group_by(Submission.state)
    )
    counts = (
        select(literal("counter"), cast(Tally.state, String), func.sum(Tally.n))
        .where(Tally.consultation_id == consultation_id, Tally.provision_id.is_(None))
        .group_by(Tally.state)
    )
    for source, word, n in session.execute(union_all(entries, rows, counts)):
        yield source, str(STATES[word]) if source == "ledger" else word, int(n)


def _check_comments(session: Session, row: Any) -> Iterator[Finding]:
    """Yield differences between running totals of comments, by provision, type and state, and the comments."""
    counts = select(Tally.provision_id, Tally.stance, Tally.state, Tally.n.label("counted"), literal(0).label("stored"))
    rows = (
        select(Comment.provision_id, COUNTED_AS, Submission.state, literal(0), func.count())
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Submission.consultation_id == row.id, Comment.provision_id.is_not(null()))
        .group_by(Comment.provision_id, COUNTED_AS, Submission.state)
    )
    here = (Tally.consultation_id == row.id, Tally.provision_id.is_not(null()))
    both = union_all(counts.where(*here), rows).subquery()
    sums = (
        select(both.c.provision_id, func.sum(both.c.counted), func.sum(both.c.stored))
        .group_by(both.c.provision_id, both.c.stance, both.c.state)
        .having(func.sum(both.c.counted) != func.sum(both.c.stored))
        .order_by(both.c.provision_id)
    )
    if wrong := session.execute(sums).all():
        provision, counted, stored = wrong[0]
        detail = {"n": len(wrong), "provision": provision, "counter": int(counted), "rows": int(stored)}
        yield Finding("comment_counts", row.slug, row.id, detail)
