"""Followers of the ledger get each entry once, in order, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import db
from consult.ledger import followers
from consult.ledger import service as ledger
from consult.ledger.followers import Follower, Window, measure_lags
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import FollowerPosition, Kind
from tests.counting import statements

HERE, THERE = 7, 8
KINDS = (Kind.RECEIVED, Kind.PUBLISHED)
Make = Callable[..., Follower]


@pytest.fixture
def seen() -> list[int]:
    """Return the subjects of the handled entries."""
    return []


@pytest.fixture
def make(seen: list[int], monkeypatch: pytest.MonkeyPatch) -> Make:
    """Registers a follower for this test that notes what it is given."""
    monkeypatch.setattr(followers, "_followers", dict(followers._followers))

    def note(name: str = "test", kinds: Sequence[Kind] = KINDS, **more: object) -> Follower:
        def handle(session: Session, window: Window) -> None:
            seen.extend(entry.subject_id for entry in made.list_entries(session, window))

        made = Follower(name, kinds, handle, **more)  # type: ignore[arg-type]
        return made

    return note


def record(session: Session, *subjects: int, kind: Kind = Kind.RECEIVED, of: int = HERE) -> int:
    for subject in subjects:
        ledger.record(session, kind, subject_id=subject, consultation_id=of)
    return ledger.number_entries(session)


def test_each_entry_is_handled_once_however_often_the_follower_ticks(
    session: Session, make: Make, seen: list[int]
) -> None:
    follower = make(step=2)
    head = record(session, 1, 2, 3, 4, 5)
    for _tick in range(3):
        assert follower.follow(session, consultation_id=HERE, until=head) == head
    record(session, 6)
    for _tick in range(3):
        follower.follow(session, consultation_id=HERE, until=ledger.head(session))
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_follower_of_the_site_is_given_a_step_at_each_tick_until_it_is_level(
    session: Session, make: Make, seen: list[int]
) -> None:
    follower = make(step=2, site=True)
    record(session, 1, 2)
    record(session, 3, of=THERE)
    assert [follower.follow_site(session) for _tick in range(4)] == [2, 1, 0, 0]
    assert seen == [1, 2, 3]
    record(session, 4, 5)
    assert follower.follow_site(session, most=1) == 1


def test_a_follower_of_consultations_is_at_a_place_of_its_own_in_each(
    session: Session, make: Make, seen: list[int]
) -> None:
    follower = make()
    record(session, 1)
    head = record(session, 2, of=THERE)
    follower.follow(session, consultation_id=THERE, until=head)
    assert seen == [2]
    assert (follower.get_position(session, THERE), follower.get_position(session, HERE)) == (head, 1)


def test_a_position_beyond_what_is_asked_stays_where_it_is(session: Session, make: Make, seen: list[int]) -> None:
    follower = make()
    head = record(session, 1, 2)
    follower.follow(session, consultation_id=HERE, until=head)
    assert follower.follow(session, consultation_id=HERE, until=head - 1) == head
    assert seen == [1, 2]


def test_entries_of_other_kinds_are_passed_over_and_are_no_lag(session: Session, make: Make, seen: list[int]) -> None:
    follower = make(kinds=[Kind.PUBLISHED])
    record(session, 1, 2)
    head = record(session, 3, kind=Kind.PUBLISHED)
    assert measure_lags(session)["test"] == 1
    assert follower.follow(session, consultation_id=HERE, until=head) == head
    record(session, 4, kind=Kind.WITHDRAWN)
    assert seen == [3]
    assert measure_lags(session)["test"] == 0


def test_lag_is_what_a_follower_has_yet_to_handle_in_all_consultations(session: Session, make: Make) -> None:
    follower, site = make(), make("site", site=True)
    assert measure_lags(session) == dict.fromkeys(followers._followers, 0)
    record(session, 1, 2)
    record(session, 3, of=THERE)
    ledger.record(session, Kind.RECEIVED, subject_id=4, consultation_id=HERE)  # no number yet
    session.flush()
    assert (measure_lags(session)["test"], measure_lags(session)["site"]) == (3, 3)
    follower.follow(session, consultation_id=HERE, until=2)
    site.follow_site(session, most=2)
    assert (measure_lags(session)["test"], measure_lags(session)["site"]) == (2, 1)
    with statements() as sent:
        measure_lags(session)
    assert len(sent) == len(followers._followers)


def test_every_follower_of_the_product_is_registered_once() -> None:
    assert {name: each.site for name, each in followers._followers.items()} == {
        "analysis": False, "arguments": False, "audit": True, "case_studies": True, "erasure": True, "heard": False,
        "ledger.head": True, "moderation.queue": True, "moderation.statistics": True, "search": True, "v4": True,
    }  # fmt: skip


def test_a_handle_that_fails_moves_nothing(session: Session, make: Make, seen: list[int]) -> None:
    follower = make()
    head = record(session, 1, 2)
    session.commit()
    good = follower.handle

    def fail(session: Session, window: Window) -> None:
        record(session, 9)
        raise ValueError("broken")

    follower.handle = fail
    with pytest.raises(ValueError, match="broken"):
        follower.follow(session, consultation_id=HERE, until=head)
    session.rollback()
    assert follower.get_position(session, HERE) == 1
    follower.handle = good
    assert follower.follow(session, consultation_id=HERE, until=ledger.head(session)) == head
    assert seen == [1, 2]


def test_what_a_handle_wrote_goes_with_the_position_that_did_not_move(session: Session, make: Make) -> None:
    follower = make()
    head = record(session, 1)
    session.commit()
    follower.handle = lambda session, window: session.add(FollowerPosition(name="made", consultation_id=1, upto=1))
    follower.follow(session, consultation_id=HERE, until=head)
    session.rollback()
    assert session.get(FollowerPosition, ("made", 1)) is None
    assert follower.get_position(session, HERE) == 1


def test_one_at_a_time_follows_a_consultation(session: Session, make: Make, seen: list[int]) -> None:
    follower, site = make(), make("site", site=True)
    record(session, 1)
    session.commit()
    with Session(db.engine) as other:
        assert follower.try_lock(other, HERE)
        assert site.try_lock(other)
        assert not follower.try_lock(session, HERE)
        assert follower.try_lock(session, THERE)
        assert site.follow_site(session) == 0
    assert seen == []
    assert site.follow_site(session) == 1


def test_who_follows_after_another_goes_where_that_one_has_gone(session: Session, make: Make, seen: list[int]) -> None:
    first = make("first")
    second = make("second", after=first, shares_lock=True, kinds=[Kind.PUBLISHED])
    record(session, 1)
    head = record(session, 2, kind=Kind.PUBLISHED)
    first.follow(session, consultation_id=HERE, until=head)
    assert second.follow(session, consultation_id=HERE, until=2) == head
    assert seen == [1, 2, 2]
    assert first.get_position(session, HERE) == second.get_position(session, HERE) == head


def test_a_level_follower_asks_for_its_lock_and_its_position_only(session: Session, make: Make) -> None:
    follower, site = make(), make("site", site=True)
    head = record(session, 1)
    follower.follow(session, consultation_id=HERE, until=head)
    site.follow_site(session)
    for tick in (lambda: follower.follow(session, consultation_id=HERE, until=head), lambda: site.follow_site(session)):
        with statements() as sent:
            tick()
        assert len(sent) == 2


def test_the_moment_of_following_is_handed_on(session: Session, make: Make) -> None:
    follower = make()
    moments = []
    follower.handle = lambda _session, window: moments.append(window.at)
    head, moment = record(session, 1), now()
    follower.follow(session, consultation_id=HERE, until=head, at=moment)
    assert moments == [moment]


def test_a_statement_takes_its_kinds_from_the_enum() -> None:
    bound = bind_kinds("SELECT CAST('12:30' AS time) WHERE kind = :RECEIVED OR kind = ANY(:RESPONSE_KINDS) OR id = :id")
    values = bound.compile().params
    assert values == {
        "RECEIVED": "submission.received", "RESPONSE_KINDS": ["response.given", "response.amended"], "id": None,
    }  # fmt: skip
    with pytest.raises(KeyError):
        bind_kinds("SELECT 1 WHERE kind = :RECIEVED")


def test_a_step_that_took_long_or_failed_is_followed_by_a_smaller_one(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]
    monkeypatch.setattr(followers, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    follower = make(step=10_000)

    def take(seconds: float, *, fails: bool = False) -> int:
        with follower.paced_step() as most:
            moment[0] += seconds
            if fails:
                raise LookupError
        return most

    assert [take(1), take(1), take(10), take(2), take(1)] == [500, 1_000, 2_000, 1_000, 2_000]
    with pytest.raises(LookupError):
        take(120, fails=True)
    assert take(1) == 500
