"""Signs that a sentence may reject the text beside it: which kinds of listed words it has. Few sentences have any."""

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
"""A question, or words of assent or about a proposal, reject nothing by themselves."""
SIGNS = (*_LISTS, "negated", "question")


class Judge(Protocol):
    """How surely a sentence of a text rejects what it stands beside, from 0 to 1, by more than its words."""

    def __call__(self, text: str, sentence: Sentence, /) -> float: ...

    def judge_ahead(self, said: Sequence[tuple[str, Sentence]], /) -> None:
        """Judges sentences of texts together, before each is asked for: that takes half as long as one by one."""


def read_signs(sentence: Sentence) -> tuple[bool, ...]:
    """Which of `SIGNS` a sentence has, by the lists of its likeliest language.

    >>> from consult.analysis.text.sentences import split_sentences
    >>> said = split_sentences("I reject this letter. I pick apples.")
    >>> [[name for name, has in zip(SIGNS, read_signs(one)) if has] for one in said]
    [['letter_nouns', 'dissent', 'disregard'], []]
    """
    told = f" {' '.join(sentence.words)} "
    listed = (compile_words(sentence.language, name).search(told) is not None for name in _LISTS)
    return (*listed, is_negated(sentence.words, sentence.language), sentence.question)


def may_reject(signs: tuple[bool, ...]) -> bool:
    """Whether a sentence with these signs is worth a closer look."""
    return any(has and name in _HINTS for name, has in zip(SIGNS, signs, strict=True))
