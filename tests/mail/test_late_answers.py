"""A server that thinks about a letter for minutes: the letters behind it go on, and nobody takes this one meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.mail import drain as mail_drain
from consult.mail import late_answers, queries, tasks, wire
from consult.mail.model import Letter, State
from tests.mail.post_office import PostOffice

Post = Callable[..., Letter]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE", 0.1)


@pytest.fixture
def slow(office: PostOffice) -> Iterator[PostOffice]:
    """It thinks about letters to anybody whose address begins with `slow`."""
    office.faults = lambda to, _n: "slow" if to.startswith("slow") else ""
    yield office
    office.answers.set()
    _until_answered()


def _until_answered() -> None:
    for thread in threading.enumerate():
        if thread.name == "mail-answer":
            thread.join(20)


def _states(session: Session, *letters: Letter) -> list[State]:
    session.rollback()
    for letter in letters:
        session.refresh(letter)
    return [letter.state for letter in letters]


def test_the_letters_behind_a_slow_one_go_out_and_its_late_answer_counts(
    session: Session, slow: PostOffice, post: Post
) -> None:
    first, second = post("slow@example.org"), post("ada@example.org")
    assert mail_drain.drain(budget=10) == 2
    assert _states(session, first, second) == [State.SENDING, State.SENT]
    slow.answers.set()
    _until_answered()
    assert _states(session, first) == [State.SENT]
    assert sorted(taken.to for taken in slow.taken) == ["ada@example.org", "slow@example.org"]
    assert late_answers.has_room()


def test_a_letter_that_a_server_thinks_about_is_leased_for_the_whole_ten_minutes(
    session: Session, slow: PostOffice, post: Post
) -> None:
    letter = post("slow@example.org")
    letter.created_at = now() - timedelta(minutes=9)
    session.commit()
    mail_drain.drain(budget=10)
    assert _states(session, letter) == [State.SENDING]
    assert letter.next_at > now() + timedelta(seconds=wire.FINAL_TIMEOUT)
    letter.created_at = now() - timedelta(minutes=11)
    session.commit()
    assert mail_drain.drain(budget=10) == 0
    assert queries.check_outbox(session) == queries.OutboxHealth(balanced=True, late=False, waiting=1)


def test_an_answer_that_never_comes_leaves_the_letter_in_doubt(
    session: Session, slow: PostOffice, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "FINAL_TIMEOUT", 0.3)
    letter = post("slow@example.org")
    mail_drain.drain(budget=10)
    _until_answered()
    assert _states(session, letter) == [State.UNCERTAIN]
    assert letter.cuts == 1


def test_a_late_refusal_counts_like_an_early_one(session: Session, office: PostOffice, post: Post) -> None:
    office.faults = lambda _to, _n: "slow end 554 5.7.1 no"
    letter = post()
    mail_drain.drain(budget=10)
    office.answers.set()
    _until_answered()
    assert _states(session, letter) == [State.FAILED]


def test_few_answers_are_waited_for_at_once_and_the_other_letters_cost_no_attempt(
    session: Session, slow: PostOffice, post: Post
) -> None:
    letters = [post(f"slow{n}@example.org") for n in range(late_answers.MAX_AWAITED + 2)]
    mail_drain.drain(budget=10)
    states = _states(session, *letters)
    assert states.count(State.SENDING) == late_answers.MAX_AWAITED
    waiting = [letter for letter in letters if letter.state is State.PENDING]
    assert [letter.attempts for letter in waiting] == [0, 0]
    assert all(letter.next_at > now() for letter in waiting)


def test_the_clock_goes_on_while_its_own_sending_hangs(
    session: Session, slow: PostOffice, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep's thread is left alone, and no second one is begun beside it."""
    release = threading.Event()
    began: list[None] = []

    def drain(**_values: float) -> int:
        began.append(None)
        release.wait(20)
        return 0

    monkeypatch.setattr(mail_drain, "drain", drain)
    monkeypatch.setattr(tasks, "_WAIT", 0.05)
    monkeypatch.setattr(tasks, "publish", lambda *_args: False)
    post()
    tasks.sweep(session)
    tasks.sweep(session)
    assert len(began) == 1
    release.set()
    tasks._sweeping[0].join(20)
    tasks.sweep(session)
    assert len(began) == 2
