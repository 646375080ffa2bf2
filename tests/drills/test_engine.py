"""F5: the worker that follows is killed again and again; nothing is counted, placed or said twice."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from consult.analysis import queries, service, tasks
from consult.analysis.model import TextFingerprint
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.ledger import service as ledger
from tests import factories
from tests.analysis.jobs.test_engine import by_words, in_one_go, state, writings
from tests.drills.conftest import Ground, until
from tests.filing import file

pytestmark = pytest.mark.drill
WORKER = (
    "celery", "-A", "consult.worker", "worker", "--concurrency", "2", "-Q", "analysis", "--without-gossip",
    "--without-mingle",
)  # fmt: skip


def _write(ground: Ground, texts: list[str]) -> int:
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        for words in texts:
            file(session, row, words)
        ledger.number_entries(session)
        return row.id


def _sign(ground: Ground) -> tuple[int, int]:
    """Return how many texts have marks and how far the ledger was followed: grows while a worker runs."""
    with ground.app.app_context(), transaction() as session:
        marked = session.scalar(select(func.count()).select_from(TextFingerprint)) or 0
        return marked, service.FOLLOWER.get_position(session, session.scalars(select(Consultation.id)).one())


def _nudge(ground: Ground, number: int) -> None:
    """As while a consultation is far behind: marks are made ahead of the one who follows."""
    with ground.app.app_context(), transaction() as session:
        tasks.queue_fingerprints(number, service.FOLLOWER.get_position(session, number), ledger.head(session))
        tasks.catch_up(session)


def test_a_worker_killed_while_it_follows_leaves_nothing_half_done(ground: Ground, drill_size: int) -> None:
    texts = writings(random.Random(11), drill_size)
    number = _write(ground, texts)
    for _round in range(3):
        before = _sign(ground)
        _nudge(ground, number)
        worker = ground.start(*WORKER)
        until(lambda before=before: _sign(ground) > before or _done(ground, number), 240)
        ground.kill(worker)
    ground.start(*WORKER)
    _nudge(ground, number)
    until(lambda: _done(ground, number), 240)
    with ground.app.app_context(), transaction() as session:
        service.compare(session, consultation_id=number)
        row = session.get_one(Consultation, number)
        assert by_words(session, row) == in_one_go(texts)
        assert queries.get_totals(session, number).balanced
        assert sum(one.standing for one in queries.totals_by_kind(session, number).values()) == len(texts)
        once = state(session, row)
        service.FOLLOWER.follow(session, consultation_id=number, until=ledger.head(session))
        service.compare(session, consultation_id=number)
        assert state(session, row) == once


def _done(ground: Ground, number: int) -> bool:
    with ground.app.app_context(), transaction() as session:
        return service.FOLLOWER.get_position(session, number) == ledger.head(session)
