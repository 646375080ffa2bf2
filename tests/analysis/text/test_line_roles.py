"""Greetings, names, addresses and template instructions are told from what somebody says, in each language."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.analysis.campaigns.demands import find_opening, list_demands
from consult.analysis.text.kept_words import find_words, keep_words, mask_names
from consult.analysis.text.line_roles import LineRole, read_lines
from consult.arguments.claims import statement_spans
from consult.digests.content.quotes import quote_span

LETTERS = Path(__file__).parent / "line_roles"
LANGUAGES = ("en", "fr", "es", "de", "ar")


def load(language: str) -> list[list[tuple[bool, str]]]:
    """Letters of a language: each line, and whether it says something."""
    blocks = (LETTERS / f"{language}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return [[(line[0] == "+", line[2:]) for line in block.splitlines()] for block in blocks]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_a_letter_is_words_or_set_aside(language: str) -> None:
    wrong = []
    for letter in load(language):
        text = "\n".join(line for _says, line in letter)
        kept = keep_words(text).split("\n")
        found = {line for line in (part.strip() for part in kept) if line}
        wrong += [line for says, line in letter if says != any(line in one for one in found)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_set_aside_is_in_no_statement_quote_or_demand(language: str) -> None:
    for letter in load(language):
        text = "\n".join(line for _says, line in letter)
        aside = [line for says, line in letter if not says]
        spans = [*statement_spans(text), quote_span(text), *list_demands(text), find_opening(text) or (0, 0)]
        said = [mask_names(text[start:end]) for start, end in spans]
        assert not [line for line in aside if any(line in one for one in said)]


def test_a_close_with_a_name_in_the_line_of_the_last_sentence_is_cut_off() -> None:
    text = "We ask you to stop. Thank you. Sincerely, Jane Roe Reno, NV 89501"
    assert keep_words(text).strip() == "We ask you to stop."


def test_words_of_a_sender_beside_a_letter_are_read_as_lines_of_their_own() -> None:
    text = "Jane Roe, Reno, NV I am writing on behalf of farm workers."
    cut = len("Jane Roe, Reno, NV ")
    assert find_words(text, 0, cut - 1, read_lines(text, (cut,))) == []
    assert find_words("Stop it now. " + text, 0, 12) == [(0, 12)]


def test_a_line_end_inside_a_sentence_ends_no_statement() -> None:
    text = "I urge the Department to withdraw its plan to force\nwomen to compete against\nlarger men.\nI am a nurse."
    assert [text[start:end] for start, end in list_demands(text)] == [text[: text.index("\nI am")]]
    assert len(statement_spans(text)) == 1


def test_a_part_of_a_sentence_is_no_demand() -> None:
    assert list_demands("against larger, stronger men.\n\nI ask you to stop the") == ()


def test_a_list_keeps_its_lines() -> None:
    text = "We ask for these things in every district of the country:\n- clinics in towns\n- buses on Sundays"
    assert keep_words(text) == text


@given(st.text(alphabet=st.sampled_from("aB .,!\n[]:-é؟ح1"), max_size=80))
def test_lines_never_overlap_and_keeping_words_moves_nothing(text: str) -> None:
    lines = read_lines(text)
    assert all(one.end <= two.start for one, two in pairwise(lines))
    kept = keep_words(text)
    assert len(kept) == len(text)
    assert all(new == old or new in " \n" for old, new in zip(text, kept, strict=True))
    assert all(text[one.start : one.end].strip() for one in lines if one.role is not LineRole.WORDS)
