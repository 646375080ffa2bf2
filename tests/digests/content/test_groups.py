from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consult.digests.content.groups import (
    CONTRIBUTOR_KINDS,
    TargetGroup,
    apply_floor,
    find_differences,
    find_heard_less,
)

COUNTS = st.dictionaries(st.sampled_from(CONTRIBUTOR_KINDS), st.integers(0, 40))


@given(counts=COUNTS, k=st.integers(1, 9))
def test_no_group_smaller_than_the_floor_is_shown_or_can_be_subtracted(counts: dict[str, int], k: int) -> None:
    found = apply_floor(counts, k)
    assert all(n >= k for n in found.shown.values())
    assert found.rest == 0 or (found.rest >= k and found.groups > 1)
    if found.shown:
        assert sum(found.shown.values()) + found.rest == sum(counts.values())


def test_who_was_hoped_for_and_did_not_come_is_named_and_small_numbers_are_not() -> None:
    targets = [TargetGroup("kind", "youth", 20), TargetGroup("kind", "growers", 5), TargetGroup("language", "qu", 3)]
    found = find_heard_less({"kind": {"youth": 3, "growers": 9, "ngo": 7}, "language": {}}, targets, ["growers"], 5)
    assert [(row.key, row.n, row.few) for row in found.targets] == [("youth", 0, True), ("qu", 0, False)]
    assert found.unquoted == ("ngo",)
    assert "faith" in found.absent
    assert "youth" not in found.absent


def test_a_group_of_exactly_the_floor_is_shown_and_told_as_it_is() -> None:
    assert dict(apply_floor({"ngo": 5, "youth": 9}, 5).shown) == {"ngo": 5, "youth": 9}
    for n, few in ((4, True), (5, False)):
        found = find_heard_less({"kind": {"youth": n, "ngo": n}}, [TargetGroup("kind", "youth", 20)], [], 5)
        assert [(row.n, row.few) for row in found.targets] == [(0 if few else n, few)]
        assert ("ngo" in found.few, "ngo" in found.unquoted) == (few, not few)


def test_a_kind_of_exactly_the_floor_is_compared() -> None:
    for n, told in ((4, []), (5, [5, 9])):
        said = {"p1 support ngo": n, "p1 concern faith": 9}
        assert sorted(one.of for row in find_differences(said, ["p1"], 5) for one in row.rows) == told


def test_kinds_differ_where_two_are_large_enough_to_be_compared() -> None:
    said = {"p1 support ngo": 9, "p1 concern ngo": 1, "p1 concern law_enforcement": 6, "p1 support faith": 2}
    (row,) = find_differences(said, ["p1", "p2"], 5)
    assert row.spread == 90
    assert [(one.kind, one.share, one.of) for one in row.rows] == [
        ("ngo", 90, 10), ("law_enforcement", 0, 6),
    ]  # fmt: skip
