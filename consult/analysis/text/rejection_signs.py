"""Signs that a sentence may reject the text next to it: kinds of listed words. Few sentences have any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from consult.analysis.text.phrases import compile_words, is_negated
from consult.analysis.text.sentences import Sentence

_LISTS = (
    "letter_nouns",
    "proposal_nouns",
    "assent",
    "dissent",
    "disregard",
    "falsehood",
    "reversal",
    "views",
)
_HINTS = ("letter_nouns", "dissent", "disregard", "falsehood", "reversal", "views", "negated")
"""Signs that make a sentence worth judging. Questions, assent and words about a proposal alone reject nothing."""
SIGNS = (*_LISTS, "negated", "question")


class Judge(Protocol):
    """A function that rates from 0 to 1, by meaning, how surely a sentence of a text rejects the text next to it."""

    def __call__(self, text: str, sentence: Sentence, /) -> float: ...

    def judge_ahead(self, said: Sequence[tuple[str, Sentence]], /) -> None:
        """Judge sentences in one batch ahead of the calls, which halves the time."""


def read_signs(sentence: Sentence) -> tuple[bool, ...]:
    """Return which of `SIGNS` a sentence has, by the lists of its likeliest language.

    >>> from consult.analysis.text.sentences import split_sentences
    >>> said = split_sentences("I reject this letter. I pick apples.")
    >>> [[name for name, has in zip(SIGNS, read_signs(one)) if has] for one in said]
    [['letter_nouns', 'dissent', 'disregard'], []]
    """
    told = f" {' '.join(sentence.words)} "
    listed = (compile_words(sentence.language, name).search(told) is not None for name in _LISTS)
    return (*listed, is_negated(sentence.words, sentence.language), sentence.question)


def may_reject(signs: tuple[bool, ...]) -> bool:
    """Return True if a sentence with these signs is worth judging."""
    return any(has and name in _HINTS for name, has in zip(SIGNS, signs, strict=True))
