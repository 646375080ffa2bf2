"""The script of a text decides which languages it may be in, before anything else does."""

from __future__ import annotations

import pytest

from consult.core.text_language import COMMON_WORDS, find_script, list_possible, tell_by_script
from consult.moderation.checks.text_checks import detect_language


@pytest.mark.parametrize(
    ("text", "script"),
    [("Oui", "Latin"), ("Да", "Cyrillic"), ("支持", "Han"), ("賛成です", "Kana"), ("찬성", "Hangul"), ("12 %", ""),
     ("ok да", ""), ("Dоktоr", "Latin"), ("हाँ", "Devanagari"), ("", "")],
)  # fmt: skip
def test_the_script_of_most_letters_is_the_script_of_a_text(text: str, script: str) -> None:
    assert find_script(text) == script


def test_letters_of_one_language_leave_that_one() -> None:
    assert list_possible("Я проти цього їхнього") == ("uk",)
    assert list_possible("Это не так") == ("ru",)
    assert list_possible("لا أوافق على هذه") == ("ar",)
    assert set(list_possible("موافق نیستم")) == {"fa", "ur"}
    assert list_possible("میں متفق نہیں ہوں") == ("ur",)


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [("支持", "en", "zh"), ("Да", "en", "und"), ("Да", "bg", "bg"), ("Oui", "en", "en"), ("Oui", "qu", "qu"),
     ("ჰო", "en", "und"), ("😀", "es", "es"), ("نعم", "fr", "und"), ("نعم", "ar", "ar")],
)  # fmt: skip
def test_a_comment_is_not_filed_in_a_language_that_its_letters_forbid(text: str, expected: str, told: str) -> None:
    assert tell_by_script(text, expected) == told


def test_the_queue_is_told_what_the_script_shows_and_no_more() -> None:
    assert detect_language("支持") == detect_language("Я проти", "en") == "und"
    assert detect_language("ผมเห็นด้วย", "en") == "th"
    assert detect_language("Да", "ru") == "ru"


def test_every_list_of_common_words_is_of_a_language() -> None:
    assert all(len(code) == 2 and len(words) > 15 for code, words in COMMON_WORDS.items())
