"""Reading of copies with added words: order, ranking, and the estimate of those who oppose their letter."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.core.web.access import Role
from consult.positions import jobs, service
from consult.positions.model import LetterReading, Side
from consult.positions.reading_order import Ranked, estimate_opposing, order_reading
from tests import factories
from tests.filing import numbered
from tests.positions.test_positions import AGAINST, SignIn, decide, file_all

PLACES = [
    "town",
    "village",
    "valley",
    "island",
    "harbour",
    "county",
    "district",
    "region",
    "city",
    "parish",
    "borough",
    "suburb",
]
AGREES = "I live in a small {} and we cannot do without this place, so stop it."
OPPOSES = "In our {} the new rule is welcome and needed, so go ahead with it soon."


def campaign(session: Session) -> Any:
    """A letter with thirty-four copies, of which ten add that they agree and twelve that they oppose it."""
    rows = [AGAINST] * 12 + [f"{AGAINST} {AGREES.format(place)}" for place in PLACES[:10]]
    rows += [f"{AGAINST} {OPPOSES.format(place)}" for place in PLACES]
    row = file_all(session, [(body, "") for body in rows])
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    analysis.compare(session, consultation_id=row.id)
    session.commit()
    return row


def answer(session: Session, row: Any, count: int) -> None:
    """Answer the next copies as a person would who reads them."""
    for _ in range(count):
        item = next(one for one in service.get_workbench(session, row.id).added if one.side is None)
        words = " ".join(service.items.load_words(session, item).paragraphs)
        decide(session, row, item, Side.KEEP if "welcome" in words else Side.DROP)


def test_the_order_takes_seven_by_rank_and_three_by_chance() -> None:
    texts = [Ranked(place=99 - at, score=at, people=1) for at in range(100)]
    assert order_reading(texts)[:10] == [99, 98, 97, 96, 95, 94, 93, 92, 91, 90]
    texts = [Ranked(place=at, score=at, people=1) for at in range(100)]
    assert order_reading(texts)[:10] == [99, 98, 0, 97, 96, 1, 95, 94, 2, 93]
    assert sorted(order_reading(texts)) == list(range(100))


@given(
    truth=st.lists(st.booleans(), max_size=40),
    scores=st.lists(st.floats(0, 1), min_size=40, max_size=40),
    read=st.integers(0, 40),
)
def test_an_estimate_holds_what_was_found_and_never_more_than_there_are(
    truth: list[bool], scores: list[float], read: int
) -> None:
    texts = [Ranked(at, scores[at], 1) for at in range(len(truth))]
    for n in range(min(read, len(texts))):
        at = order_reading(texts)[0]
        texts[at] = texts[at]._replace(opposes=truth[at], decision=n + 1)
    found = estimate_opposing(texts)
    if found is None:
        assert not any(one.opposes is not None and one.place == 0 for one in texts), "nothing drawn at random was read"
        return
    seen = sum(bool(one.opposes) for one in texts)
    unread = sum(one.opposes is None for one in texts)
    assert found.opposing == seen
    assert seen <= found.low <= found.high <= seen + unread
    if not unread:
        assert found.low == found.high == sum(truth)


def test_the_interval_holds_the_true_number_whatever_the_ranking_is_like() -> None:
    """The ranking of one half is perfect, of the other reversed; both are right in nearly all of 60 letters."""
    luck = random.Random(5)
    held = 0
    for letter in range(60):
        truth = [luck.random() < 0.1 for _ in range(200)]
        way = 1 if letter % 2 else -1
        texts = [Ranked(at, way * opposes, 1) for at, opposes in enumerate(truth)]
        for n in range(60):
            at = order_reading(texts)[0]
            texts[at] = texts[at]._replace(opposes=truth[at], decision=n + 1)
        found = estimate_opposing(texts)
        assert found is not None
        held += found.low <= sum(truth) <= found.high
    assert held >= 54


def test_nothing_is_estimated_before_somebody_reads() -> None:
    assert estimate_opposing([Ranked(at, 0, 1) for at in range(9)]) is None
    assert estimate_opposing([]) is None


def test_the_ranking_learns_from_ten_answers(session: Session) -> None:
    row = campaign(session)
    bench = service.get_workbench(session, row.id)
    assert len(bench.added) == 22
    assert service.get_reading(session, bench, bench.added[0]).estimate is None  # type: ignore[union-attr]
    decide(session, row, bench.letters[0], Side.DROP)
    answer(session, row, 9)
    number = bench.letters[0].campaign_id
    assert number is not None
    assert service.list_due_rankings(session) == []
    answer(session, row, 1)
    assert service.list_due_rankings(session) == [number]
    jobs.rank_additions(session, number)
    session.commit()
    assert service.list_due_rankings(session) == []
    bench = service.get_workbench(session, row.id)
    unread = [one for one in bench.added if one.side is None]
    said = {one.key: " ".join(service.items.load_words(session, one).paragraphs) for one in unread}
    by_rank = sorted(unread, key=lambda one: -one.rank)
    opposing = sum("welcome" in words for words in said.values())
    assert all("welcome" in said[one.key] for one in by_rank[:opposing])
    found = service.get_reading(session, bench, bench.added[0])
    assert found is not None
    assert found.estimate is not None
    assert (found.estimate.people, found.estimate.read) == (22, 10)
    assert found.estimate.low <= 12 <= found.estimate.high


def test_example_sentences_put_texts_like_them_first(session: Session, sign_in: SignIn) -> None:
    row = campaign(session)
    client = sign_in(factories.account(session, Role.MODERATOR))
    letter = service.get_workbench(session, row.id).letters[0]
    decide(session, row, letter, Side.DROP)
    path = f"/desk/c/{row.slug}/workbench"
    page = client.get(f"{path}?step=added").text
    assert "Opposes the campaign letter (Keep)" in page
    assert "95% interval" not in page
    sent = {"campaign": str(letter.campaign_id), "examples": "The rule is welcome, go ahead."}
    assert client.post(f"{path}/examples", data=sent).status_code == 303
    assert client.post(f"{path}/examples", data={**sent, "campaign": "999"}).status_code == 404
    session.expire_all()
    assert session.get_one(LetterReading, letter.campaign_id).examples == sent["examples"]
    jobs.rank_additions(session, letter.campaign_id or 0)
    session.commit()
    first = service.get_workbench(session, row.id).added[:2]
    assert all("welcome" in " ".join(service.items.load_words(session, one).paragraphs) for one in first)
    answer(session, row, 6)
    assert "oppose the campaign letter (95% interval)" in client.get(f"{path}?step=added").text


def test_only_people_who_work_on_the_consultation_give_examples(session: Session, sign_in: SignIn) -> None:
    row = campaign(session)
    client = sign_in(factories.account(session))
    sent = {"campaign": "1", "examples": "Go ahead."}
    assert client.post(f"/desk/c/{row.slug}/workbench/examples", data=sent).status_code in (403, 404)
