"""A step of the audit costs the same statements however many submissions it looks at, and never reads all rows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.audit import service, submissions
from tests import factories, filing
from tests.counting import statements


def test_a_step_is_the_same_statements_for_few_and_for_many(session: Session) -> None:
    row = factories.consultation(session)
    counted = []
    for more in (2, 18):
        for n in range(more):
            filing.file(session, row, f"Words {n}.", published=bool(n % 2))
        session.commit()
        with statements() as made:
            assert submissions.check_next(session, after=0) == ([], None)
        counted.append(len(made))
    assert counted[0] == counted[1] <= 10


def test_a_walk_in_small_steps_looks_at_each_once(session: Session) -> None:
    row = factories.consultation(session)
    sent = [filing.file(session, row, f"Words {n}.").id for n in range(5)]
    session.commit()
    after, reached = 0, []
    while True:
        found, until = submissions.check_next(session, after=after, most=2)
        assert found == []
        if until is None:
            break
        reached.append(until)
        after = until
    assert reached == [sent[1], sent[3]]


def test_the_health_page_reads_what_was_found_and_no_rows_of_submissions(session: Session) -> None:
    session.commit()
    with statements() as made:
        service.get_state(session)
    assert len(made) <= 3
    assert not any("FROM submission" in sql or "FROM ledger" in sql for sql in made)
