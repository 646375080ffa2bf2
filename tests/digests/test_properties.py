"""Invariants of digests after any submission, moderation, withdrawal and erasure, and any late commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Role
from consult.digests import service
from consult.digests.content.collection import collect_input
from consult.digests.content.compilation import compile_body
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Digest
from consult.digests.render import current_quotes
from consult.ledger.model import LedgerEntry
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from tests import factories
from tests.digests.test_windows import check
from tests.filing import comment, decide, file, numbered

START = datetime(2026, 10, 19, 12, tzinfo=UTC)
ACTS = st.one_of(
    st.tuples(st.just("file"), st.integers(0, 5)),
    st.tuples(st.just("late"), st.integers(0, 5)),
    st.tuples(st.just("move"), st.integers(0, 99)),
    st.tuples(st.just("land"), st.just(0)),
    st.tuples(st.just("digest"), st.sampled_from([1, 2])),
)


class World:
    """A consultation with one reader, in which transactions may stay open while digests are made."""

    def __init__(self, session: Session) -> None:
        self.session, self.open = session, list[Session]()
        self.row = factories.consultation(session, opens_at=START, closes_at=START + timedelta(days=90))
        reader = factories.account(session, Role.POLICYMAKER)
        delivery.subscribe(
            session, account=reader, consultation=self.row, cadence=Cadence.DAILY, language="en",
            at=START - timedelta(days=1),
        )  # fmt: skip
        session.commit()

    def act(self, what: str, n: int) -> None:
        """Does one thing; `n` says which words, which submission, or how often."""
        if what == "file":
            file(self.session, self.row, f"Words {n} are said by somebody.", at=now())
        elif what == "late":
            other = Session(db.engine)
            file(other, other.get_one(Consultation, self.row.id), f"Words {n} are said by somebody.", at=now())
            other.flush()
            self.open.append(other)
        elif what == "move":
            self.move(n)
        elif what == "land":
            self.land()
        else:
            for _time in range(n):
                self.digest()
        self.session.commit()

    def move(self, n: int) -> None:
        rows = self.session.scalars(
            select(Submission).where(Submission.consultation_id == self.row.id).order_by(Submission.id)
        ).all()
        if not rows:
            return
        chosen = rows[n % len(rows)]
        allowed = sorted(submissions.TRANSITIONS[chosen.state] - {State.PENDING})
        if chosen.state is State.RETURNED and n % 3 == 0:
            submissions.amend(self.session, chosen, comments=[comment(self.session, self.row, "Changed.")])
        elif allowed:
            decide(self.session, chosen, allowed[n % len(allowed)])

    def land(self) -> None:
        for other in self.open:
            other.commit()
            other.close()
        self.open.clear()

    def digest(self) -> Digest:
        numbered(self.session)
        made = service.compile_digest(
            self.session, consultation_id=self.row.id, cadence=Cadence.DAILY, slot_at=now().replace(microsecond=0)
        )
        assert made is not None
        self.session.commit()
        return made


def told(session: Session, row: Consultation) -> Sequence[Digest]:
    series = select(Digest).where(Digest.consultation_id == row.id).order_by(Digest.slot_at)
    return session.scalars(series).all()


def again(session: Session, row: Consultation, last: Digest) -> dict[str, Any]:
    """The last digest, made of the same window once more."""
    editions = [digest for digest in told(session, row) if not digest.empty and digest.id < last.id]
    material = collect_input(
        session, row, cadence=last.cadence, edition=last.edition, slot_at=last.slot_at, since=last.since,
        until=last.until, from_at=last.body.from_at,
        before=editions[-1].body if editions else None,
    )  # fmt: skip
    return current_quotes.key_hashes(compile_body(material))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=4, max_size=18))
def test_every_event_is_told_once_and_the_books_are_the_submissions(
    session: Session, acts: list[tuple[str, int]]
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        world = World(session)
        try:
            for what, n in acts:
                clock.shift(timedelta(hours=7))
                world.act(what, n)
        finally:
            world.land()
        clock.shift(timedelta(hours=7))
        last = world.digest()
        check(session)
        digests = told(session, world.row)
        windows = [(digest.since, digest.until) for digest in digests]
        assert all(one[1] == two[0] for one, two in pairwise(windows))

        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.consultation_id == world.row.id)).all()
        received = [entry for entry in entries if entry.kind == "submission.received"]
        assert sum(digest.body.news.received for digest in digests if not digest.empty) == len(received)

        rows = session.scalars(select(Submission).where(Submission.consultation_id == world.row.id)).all()
        if last.empty or not rows:
            return
        states, books = Counter(row.state for row in rows), last.body.books
        waiting = states[State.PENDING] + states[State.RETURNED]
        ended = {name: states[State(name)] for name in ("published", "withheld", "withdrawn", "erased")}
        assert books.received == len(rows)
        assert {name: getattr(books, name) for name in ended} == ended
        assert books.pending == waiting
        assert again(session, world.row, last) == last.body
