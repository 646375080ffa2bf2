"""Words carried to the next version: a golden corpus of edits, with not one wrong move that nobody sees."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.submissions.anchors import selectors
from consult.submissions.anchors.relocation import MIN_CONFIDENCE, MIN_QUOTE_LENGTH, AnchorRelocator, Relocation
from consult.submissions.anchors.selectors import anchor_at

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "golden_edits.toml").read_text(encoding="utf-8"))[
    "case"
]


def carried(case: dict[str, Any]) -> tuple[AnchorRelocator, Relocation]:
    """Paragraph 1 became 11, 12 …; 2 is another old one, which was merged with it; 21, 22 … stand elsewhere."""
    new = dict(enumerate(case["new"], start=11))
    others = dict(enumerate(case.get("others", []), start=21))
    merged = {2: list(new)} if case.get("merged") else {}
    carrier = AnchorRelocator({1: case["old"], 2: ""}, new | others, {1: list(new)} | merged)
    quote = case.get("quote")
    start = case["old"].index(quote) if quote else 0
    return carrier, carrier.place(1, selectors.anchor_at(case["old"], start, start + len(quote)) if quote else None)


@pytest.mark.parametrize("case", CASES, ids=[f"{n} {case.get('quote', 'all of it')}" for n, case in enumerate(CASES)])
def test_words_go_where_a_reader_would_look_for_them_or_to_a_person(case: dict[str, Any]) -> None:
    carrier, placed = carried(case)
    if not case["now"]:
        assert not placed.sure, placed
        return
    assert placed.sure, placed
    assert placed.provision_id is not None
    text = carrier.new[placed.provision_id]
    if case["now"] == "*":
        assert placed.anchor is None
    else:
        assert placed.anchor is not None
        assert placed.anchor.exact == case["now"]
        assert text[placed.anchor.start : placed.anchor.end] == case["now"]


def test_what_left_its_paragraph_is_proposed() -> None:
    case = next(case for case in CASES if case.get("others") and case["quote"].startswith("The fund"))
    _carrier, placed = carried(case)
    assert placed.provision_id == 21
    assert placed.anchor is not None
    assert placed.anchor.exact == case["quote"].strip(".")


WORDS = st.lists(
    st.sampled_from(
        ["the", "State", "shall", "report", "on", "harm", "and", "care", "of", "people", "by", "law", "2030"]
    ),
    min_size=4,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, st.data())
def test_whatever_is_edited_a_placed_quote_is_alike_whole_words_and_never_a_short_one_elsewhere(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    text, other = " ".join(old), " ".join(new)
    first = data.draw(st.integers(0, len(old) - 1))
    last = data.draw(st.integers(first + 1, len(old)))
    start = len(" ".join(old[:first])) + (1 if first else 0)
    quote = selectors.anchor_at(text, start, start + len(" ".join(old[first:last])))
    for candidates in ({1: [11]}, {1: [11, 12]}):
        placed = AnchorRelocator({1: text}, {11: other, 12: "Nothing of it."}, candidates).place(1, quote)
        assert placed == AnchorRelocator({1: text}, {11: other, 12: "Nothing of it."}, candidates).place(1, quote)
        if not placed.sure:
            continue
        assert placed.confidence >= MIN_CONFIDENCE
        assert placed.anchor is not None
        assert other[placed.anchor.start : placed.anchor.end] == placed.anchor.exact
        assert selectors.widen_to_words(other, placed.anchor.start, placed.anchor.end) == (
            placed.anchor.start,
            placed.anchor.end,
        )
        assert len(candidates[1]) == 1 or len(quote.exact) >= MIN_QUOTE_LENGTH


def test_words_that_a_division_of_the_paragraph_tears_apart_wait_for_a_person() -> None:
    before = "States shall open services for all. They shall report to review each penalty. Reduction penalty follows."
    after = {
        7: "States shall open services for all. They shall report to review each penalty.",
        8: "Reduction penalty follows.",
    }
    start = before.index("review")
    placed = AnchorRelocator({1: before}, after, {1: [7, 8]}).place(
        1, anchor_at(before, start, before.index(" follows"))
    )
    assert not placed.sure
    whole = AnchorRelocator({1: before}, after, {1: [7, 8]}).place(1, anchor_at(before, 0, before.index(" They")))
    assert (whole.provision_id, whole.sure) == (7, True)


def test_a_word_that_stands_there_twice_waits_for_a_person() -> None:
    before, after = "Each court shall publish what it finds.", "Each court shall publish publish what it finds."
    start = before.index("publish")
    assert not AnchorRelocator({1: before}, {7: after}, {1: [7]}).place(1, anchor_at(before, start, start + 7)).sure
