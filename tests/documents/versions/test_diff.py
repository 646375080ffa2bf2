"""A word diff gives back both texts, and marks whole words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consult.documents.versions.diff import DiffMark, diff_words

texts = st.text(alphabet="ab .,\nשع", max_size=40)


@given(texts, texts)
def test_both_texts_can_be_read_from_their_diff(before: str, after: str) -> None:
    runs = diff_words(before, after)
    assert "".join(run.text for run in runs if run.mark is not DiffMark.NEW) == before
    assert "".join(run.text for run in runs if run.mark is not DiffMark.GONE) == after
    assert all(run.text for run in runs)


def test_changed_words_stand_together_and_not_letter_by_letter() -> None:
    runs = diff_words("States may, where needed, test drugs.", "States shall always test all drugs.")
    assert [(run.mark.value, run.text) for run in runs] == [
        ("same", "States "), ("gone", "may, where needed,"), ("new", "shall always"), ("same", " test "),
        ("new", "all "), ("same", "drugs."),
    ]  # fmt: skip
