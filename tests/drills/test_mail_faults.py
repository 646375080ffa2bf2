"""F6 and F7: the mail server refuses, for now and for good, hangs up before the end, hangs up after it, is not there.

Real workers send; the server is real too, and fails by a plan that is known, so what must become of each letter is
known as well: nothing is lost, "never" is not asked twice, a letter cut after its end comes again until it is taken.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from consult.core.clock import now
from consult.core.db import transaction
from consult.core.queue import find_task, publish
from consult.embedded.process import wait_until
from consult.mail import queries, reconciliation
from consult.mail.model import AddressFailure, Letter, State, Suppression
from consult.mail.service import LetterCopy, post_all
from tests.drills.conftest import Ground, until
from tests.mail.post_office import PostOffice, post_office

pytestmark = pytest.mark.drill
WORKER = ("celery", "-A", "consult.worker", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
FINAL = (State.SENT, State.FAILED, State.DEAD, State.SUPPRESSED)
LATER = (
    "rcpt 421 4.3.2 closing",
    "rcpt 450 4.2.1 busy",
    "data 451 4.3.0 later",
    "end 452 4.3.1 full",
    "cut before the end",
)
NEVER = ("rcpt 550 5.1.1 nobody", "data 554 5.7.1 no", "end 554 5.6.0 no")


@pytest.fixture
def port() -> int:
    """A port on which nobody answers yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def office(ground: Ground) -> Iterator[PostOffice]:
    with post_office() as server:
        _use(ground, server.url)
        yield server


def _use(ground: Ground, url: str) -> None:
    ground.settings |= {"CONSULT_SMTP_URL": url, "CONSULT_SMTP_TIMEOUT": "1"}


def _write(ground: Ground, count: int) -> None:
    copies = [LetterCopy(key=f"drill:{number}", to=f"reader{number}@example.org") for number in range(count)]
    with ground.app.app_context(), transaction() as session:
        post_all(session, shared_key="drill", template="accounts/mail/sign_in", language="en", copies=copies,
                 token="drill", until=now() + timedelta(hours=1))  # fmt: skip


def _number(address: str) -> int:
    return int(address.removeprefix("reader").partition("@")[0])


def _left(ground: Ground) -> int:
    """Count e-mails without a final state. Those that wait after a fault are tried now, not in half an hour."""
    with ground.app.app_context(), transaction() as session:
        session.execute(
            update(Letter).where(Letter.state.in_([State.PENDING, State.UNCERTAIN])).values(next_at=func.now())
        )  # fmt: skip
        return int(session.scalar(select(func.count()).where(Letter.state.not_in(FINAL))) or 0)


def _finish(ground: Ground) -> None:
    """Until every letter is in a final state. A clock that starts sweeps at once: so none is waited for."""
    for _clock in range(60):
        clock = ground.start("consult.cli", "clock")
        done = wait_until(lambda: not _left(ground) or bool(_asked(ground)), 10)
        ground.kill(clock)
        if done and not _left(ground):
            return
    raise AssertionError(f"{_left(ground)} letters are left")


def _asked(ground: Ground) -> None:
    """Tells the workers that there is something to send, as a letter that is written does."""
    with ground.app.app_context():
        publish(find_task("mail.drain"), 0)


def _states(ground: Ground) -> Counter[State]:
    with ground.app.app_context(), transaction() as session:
        reconciliation.reconcile(session)
        assert queries.check_outbox(session).balanced
        return Counter(session.scalars(select(Letter.state)))


