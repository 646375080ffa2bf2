"""The sentence that a letter marks: only words that comments point at, and only where they still stand."""

from __future__ import annotations

from consult.digests.content.contested import mark_sentence
from consult.submissions.anchors.selectors import Anchor

TEXT = "States act. At least 60 per cent have access by 2029. Then they report."


def at(words: str) -> Anchor:
    start = TEXT.index(words)
    return Anchor(start, start + len(words), words)


def test_the_sentence_with_most_comments_is_chosen_and_rare_ones_are_not_marked() -> None:
    found = mark_sentence("p", TEXT, [at("60 per cent")] * 6 + [at("by 2029")] + [at("Then they report.")])
    assert found is not None
    assert found.parts == [("At least ", False), ("60 per cent", True), (" have access by 2029.", False)]


def test_words_that_are_not_there_any_more_mark_nothing() -> None:
    assert mark_sentence("p", TEXT, [Anchor(0, 5, "Other")]) is None
    assert mark_sentence("p", TEXT, []) is None
