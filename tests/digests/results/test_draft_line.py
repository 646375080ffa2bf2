"""The figure of the whole draft: its squares, its unit, its outliers, and its two directions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consult.digests.results import draft_line
from consult.digests.results.draft_line import DraftLine, LabelLines, LineColumn, LineGroup

SCALE_ON_A_PHONE = 1.06
"""By so much the template makes the figure wider than its own units: there it keeps its size and is scrolled."""


def column(key: str, copied: Mapping[str, int] | None = None, **stances: int) -> LineColumn:
    return LineColumn(key, key, "", stances, copied or {})


def named(one: LineColumn, side: int) -> LabelLines:
    return [("t-nr", one.label + " named at length" * 3, "")]


def drawn(*columns: LineColumn, mirrored: bool = False) -> DraftLine:
    return draft_line.draw([LineGroup("chp_1", "1", "Aims", columns)], named, mirrored=mirrored)


def test_each_submission_is_one_square_and_copies_are_hollow() -> None:
    line = drawn(column("1.1", {"concern": 3}, concern=5, support=2), column("1.2", wording=1))
    squares = {key: path.count("M") for key, path in line.squares.items()}
    assert squares == {
        ("support", False): 2,
        ("concern", False): 2,
        ("concern", True): 3,
        ("wording", False): 1,
    }
    assert line.unit == 1


def test_a_square_stands_for_more_where_a_stack_would_be_too_high_and_nobody_vanishes() -> None:
    line = drawn(column("1.1", concern=100), column("1.2", support=1))
    assert line.unit == 5
    assert line.squares["concern", False].count("M") == 20
    assert line.squares["support", False].count("M") == 1


def test_a_long_draft_draws_chapters_with_the_same_sums() -> None:
    groups = [LineGroup(f"c{n}", str(n), "", [column(f"{n}.{k}", concern=1) for k in range(40)]) for n in range(2)]
    line = draft_line.draw(groups, named, mirrored=False)
    assert line.by_chapter
    assert line.unit == 2
    assert line.squares["concern", False].count("M") == 40


def test_what_is_as_far_as_the_fourth_outlier_is_not_named_for_no_reason() -> None:
    rest = [column(f"r{n}", concern=1) for n in range(9)]
    far = [column(f"f{n}", concern=9) for n in range(4)]
    assert draft_line.find_outliers([*rest, *far]) == []
    furthest = column("x", concern=12)
    assert [one.key for one, _side in draft_line.find_outliers([*rest, *far, furthest])] == ["x"]


def test_no_label_lies_on_another_or_on_a_square_of_its_side() -> None:
    columns = [column(f"1.{n}", concern=20 if n in (2, 4, 6) else 1) for n in range(30)]
    line = drawn(*columns)
    labels = [one for one in line.texts if one.kind == "t-nr"]
    assert len(labels) == 3
    assert len({round(one.y) for one in labels}) == 3


def test_no_line_to_a_label_crosses_another_label() -> None:
    columns = [column(f"1.{n}", concern={4: 9, 6: 6, 8: 3}.get(n, 0)) for n in range(40)]
    line = drawn(*columns)
    labels = [one for one in line.texts if one.kind == "t-nr"]
    leaders = [[tuple(map(float, at.split())) for at in path.split("L")] for path in line.leaders.split("M")[1:]]
    assert (len(labels), len(leaders)) == (3, 3)
    for (x, begin), *_others, (_x, end) in leaders:
        assert not any(one.x < x < one.x + 200 and begin < one.y < end - 1 for one in labels)


def test_from_right_to_left_everything_is_on_the_other_side() -> None:
    columns = [column("1.1", support=1), column("1.2"), column("1.3", concern=9)]
    plain, turned = drawn(*columns), drawn(*columns, mirrored=True)

    def first_x(line: DraftLine) -> float:
        return float(line.squares["support", False][1:].split(" ")[0])

    assert first_x(plain) < plain.width / 2 < first_x(turned)
    assert turned.near == turned.width
    assert plain.height == turned.height


def test_on_a_phone_a_square_is_eight_pixels_or_more_however_many_columns_there_are() -> None:
    line = drawn(*(column(f"1.{n}", concern=2) for n in range(draft_line.MAX_COLUMNS)))
    side = re.search(r"h([\d.]+)", line.squares["concern", False])
    assert side
    assert float(side[1]) * SCALE_ON_A_PHONE >= 8
