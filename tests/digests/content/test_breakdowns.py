"""On what most agree, and where a stance has moved: told from a share and a number on, not below them."""

from __future__ import annotations

import pytest

from consult.digests.content.breakdowns import find_agreement
from consult.digests.content.changes import find_shifts
from consult.digests.content.rows import PlaceRow


def place(submissions: int, **stances: int) -> PlaceRow:
    return PlaceRow(
        key="p1", kind="provision", number="1.1", address="1.1", words="", position=0, submissions=submissions, new=0,
        stances=stances, stances_new={}, quotes=(),
    )  # fmt: skip


@pytest.mark.parametrize(("submissions", "most", "told"), [(10, 6, True), (10, 5, False), (5, 3, True), (4, 4, False)])
def test_most_agree_from_sixty_per_cent_of_the_smallest_group_on(submissions: int, most: int, told: bool) -> None:
    found = find_agreement([place(submissions, concern=most, support=1)], {}, 5)
    assert [(one.n, one.of) for one in found] == ([(most, submissions)] if told else [])


def test_of_a_kind_more_than_half_must_agree_and_it_must_be_large_enough() -> None:
    said = {
        "p1 any ngo": 6, "p1 concern ngo": 3, "p1 any faith": 5, "p1 concern faith": 3, "p1 any youth": 4,
        "p1 concern youth": 4,
    }  # fmt: skip
    (one,) = find_agreement([place(15, concern=10)], said, 5)
    assert (one.kinds_with, one.kinds) == (1, 2)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (place(20, concern=10), place(20, concern=11), True),  # five points
        (place(100, concern=50), place(100, concern=54), False),
        (place(5, concern=1), place(5, concern=4), True),
        (place(4, concern=1), place(5, concern=4), False),
    ],
)
def test_a_stance_has_moved_by_five_points_of_five_submissions_or_more(
    was: PlaceRow, now: PlaceRow, told: bool
) -> None:
    assert [one.stance for one in find_shifts(was, now)] == ["concern"] * told
