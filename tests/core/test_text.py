"""Words on their way in and out."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.core import access, crypto, paging, text, web


@pytest.mark.parametrize("module", [access, crypto, paging, text, web], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@given(st.text())
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    once = text.clean(words)
    assert text.clean(once) == once


@given(st.text())
def test_cleaned_text_can_be_stored_and_shows_its_words_in_order(words: str) -> None:
    cleaned = text.clean(words)
    assert "\x00" not in cleaned
    assert not any(c in cleaned for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")


@given(st.text())
def test_a_csv_cell_is_never_a_formula(words: str) -> None:
    assert not text.csv_cell(words).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_markdown_lets_no_script_through() -> None:
    html = str(text.markdown("<script>alert(1)</script> [x](javascript:alert(1)) **bold**"))
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:alert(1))", "")
    assert "<strong>bold</strong>" in html
