"""The books three ways: by the ledger alone, by the rows, and by the running counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import String, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.submissions import STATES
from consult.consultations.model import Consultation
from consult.ledger.kinds import MOVING_KINDS
from consult.ledger.model import LedgerEntry
from consult.ledger.service import PRACTICE
from consult.submissions.model import Comment, State, Submission, Tally
from consult.submissions.queries import Books

_NEXT = (
    select(Consultation)
    .where(Consultation.id > bindparam("after"), Consultation.id < PRACTICE)
    .order_by(Consultation.id)
    .limit(1)
)
"""The consultation behind one; copies to practise on have no books."""


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Findings of the next consultation, and its id; None when there are no more."""
    row = session.scalar(_NEXT, {"after": after})
    if row is None:
        return [], None
    return [*_check_states(session, row), *_check_comments(session, row)], row.id


def count_by_ledger(session: Session, consultation_id: int) -> Books:
    """The books from the entries alone. Raises BooksDoNotBalance."""
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


def _check_states(session: Session, row: Consultation) -> Iterator[Finding]:
    counted: dict[str, Counter[str]] = {"ledger": Counter(), "rows": Counter(), "counter": Counter()}
    for source, state, n in _states(session, row.id):
        counted[source][state] += n
    for state in State:
        numbers = {source: of[state] for source, of in counted.items()}
        if len(set(numbers.values())) > 1:
            yield Finding("books", row.slug, row.id, {"state": str(state), **numbers})


def _states(session: Session, consultation_id: int) -> Iterator[tuple[str, str, int]]:
    """Of each source, how many submissions are in each state; one statement, so of one moment."""
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


def _check_comments(session: Session, row: Consultation) -> Iterator[Finding]:
    """Running counts of comments by provision, stance and state against the comments."""
    counts = select(Tally.provision_id, Tally.stance, Tally.state, Tally.n.label("counted"), literal(0).label("stored"))
    rows = (
        select(Comment.provision_id, Comment.stance, Submission.state, literal(0), func.count())
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Submission.consultation_id == row.id, Comment.provision_id.is_not(null()))
        .group_by(Comment.provision_id, Comment.stance, Submission.state)
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
