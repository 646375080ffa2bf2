from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from consult.analysis.text.quotes import choose_quotes
from tests.analysis.writing import OWN

POINTS = [
    "Uniforms save parents money because one set of clothes lasts the year.",
    "Buying clothes for school costs parents money they do not have.",
    "Money is tight, and uniforms cost parents less than fashion does.",
    "Bullying over clothes stops when everybody wears the same.",
    "Children bully those with cheap clothes; the same clothes end the bullying.",
    "There is less bullying where nobody can see who is poor.",
    "Girls with skin conditions suffer in polyester uniforms.",
    "Polyester is torture for children with skin conditions.",
    "My son has a skin condition and polyester makes it bleed.",
]
TEXTS = st.lists(st.one_of(st.sampled_from([*POINTS, *OWN]), st.text(max_size=30)), max_size=25)


@given(TEXTS, st.integers(1, 9))
def test_quotes_are_distinct_statements_and_no_more_than_asked_for(texts: list[str], k: int) -> None:
    chosen = choose_quotes(texts, k)
    assert len(chosen) <= k
    assert len({texts[number] for number in chosen}) == len(chosen)


@given(TEXTS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_the_order_of_statements_changes_nothing(texts: list[str], chance: random.Random, k: int) -> None:
    shuffled = texts.copy()
    chance.shuffle(shuffled)
    assert [texts[number] for number in choose_quotes(texts, k)] == [
        shuffled[number] for number in choose_quotes(shuffled, k)
    ]


def test_each_quote_opens_another_subject() -> None:
    assert sorted(number // 3 for number in choose_quotes(POINTS, 3)) == [0, 1, 2]


def test_copies_weigh_no_more_than_one() -> None:
    chosen = choose_quotes([POINTS[0]] * 50 + POINTS[3:], 3)
    assert sum(number < 50 for number in chosen) <= 1
    assert len(chosen) == 3


def test_a_few_statements_are_quoted_as_they_are() -> None:
    assert sorted(choose_quotes(POINTS[:2], 5)) == [0, 1]
    assert choose_quotes([], 3) == []
    assert choose_quotes(["", "…"], 3) == []
