"""Each fixed sentence that claims more than a number is said under its condition only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from consult.core.i18n import force_locale
from consult.digests.render import claims

TABLE: dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]] = {
    "all_are_copies": ([(2, 2), (245, 245)], [(1, 1), (0, 0), (1, 2)]),
    "stance_at_place": ([(1, 1), (3, 4)], [(0, 4), (5, 4)]),
    "views_divide": ([(2, 4), (2, 8), (9, 9)], [(1, 2), (2, 9), (5, 4), (2, 6, "", ("a", "b", "c"))]),
    "new_at_a_place": ([(1, 9), (9, 9)], [(0, 9), (10, 9)]),
    "all_at_a_place": ([(1, 9), (9, 9)], [(0, 9), (10, 9)]),
    "few_texts": ([(1, 2, "x"), (9, 20, "x")], [(0, 9, "x"), (11, 20, "x"), (1, 1, "x")]),
    "one_kind_leads": ([(2, 9, 1), (1, 1, 0)], [(2, 9, 2), (1, 9, 2), (0, 9, 0)]),
    "no_kind_leads": ([(2, 4, ("a", "b")), (1, 4, ("a", "b", "c"))], [(2, 4, ("a",)), (0, 4, ("a", "b"))]),
    "kind_mostly_unsaid": ([(2, 2, "x"), (66914, 1, "x")], [(1, 2, "x"), (0, 0, "x")]),
    "kinds_overlap": ([([3, 2], 4)], [([3, 1], 4), ([], 0)]),
    "submissions_agree": ([(6, 10), (3, 5), (5, 5)], [(59, 100), (0, 0), (5, 4)]),
    "kinds_agree": ([(1, 2), (3, 3)], [(0, 2), (1, 1), (4, 3)]),
    "no_kinds_agree": ([(0, 2)], [(0, 1), (1, 2)]),
    "nothing_agreed": ([((), 5)], [(("one",), 5)]),
    "of_a_letter_at_a_place": ([(1, 20), (20, 20)], [(0, 20), (21, 20)]),
    "more_keep_than_object": ([(0, 54), (54, 54)], [(55, 54), (0, 0)]),
    "speak_to_a_place": ([(0, 4905), (4905, 4905)], [(0, 0), (4906, 4905)]),
    "speak_to_a_place_or_send_a_letter": ([(0, 4905), (4905, 4905)], [(0, 0), (4906, 4905)]),
    "only_send_a_letter": ([(1,)], [(0,)]),
    "speak_to_the_whole_in_own_words": ([(1,)], [(0,)]),
    "argued_or_campaigning": ([(0, 1), (1, 1)], [(2, 1), (0, 0)]),
    "no_letter": ([((),)], [(("a letter",),)]),
    "busiest_day": ([(2, 1), (1, 0)], [(2, 2), (1, 2), (0, 0)]),
    "busiest_days": ([(2, 2)], [(2, 1), (0, 0)]),
    "stance_moved": ([((1, 3), (2, 3))], [((1, 3), (2, 6)), ((0, 0), (1, 3))]),
    "another_place_leads": ([("b", "a", "2", "1")], [("a", "a", "1", "1"), ("b", "a", "", "1")]),
    "in_checked_arguments": ([(0, 9), (9, 9)], [(10, 9)]),
    "argument_made": ([(1, "name")], [(0, "name"), (3, "")]),
    "one_of_them_wrote": ([(1, "words"), (23, "words")], [(0, "words"), (23, "")]),
    "one_of_so_many_wrote": ([(1, "words"), (23, "words")], [(0, "words"), (23, "")]),
    "largest_argument": ([(23, 4905, "x"), (3, 3, "x")], [(4, 3, "x"), (0, 3, "x")]),
    "none_overdue": ([(0,)], [(1,), (3,)]),
    "not_heard": ([(["growers"],)], [([],)]),
    "hardly_heard": ([(["growers"], 5)], [([], 5)]),
    "every_kind_heard": ([((), 1)], [((), 0), (("growers",), 9)]),
}
"""By claim: of which counts it may be said, and of which it may not."""


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


def test_every_claim_states_when_it_may_be_said_and_when_not() -> None:
    assert set(TABLE) == set(claims.list_claims())
    assert all(allowed and refused for allowed, refused in TABLE.values())


@pytest.mark.parametrize("name", TABLE)
def test_a_claim_is_said_under_its_condition_only(name: str) -> None:
    claim, (allowed, refused) = claims.list_claims()[name], TABLE[name]
    assert all(claim(*given) for given in allowed), f"{name} is not said where it is true"
    assert not any(claim(*given) for given in refused), f"{name} is said where it is false"
