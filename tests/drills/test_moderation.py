"""A decision on many whose worker is killed: what was decided stays, the rest is decided once by the next worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from consult.accounts.model import Account
from consult.core.access import Role
from consult.core.clock import now
from consult.core.db import transaction
from consult.ledger.model import Entry, Kind
from consult.moderation import batches, docket, tasks
from consult.moderation.model import Batch, BatchItem, Decision, Outcome, Progress
from consult.moderation.service import DELAY, Verdict
from consult.submissions import queries as books
from consult.submissions.model import State, Submission

from .. import factories
from ..filing import file
from .conftest import Ground, until

pytestmark = pytest.mark.drill
WORKER = (
    "celery", "-A", "worker.celery", "worker", "--concurrency", "2", "-Q", "default", "--without-gossip",
    "--without-mingle",
)  # fmt: skip


def _proposed(ground: Ground, many: int) -> int:
    """A decision on so many, confirmed by a second person half a minute ago."""
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        people: list[Account] = [factories.account(session, Role.MODERATOR) for _person in range(2)]
        filed = [file(session, row, f"Words number {number}.") for number in range(many)]
        docket.look_at(session, [one.id for one in filed])
        items, before = [(one.id, one.revision) for one in filed], now() - DELAY - timedelta(seconds=1)
        verdict = Verdict(Outcome.PUBLISH)
        batch = batches.propose(session, moderator=people[0], items=items, verdict=verdict, at=before)
        if batch.progress is Progress.SECOND_READER:
            batches.confirm(session, second=people[1], batch_id=batch.id, at=before)
        return batch.id


def _decided(ground: Ground) -> int:
    with ground.app.app_context(), transaction() as session:
        return session.scalar(select(func.count()).select_from(BatchItem).where(BatchItem.result.is_not(None))) or 0


def _nudge(ground: Ground) -> None:
    with ground.app.app_context(), transaction() as session:
        tasks.work(session)


def _done(ground: Ground, number: int) -> bool:
    with ground.app.app_context(), transaction() as session:
        return session.get_one(Batch, number).progress is Progress.DONE


def test_a_killed_worker_leaves_each_submission_decided_once_or_not_yet(ground: Ground, drill_size: int) -> None:
    many = max(drill_size, 3 * batches.CHUNK)
    number = _proposed(ground, many)
    _nudge(ground)
    worker = ground.start(*WORKER)
    until(lambda: _decided(ground) > 0, 90)
    ground.kill(worker)
    half = _decided(ground)
    assert half % batches.CHUNK == 0 or half == many  # a part is there whole, or not at all
    ground.start(*WORKER)
    _nudge(ground)
    until(lambda: _done(ground, number), 120)
    with ground.app.app_context(), transaction() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == many
        published = select(func.count(), func.count(func.distinct(Entry.subject_id))).where(
            Entry.kind == Kind.PUBLISHED
        )
        assert tuple(session.execute(published).one()) == (many, many)
        assert set(session.scalars(select(Submission.state))) == {State.PUBLISHED}
        books.audit(session, session.scalars(select(Submission.consultation_id)).first() or 0)
