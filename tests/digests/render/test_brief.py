"""A section of a brief adds up to its whole and says what it leaves out, or it is not made."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from consult.core.i18n import force_locale
from consult.digests.content.arguments import DigestArgument, build_rows
from consult.digests.content.groups import build_side_groups
from consult.digests.content.material import DoesNotAddUp
from consult.digests.content.quotes import QuotableComment
from consult.digests.render import contributors
from consult.digests.render.brief import Section
from consult.positions.counts import SideCounts
from consult.positions.model import Side

KINDS = ("ngo", "youth", "faith", "person", "unnamed")
GROUPS = st.dictionaries(
    st.sampled_from(KINDS), st.dictionaries(st.sampled_from(Side), st.integers(1, 30), min_size=1), max_size=5
)


@given(st.lists(st.integers(0, 9)), st.integers(-3, 30), st.integers(0, 30))
def test_a_section_that_does_not_add_up_is_refused(sizes: list[int], left_out: int, whole: int) -> None:
    rows = [str(size) for size in sizes]
    if left_out >= 0 and sum(sizes) + left_out == whole:
        assert Section("Papers", rows, whole, left_out, "more", sizes).rows == rows
    else:
        with pytest.raises(DoesNotAddUp):
            Section("Papers", rows, whole, left_out, "more", sizes)


def test_a_section_that_leaves_out_rows_without_a_word_is_refused() -> None:
    with pytest.raises(DoesNotAddUp):
        Section("Papers", ["one"], 2, 1)
    with pytest.raises(DoesNotAddUp):
        Section("Papers", ["one"], 2, 0)
    with pytest.raises(DoesNotAddUp):
        Section("Papers", ["one", "two"], 2, sizes=[2])


@given(GROUPS, st.integers(2, 10))
def test_groups_are_all_positions_or_none_and_no_small_one_is_alone(groups: dict[str, dict[Side, int]], k: int) -> None:
    found = build_side_groups(SideCounts(groups=groups), k)
    known = sum(n for sides in groups.values() for n in sides.values())
    assert sum(group.n for group in found) in (known, 0)
    assert all(group.n >= k for group in found)
    assert bool(found) or known < k


def request(number: int, side: str | None, voices: int) -> DigestArgument:
    words = QuotableComment(number, number, f"R-{number}", "", "", f"Request {number}.", "en", None, False, voices)
    return DigestArgument(
        number, "", "", f"Request {number}", True, 1, voices, voices, 1, words, 0, len(words.body), voices, (), side
    )


def test_the_largest_request_of_each_side_comes_before_further_ones() -> None:
    found = [request(n, "drop", 900 - n) for n in range(8)] + [request(8, "keep", 70), request(9, None, 3)]
    rows = build_rows(found, overview=True)
    assert [row.id for row in rows] == [0, 8, 9, 1, 2, 3]
    assert [row.side for row in rows[:3]] == ["drop", "keep", None]


def test_small_kinds_have_one_name_together(app: Flask) -> None:
    groups = build_side_groups(
        SideCounts(groups={"ngo": {Side.KEEP: 6}, "faith": {Side.DROP: 2}, "youth": {Side.DROP: 9}}), 5
    )
    with app.test_request_context(), force_locale("en"):
        assert [contributors.side_group_name(one) for one in groups] == [
            "youth groups",
            "the remaining types of participant",
        ]
