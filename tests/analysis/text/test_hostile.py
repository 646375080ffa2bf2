"""What is read of a comment takes no long time, whatever the comment is made of, and never fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consult.analysis.text.campaign_letter import CampaignLetter
from consult.analysis.text.demands import find_demands
from consult.analysis.text.line_roles import LineRole, read_lines
from consult.analysis.text.residual import compute_residuals
from consult.arguments.claims import statement_spans
from consult.moderation.checks.text_checks import find_rough_words
from consult.moderation.recourse.appeal_queries import suggest_hidden
from consult.moderation.redaction import split_sentences
from consult.submissions.anchors.selectors import sentence_spans
from consult.submissions.drafts.personal_data_hints import find_spans
from consult.submissions.values import MAX_COMMENT_LENGTH
from tests.analysis.writing import LETTERS
from tests.cpu_limit import limit_cpu

MOST = 3.0
"""Seconds of CPU for the longest comment there may be."""
LETTER = CampaignLetter.of(LETTERS[0])
READERS: dict[str, Callable[[str], object]] = {
    "demands": find_demands,
    "hidden": lambda text: suggest_hidden(text, text),
    "hints": find_spans,
    "lines": read_lines,
    "residual": lambda text: compute_residuals(LETTER, [f"{LETTER.text} {text}"]),
    "rough": lambda text: find_rough_words(0, text),
    "sentences": split_sentences,
    "spans": sentence_spans,
    "statements": statement_spans,
}
UNITS = (
    "please ", "please not ", "Hi, ", "Dear all, ", "Regards, ", "My name is Jane Roe and ", "s'il vous ",
    ". ", "a. ", ".", "!?", "“", "“ ", '"', "(", "1.1 ", "\n", " ", "a\n", "@", "a@", "a.b", "my cousin Maria ", "Mr ",
    "+1 ", "01 ", "http://", "not ", "repeal ", "we demand that ", "\u200b", "ا", "\n> a", "[name] ", "12 Main Street ",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_no_comment_takes_long_to_read(reader: str) -> None:
    for unit in UNITS:
        text = (unit * MAX_COMMENT_LENGTH)[: MAX_COMMENT_LENGTH - 2]
        with limit_cpu(MOST):
            READERS[reader](f"{text} x")


def test_a_line_of_greetings_is_read_as_words_and_one_greeting_before_words_is_set_aside() -> None:
    read_lines.cache_clear()
    roles = [line.role for line in read_lines("Hi, " * 2_000 + "stop the rule.")]
    assert set(roles) <= {LineRole.GREETING, LineRole.WORDS}
    assert roles[-1] is LineRole.WORDS
    assert [line.role for line in read_lines("Dear all, stop the rule.")] == [LineRole.GREETING, LineRole.WORDS]


def test_words_before_what_is_asked_may_come_as_often_as_they_like() -> None:
    with limit_cpu(MOST):
        assert find_demands(f"{'please ' * 60}keep the rule.")
        find_demands(f"{'please ' * 60}what keep the rule.")
