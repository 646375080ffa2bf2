"""F1, F2, F10: workers are killed, or told to end, the broker forgets and dies, the mail server has its faults.

No letter is lost.

Repeats are allowed where nobody can know (RFC 1047): a worker killed, or a connection cut, after the end of a letter.
They are bounded by the number of such moments and have the same Message-ID.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from sqlalchemy import func, select, update

from consult.core.clock import now
from consult.core.db import transaction
from consult.embedded.process import wait_until
from consult.mail import queries, reconciliation
from consult.mail.model import Letter, State
from consult.mail.service import LetterCopy, post_all
from tests.drills.conftest import Ground, until
from tests.mail.post_office import PostOffice, post_office

pytestmark = pytest.mark.drill
WORKER = ("celery", "-A", "consult.worker", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
FAULTS = ("rcpt 451 try later", "end 452 no room now", "cut before the end", "cut after the end")
FULL = 5_000


@pytest.fixture
def office(ground: Ground, chance: random.Random) -> Iterator[PostOffice]:
    """One letter in twenty meets a fault at its first try."""
    with post_office() as server:
        server.faults = lambda _to, n: chance.choice(FAULTS) if n == 1 and chance.random() < 0.05 else ""
        ground.settings |= {"CONSULT_SMTP_URL": server.url, "CONSULT_SMTP_TIMEOUT": "1"}  # and so short leases
        yield server


def _write(ground: Ground, count: int) -> None:
    copies = [LetterCopy(key=f"drill:{number}", to=f"reader{number}@example.org") for number in range(count)]
    with ground.app.app_context(), transaction() as session:
        post_all(session, shared_key="drill", template="accounts/mail/sign_in", language="en", copies=copies,
                 token="drill", until=now() + timedelta(hours=1))  # fmt: skip


def _sent(ground: Ground) -> int:
    with ground.app.app_context(), transaction() as session:
        return int(session.scalar(select(func.count()).where(Letter.state == State.SENT)) or 0)


def _hurry(ground: Ground) -> None:
    """Letters that met a fault wait with growing pauses; the drill asks for them now."""
    with ground.app.app_context(), transaction() as session:
        session.execute(
            update(Letter).where(Letter.state.in_([State.PENDING, State.UNCERTAIN])).values(next_at=func.now())
        )  # fmt: skip


def _check(ground: Ground, office: PostOffice, count: int, doubtful: int) -> None:
    arrived = Counter(taken.to for taken in office.taken)
    names = {taken.to: {other.id for other in office.to(taken.to)} for taken in office.taken if arrived[taken.to] > 1}
    assert len(arrived) == count  # nothing lost
    assert sum(arrived.values()) - count <= doubtful
    assert all(len(ids) == 1 for ids in names.values())
    with ground.app.app_context(), transaction() as session:
        reconciliation.reconcile(session)
        assert queries.check_outbox(session).balanced


def test_no_letter_is_lost_when_workers_are_killed(ground: Ground, office: PostOffice, drill_size: int) -> None:
    _write(ground, drill_size)
    ground.start("consult.cli", "clock")
    kills = 0
    for _round in range(2 if drill_size < FULL else 12):
        before = _sent(ground)
        worker = ground.start(*WORKER)
        until(lambda before=before: _sent(ground) > before, 180)  # it has begun, and is killed in the middle
        ground.kill(worker)
        kills += 1
        _hurry(ground)
    ground.start(*WORKER)
    _finish(ground, drill_size)
    _check(ground, office, drill_size, doubtful=_doubtful(kills, office))


def test_no_letter_is_lost_when_workers_are_told_to_end(ground: Ground, office: PostOffice, drill_size: int) -> None:
    """F10: what is being sent is finished, so that no kill makes a repeat."""
    _write(ground, drill_size)
    ground.start("consult.cli", "clock")
    for _round in range(2 if drill_size < FULL else 12):
        before = _sent(ground)
        worker = ground.start(*WORKER)
        until(lambda before=before: _sent(ground) > before, 180)
        worker.terminate()
        until(lambda worker=worker: worker.poll() is not None, 60)
    ground.start(*WORKER)
    _finish(ground, drill_size)
    _check(ground, office, drill_size, doubtful=_doubtful(0, office))


def test_no_letter_is_lost_when_the_broker_forgets_and_dies(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    valkey = ground.servers.running[1].process
    _write(ground, drill_size)
    redis.Redis.from_url(ground.settings["CONSULT_REDIS_URL"]).flushall()
    ground.start("consult.cli", "clock")
    ground.start(*WORKER)
    until(lambda: _sent(ground) > 0, 180)
    os.kill(valkey.pid, signal.SIGKILL)
    until(lambda: not valkey.alive)
    _finish(ground, drill_size)  # by the clock's sweeps alone
    ground.servers.revive()
    _check(ground, office, drill_size, doubtful=_doubtful(1, office))


def _doubtful(kills: int, office: PostOffice) -> int:
    """Moments in which nobody can know: each process of a killed worker holds one letter, and each fault is one."""
    return kills * 2 + sum(1 for tries in office.tries.values() if tries > 1)


def _finish(ground: Ground, count: int) -> None:
    def all_sent() -> bool:
        _hurry(ground)
        return _sent(ground) >= count

    most = 400 + count / 10  # longer than a killed worker's last claim is held
    assert wait_until(all_sent, most), f"{_sent(ground)} of {count} were sent"
