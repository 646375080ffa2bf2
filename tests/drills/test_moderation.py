"""A decision on many whose worker is killed: what was decided stays, the rest is decided once by the next worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.web.access import Role
from consult.decisions.service import UNDO_DELAY
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation import tasks
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Batch, BatchItem, BatchProgress, Decision, DecisionOutcome
from consult.moderation.service import ModerationVerdict
from consult.submissions import queries as submissions_queries
from consult.submissions.model import State, Submission
from tests import factories
from tests.drills.conftest import Ground, until
from tests.filing import file

pytestmark = pytest.mark.drill
WORKER = (
    "celery", "-A", "consult.worker", "worker", "--concurrency", "2", "-Q", "default", "--without-gossip",
    "--without-mingle",
)  # fmt: skip


def _proposed(ground: Ground, many: int) -> int:
    """A decision on so many, confirmed by a second person half a minute ago."""
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        people: list[Account] = [factories.account(session, Role.MODERATOR) for _person in range(2)]
        filed = [file(session, row, f"Words number {number}.") for number in range(many)]
        queue.requeue(session, [one.id for one in filed])
        items, before = [(one.id, one.revision) for one in filed], now() - UNDO_DELAY - timedelta(seconds=1)
        verdict = ModerationVerdict(DecisionOutcome.PUBLISH)
        batch = bulk.propose(session, moderator=people[0], items=items, verdict=verdict, at=before)
        if batch.progress is BatchProgress.SECOND_READER:
            bulk.confirm(session, second=people[1], batch_id=batch.id, at=before)
        return batch.id


def _decided(ground: Ground) -> int:
    with ground.app.app_context(), transaction() as session:
        return session.scalar(select(func.count()).select_from(BatchItem).where(BatchItem.result.is_not(None))) or 0


def _nudge(ground: Ground) -> None:
    with ground.app.app_context(), transaction() as session:
        tasks.work(session)


def _done(ground: Ground, number: int) -> bool:
    with ground.app.app_context(), transaction() as session:
        return session.get_one(Batch, number).progress is BatchProgress.DONE


def test_a_killed_worker_leaves_each_submission_decided_once_or_not_yet(ground: Ground, drill_size: int) -> None:
    many = max(drill_size, 3 * bulk.CHUNK)
    number = _proposed(ground, many)
    _nudge(ground)
    worker = ground.start(*WORKER)
    until(lambda: _decided(ground) > 0, 180)
    ground.kill(worker)
    half = _decided(ground)
    assert half % bulk.CHUNK == 0 or half == many  # a part is there whole, or not at all
    ground.start(*WORKER)
    _nudge(ground)
    until(lambda: _done(ground, number), 180)
    with ground.app.app_context(), transaction() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == many
        published = select(func.count(), func.count(func.distinct(LedgerEntry.subject_id))).where(
            LedgerEntry.kind == Kind.PUBLISHED
        )
        assert tuple(session.execute(published).one()) == (many, many)
        assert set(session.scalars(select(Submission.state))) == {State.PUBLISHED}
        submissions_queries.audit(session, session.scalars(select(Submission.consultation_id)).first() or 0)
