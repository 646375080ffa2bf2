"""The books: they balance after every move, also when many are filed at once and while counts are folded."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.core.db import db
from consult.core.errors import Refusal
from consult.ledger import service as ledger
from consult.submissions import counters, queries, service, tasks
from consult.submissions.model import Comment, Stance, State, Submission, Tally
from consult.submissions.queries import Books, BooksDoNotBalance
from tests import factories, filing
from tests.locks import wait_until_somebody_waits


def test_books_that_do_not_add_up_cannot_be_made() -> None:
    with pytest.raises(BooksDoNotBalance):
        Books(received=3, published=1, pending=1)
    with pytest.raises(BooksDoNotBalance):
        Books(received=0, published=-1, pending=1)
    assert Books(received=2, published=1, pending=1).received == 2


def test_a_returned_submission_is_pending_in_the_books(session: Session) -> None:
    consultation = factories.consultation(session)
    filing.decide(session, filing.file(session, consultation, "Words"), State.RETURNED, "unclear")
    assert queries.get_books(session, consultation.id) == Books(received=1, pending=1)


def test_an_audit_finds_a_count_that_was_tampered_with(session: Session) -> None:
    consultation = factories.consultation(session)
    filing.file(session, consultation, "Words")
    session.execute(text("UPDATE tally SET n = n + 1 WHERE provision_id IS NULL"))
    with pytest.raises(BooksDoNotBalance):
        queries.audit(session, consultation.id)


def test_comments_are_counted_by_provision_and_kind_once_published(session: Session) -> None:
    consultation = factories.consultation(session)
    for stance, on in (("support", "1.1"), ("concern", "1.1"), ("concern", "2.1")):
        filing.file(session, consultation, filing.comment(session, consultation, "Words", on, stance), published=True)
    filing.file(session, consultation, "Waiting")
    counts = queries.get_counts(session, consultation.id)
    by_kind = sorted(sorted(stances.items()) for stances in counts.by_provision.values())
    assert by_kind == [[(Stance.CONCERN, 1)], [(Stance.CONCERN, 1), (Stance.SUPPORT, 1)]]
    assert (counts.comments, counts.most, counts.books.received) == (3, 2, 4)


def test_folding_changes_no_count_and_leaves_one_row_for_each(session: Session) -> None:
    consultation = factories.consultation(session)
    for n in range(4):
        filing.file(session, consultation, "Words", published=n > 0)
    before = queries.get_counts(session, consultation.id)
    tasks.fold(session)
    session.commit()
    assert queries.get_counts(session, consultation.id) == before
    rows = session.execute(select(Tally.state, Tally.provision_id.is_(None), Tally.n)).all()
    assert sorted(tuple(row) for row in rows) == [
        (State.PENDING, False, 1), (State.PENDING, True, 1), (State.PUBLISHED, False, 3), (State.PUBLISHED, True, 3),
    ]  # fmt: skip


def test_folding_while_somebody_files_loses_neither(session: Session) -> None:
    consultation = factories.consultation(session)
    filing.file(session, consultation, "One")
    filing.file(session, consultation, "Two")
    session.commit()
    with Session(db.engine) as other:
        counters.fold(other)
        filing.file(session, consultation, "Three")
        session.commit()
        other.commit()
    assert queries.audit(session, consultation.id).received == 3


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["file", "fold", "amend", *State]), st.integers(0, 5)), min_size=1, max_size=14
)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS)
def test_whatever_is_filed_and_decided_the_books_balance(session: Session, operations: list[tuple[str, int]]) -> None:
    consultation = factories.consultation(session)
    rows: list[Submission] = []
    for operation, which in operations:
        if operation == "file":
            words = [
                filing.comment(session, consultation, f"Words {which}", on) for on in ("1.1", "2.2")[: which % 2 + 1]
            ]
            rows.append(filing.file(session, consultation, *words))
        elif operation == "fold":
            counters.fold(session)
        elif rows:
            _try(lambda row, op: _move(session, row, op), rows[which % len(rows)], operation)
        assert queries.audit(session, consultation.id).received == len(rows)
    counted = queries.get_counts(session, consultation.id).by_provision
    shown = select(Comment.provision_id, func.count()).where(Comment.consultation_id == consultation.id, Comment.shown)
    recounted = {row[0]: row[1] for row in session.execute(shown.group_by(Comment.provision_id))}
    assert {place: sum(stances.values()) for place, stances in counted.items()} == recounted


def _try(move: Callable[[Submission, str], None], row: Submission, operation: str) -> None:
    """Moves that are not allowed are refused and change nothing: the books are looked at after each."""
    try:
        move(row, operation)
    except Refusal:
        return


def _move(session: Session, row: Submission, operation: str) -> None:
    if operation == "amend":
        consultation = session.get_one(factories.Consultation, row.consultation_id)
        service.amend(session, row, comments=[filing.comment(session, consultation, "Amended", "2.1", "wording")])
    else:
        filing.decide(session, row, State(operation), "unclear")


# Two connections


def test_two_connections_that_file_with_one_key_file_once(app: Flask, session: Session) -> None:
    consultation = factories.consultation(session)
    comment = filing.comment(session, consultation, "Words")
    session.commit()
    first = _file_with(session, consultation.id, comment)  # not committed yet
    found: list[str] = []

    def second() -> None:
        with app.app_context(), Session(db.engine) as other:
            found.append(_file_with(other, consultation.id, comment).reference)
            other.commit()

    thread = threading.Thread(target=second)
    thread.start()
    wait_until_somebody_waits()
    reference = first.reference
    session.commit()
    thread.join(120)
    assert found == [reference]
    assert queries.audit(session, consultation.id) == Books(received=1, pending=1)


def _file_with(session: Session, consultation_id: int, comment: service.NewComment) -> Submission:
    consultation = session.get_one(factories.Consultation, consultation_id)
    by = service.Submitter(email="ana@example.org")
    return service.file(session, consultation=consultation, by=by, comments=[comment], key="one intention")


def test_a_filing_that_commits_late_comes_after_those_that_were_counted_before_it(session: Session) -> None:
    consultation = factories.consultation(session)
    session.commit()
    late = filing.file(session, consultation, "Late")
    with Session(db.engine) as other:
        early = filing.file(other, other.get_one(factories.Consultation, consultation.id), "Early")
        other.commit()
        early_id = early.id
        ledger.number_entries(other)
        other.commit()
        watermark = ledger.head(other)
        window = ledger.list_window(other, consultation_id=consultation.id, since=1, until=watermark)
        assert [entry.subject_id for entry in window] == [early_id]
    session.commit()
    ledger.number_entries(session)
    session.commit()
    rest = ledger.list_window(session, consultation_id=consultation.id, since=watermark, until=ledger.head(session))
    assert [entry.subject_id for entry in rest] == [late.id]
