"""Words on their way in and out."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Session

from consult.core import text


@given(st.text())
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    once = text.clean_text(words)
    assert text.clean_text(once) == once


@given(st.text())
def test_cleaned_text_can_be_stored_and_shows_its_words_in_order(words: str) -> None:
    cleaned = text.clean_text(words)
    assert "\x00" not in cleaned
    assert not any(c in cleaned for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CELLS = st.text(st.sampled_from("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20;,|'\"1a ") | st.characters(codec="utf-8"))


@given(CELLS)
def test_a_csv_cell_is_never_a_formula(words: str) -> None:
    assert not text.csv_cell(words).startswith(FORMULA)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@given(words=CELLS)
@example(words="hello;=1+1;x")
@example(words="hello\t\uff1d1+1")
def test_no_list_separator_makes_a_formula_of_a_part_of_a_cell(separator: str, words: str) -> None:
    line = text.csv_line(["DP27", words, "end"])
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=separator, quoting=quoting):
            starts = [cell.lstrip(' "') for cell in row]
            assert separator == "," or not any(cell.startswith(FORMULA[:4] + FORMULA[7:]) for cell in starts), starts


@given(CELLS)
def test_a_csv_cell_is_read_back_as_it_was(words: str) -> None:
    assert text.read_csv_cell(text.csv_cell(words)) == words


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("hello;=1+1;x", "hello;'=1+1;x"),
        ("one\n- two", "one\n'- two"),
        ('hello; "=1+1"', 'hello;\' "=1+1"'),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\n=1", "'\n'=1"),
        ("drugs; see 1 - 2, and a=b", "drugs; see 1 - 2, and a=b"),
    ],
)
def test_an_apostrophe_stands_only_before_what_would_run(words: str, cell: str) -> None:
    assert text.csv_cell(words) == cell


def test_a_negative_number_stays_a_number() -> None:
    assert text.csv_line([-2, -0.5, Decimal("-1E+3"), "-2"]) == "-2,-0.5,-1000,'-2\r\n"


def test_markdown_lets_no_script_through() -> None:
    html = str(text.render_markdown("<script>alert(1)</script> [x](javascript:alert(1)) **bold**"))
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:alert(1))", "")
    assert "<strong>bold</strong>" in html


@given(st.text(), st.sampled_from(sorted(text.SILENT_CHARACTERS)), st.data())
def test_what_is_not_seen_makes_no_other_text(words: str, silent: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words)))
    planted = words[:at] + silent + words[at:]
    assert text.normalise(planted) == text.normalise(words)
    assert text.fingerprint(planted) == text.fingerprint(words)


@given(st.text(st.one_of(st.characters(), st.sampled_from(sorted(text.SILENT_CHARACTERS)))))
def test_every_character_that_is_heard_knows_where_it_stands(words: str) -> None:
    sounded, places = text.drop_silent_with_offsets(words)
    assert sounded == text.drop_silent(words)
    assert "".join(words[place] for place in places) == sounded


def test_the_database_drops_the_same_characters(session: Session) -> None:
    every = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000]
    dropped = session.scalars(
        sql_text(
            f"SELECT c FROM unnest(CAST(:every AS text[])) AS c WHERE {text.DROP_SILENT_SQL.format(text='c')} = ''"
        ),
        {"every": every},
    )
    assert set(dropped) == text.SILENT_CHARACTERS


@pytest.mark.parametrize("words", ["\u200b", " \u3164\u2060 ", "\ufeff\n\U000e0041"])
def test_a_text_in_which_nothing_is_seen_is_no_text(words: str) -> None:
    assert text.clean_text(words) == text.one_line(words) == ""


def test_people_see_the_joiners_that_were_written() -> None:
    for words in ("می\u200cخواهم", "👩\u200d⚕\ufe0f", "क्\u200dष"):
        assert text.clean_text(words) == text.one_line(words) == words
