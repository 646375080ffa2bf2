"""Sentences of a text with their positions, and the languages that each may be in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consult.analysis.text.normalise import split_words
from consult.analysis.text.phrases import PHRASED_LANGUAGES, compile_calls, compile_words
from consult.analysis.text.quotations import find_quotations
from consult.analysis.text.spans import SENTENCE_END, word_spans
from consult.analysis.text.wordlists import read_lists

_LIKELY = 0.6
"""A language with this share of the likeliest language's small words is considered too."""
_SHORT = 7
"""Up to this many words, a language is hard to tell, so the listed words and the expected language decide."""
_ABBREVIATED = re.compile(r"(?:[^\W\d_](?:\.[^\W\d_])*|Dr|Mr|Mrs|Ms|St|vs|Art|Sr|Sra)\. *")
"""A word whose full stop ends no sentence: a letter, as in U.S., or one of these."""
_PAUSE = re.compile(r"[,;:()\[\]–—،؛]|--|\s-\s")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its position in the text, its words, and the languages it may be in."""

    start: int
    end: int
    words: tuple[str, ...]
    languages: tuple[str, ...]
    pauses: frozenset[int]
    """The indices of words that follow a comma or similar mark."""
    question: bool

    @property
    def language(self) -> str:
        """Return the likeliest language, whose lists are used to read its calls."""
        return self.languages[0]


def split_sentences(text: str, expected: str = "") -> list[Sentence]:
    """Return the sentences of a text, except quoted ones. `expected` is the likely language.

    >>> len(split_sentences("Mr. Lee works in the U.S. now. He is well."))
    2
    """
    spans, words = word_spans(text), split_words(text)
    quoted = find_quotations(text) if any(mark in text for mark in '“„«「『">') else []
    sentences = []
    first = 0
    pauses: set[int] = set()
    for at, (_, end) in enumerate(spans):
        after = spans[at + 1][0] if at + 1 < len(spans) else len(text)
        if at + 1 < len(spans):
            if after - end == 1 and text[end] == " ":  # one space, as between most words
                continue
            if SENTENCE_END.search(text, end, after) is None or _ABBREVIATED.fullmatch(text, spans[at][0], after):
                if _PAUSE.search(text, end, after):
                    pauses.add(at + 1 - first)
                continue
        start = spans[first][0]
        closing = _closing(text, end, after)
        if not any(left < start and end <= right for left, right in quoted):
            said = tuple(words[first : at + 1])
            languages = _guess_languages(said, expected)
            asks = "?" in text[end:closing] or "؟" in text[end:closing]
            sentences.append(Sentence(start, closing, said, languages, frozenset(pauses), asks))
        first, pauses = at + 1, set()
    return sentences


def guess_language(text: str) -> str:
    """Return the likeliest language of the whole text among those with word lists."""
    return _guess_languages(split_words(text), "")[0]


def _closing(text: str, end: int, after: int) -> int:
    """Return the end of a sentence's closing punctuation."""
    while end < after and text[end] in ".!?…。！？؟)]\"'”’»":
        end += 1
    return end


def _guess_languages(words: Sequence[str], expected: str) -> tuple[str, ...]:
    """Return the languages that words may be in, likeliest first. Short texts may be in almost any."""
    joined = "".join(words)
    scores = dict.fromkeys(_UNSCRIPTED, 0)
    if not joined.isascii():
        characters = set(joined)
        for one, first, last in _SCRIPTS:
            if any(first <= character <= last for character in characters):
                return (one,)
        for one in scores:
            scores[one] += 2 * bool(characters.intersection("".join(read_lists(one).get("characters", ()))))
    for word in words:
        for one in _STOPWORDS.get(word, ()):
            scores[one] += 1
    if expected in scores:
        scores[expected] += 3 if len(words) <= _SHORT else 1
    best = max(scores.values())
    if len(words) <= _SHORT or best < 2:
        told = f" {' '.join(words)} "
        names = ("proposal_nouns", "requests", "letter_nouns")
        for one in scores:
            known = [compile_calls(one), *(compile_words(one, name) for name in names)]
            scores[one] += 2 * sum(len(pattern.findall(told)) for pattern in known)
        return tuple(sorted(scores, key=scores.__getitem__, reverse=True))
    likely = {one for one, score in scores.items() if score >= _LIKELY * best}
    for one in tuple(likely):
        likely.update(word for line in read_lists(one).get("siblings", ()) for word in line.split())
    return tuple(sorted(likely, key=scores.__getitem__, reverse=True))


def _read_script(language: str) -> tuple[str, ...]:
    """Return the first and last letter of the script that only this language uses, or an empty tuple."""
    return tuple(letter for line in read_lists(language).get("script", ()) for letter in line.split())


_SCRIPTS = tuple((one, *_read_script(one)) for one in PHRASED_LANGUAGES if _read_script(one))
_UNSCRIPTED = tuple(one for one in PHRASED_LANGUAGES if not _read_script(one))
_STOPWORDS: dict[str, list[str]] = {}
"""The languages of each small word."""
for _language in _UNSCRIPTED:
    for _word in {word for line in read_lists(_language).get("stopwords", ()) for word in line.split()}:
        _STOPWORDS.setdefault(_word, []).append(_language)