def test_refusals_for_now_lose_nothing_and_refusals_for_good_are_not_repeated(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    count = min(drill_size, 1_000)
    plan = {n: (LATER + NEVER)[n % 8] for n in range(0, count, 5)}
    office.faults = lambda to, n: plan.get(_number(to), "") if n == 1 or plan.get(_number(to)) in NEVER else ""
    _write(ground, count)
    ground.start(*WORKER)
    _finish(ground)
    refused = {n for n, fault in plan.items() if fault in NEVER}
    arrived = Counter(_number(taken.to) for taken in office.taken)
    assert set(arrived) == set(range(count)) - refused
    assert set(arrived.values()) == {1}
    assert {office.tries[f"reader{n}@example.org"] for n in refused} == {1}
    assert _states(ground) == {State.SENT: count - len(refused), State.FAILED: len(refused)}
    with ground.app.app_context(), transaction() as session:
        noted = session.scalar(select(func.count()).select_from(AddressFailure))
        closed = session.scalar(select(func.count()).select_from(Suppression))
    assert (noted, closed) == (sum(1 for fault in plan.values() if "5.1.1" in fault), 0)


def test_a_server_that_comes_back_is_given_every_letter_once(ground: Ground, port: int, drill_size: int) -> None:
    count = min(drill_size, 1_000)
    _use(ground, f"smtp://127.0.0.1:{port}")
    _write(ground, count)
    ground.start(*WORKER)
    clock = ground.start("consult.cli", "clock")
    until(lambda: _postponed(ground) > 0)  # it was tried in vain
    ground.kill(clock)
    with post_office(port) as office:
        _finish(ground)
        assert sorted(Counter(_number(taken.to) for taken in office.taken).items()) == [(n, 1) for n in range(count)]
    with ground.app.app_context(), transaction() as session:
        assert session.scalar(select(func.max(Letter.attempts))) == 1  # a server that is away costs no attempt


def _postponed(ground: Ground) -> int:
    with ground.app.app_context(), transaction() as session:
        later = Letter.next_at > Letter.created_at + timedelta(seconds=20)
        return int(session.scalar(select(func.count()).where(Letter.state == State.PENDING, later)) or 0)


def test_letters_that_are_read_to_the_end_and_not_taken_are_sent_again_until_all_have_arrived(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    count = min(drill_size, 1_000) // 4
    office.faults = lambda to, n: "dropped at the end" if n <= _number(to) % 4 else ""
    _write(ground, count)
    ground.start(*WORKER)
    _finish(ground)
    assert sorted(Counter(_number(taken.to) for taken in office.taken).items()) == [(n, 1) for n in range(count)]
    assert _states(ground) == {State.SENT: count}


def test_a_letter_cut_after_its_end_comes_again_until_it_is_taken_and_is_the_same(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    count = min(drill_size, 1_000) // 4
    once, twice = set(range(0, count, 4)), set(range(1, count, 16))
    office.faults = lambda to, n: "cut after the end" if n <= (_number(to) in once) + 2 * (_number(to) in twice) else ""
    _write(ground, count)
    ground.start(*WORKER)
    _finish(ground)
    copies: dict[int, list[bytes]] = {}
    for taken in office.taken:
        copies.setdefault(_number(taken.to), []).append(taken.raw)
    assert {n: len(found) for n, found in copies.items()} == {
        n: 1 + (n in once) + 2 * (n in twice) for n in range(count)
    }
    assert all(len(set(found)) == 1 for found in copies.values())  # byte for byte, so with the same Message-ID
    assert _states(ground) == {State.SENT: count}


def test_letters_that_the_server_thinks_about_hold_up_no_other_and_arrive_once(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    count, slow = min(drill_size, 1_000) // 4, {3, 7}
    office.faults = lambda to, _n: "slow" if _number(to) in slow else ""
    _write(ground, count)
    ground.start(*WORKER)
    until(lambda: len(office.taken) == count - len(slow) or _asked(ground), 120)
    with ground.app.app_context(), transaction() as session:
        assert session.scalars(select(Letter.state).where(Letter.state.not_in(FINAL))).all() == [State.SENDING] * 2
        assert queries.check_outbox(session).late is False
    office.answers.set()
    _finish(ground)
    assert sorted(Counter(_number(taken.to) for taken in office.taken).items()) == [(n, 1) for n in range(count)]
    assert _states(ground) == {State.SENT: count}
