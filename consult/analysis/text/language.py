"""Language of each text, estimated with the languages of the other texts of the same collection as a hint.

The script decides where it can (`core/text_language.py`). Among the remaining languages, character statistics and the
shares of the languages in the collection are weighed: “Fahrradampel” among German comments is German. The shares are
estimated from all texts together, in a few rounds of expectation maximisation. They do not overrule the words: in a
short text, words that are neither in the collection's texts in a language nor among its commonest words count against
it. Doubtful texts are `und`, never the majority language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from consult.analysis.text.wordlists import LISTED_LANGUAGES, read_lists
from consult.core.text import fold_text
from consult.core.text_language import COMMON_WORDS, UNKNOWN, find_script, list_possible

DETECTABLE_LANGUAGES = (
    "en", "fr", "es", "ar", "ru", "zh", "de", "pt", "it", "nl", "pl", "sv", "tr", "uk", "fa", "hi", "bn", "ur", "id",
    "ja", "ko", "vi", "th", "sw", "el", "he", "ro", "cs", "sk", "da", "fi", "no", "hu", "bg", "sr", "hr", "ca",
)  # fmt: skip
_ENOUGH = 250
"""The maximum number of characters examined."""
_SAMPLE = 50_000
_ROUNDS = 20
_FLOOR = 1e-20
_SHORT = 60
"""The length in characters up to which words are weighed one by one."""
_TELLING = 8
"""The number of characters needed for a reliable result. With fewer, the confidence is reduced."""
_CLEAR = 0.99
_SURE = 0.7
"""The minimum probability at which a short text is assigned a language."""
_UNKNOWN_WORD = 0.005
"""The factor for a word that is not in a language's lists and at most once in its texts, if these are many."""
_NEW_WORD = 0.2
_LEAST_SHARE = 0.001
"""The minimum share of any language for a short text.

Without it, a few texts in a language would have to outweigh all others first.
"""
_RARELY = 0.05
_MANY_WORDS = 3_000
"""The number of words in a language from which the absence of a word is significant."""
_WORD = re.compile(r"[^\W\d_]+")
Chances = NDArray[np.float32]
Shares = NDArray[np.float64]


class LanguageDetector:
    """A choice among languages: call `chances` for all texts, then `shares`, then `decide` with the texts again."""

    def __init__(self, languages: Sequence[str] = DETECTABLE_LANGUAGES) -> None:
        self.languages = tuple(sorted(languages))
        self._places = {language: place for place, language in enumerate(self.languages)}
        self._identifier: Any = _identifier(self.languages)
        self._words: list[Counter[str]] = [Counter() for _ in self.languages]
        self._listed = [load_common_words(language) for language in self.languages]

    def chances(self, texts: Sequence[str]) -> Chances:
        """Return for each text the probability of each language, from its characters alone.

        Zeros if there are no letters, or none of the languages uses them.
        """
        found = np.zeros((len(texts), len(self.languages)), dtype=np.float32)
        first: dict[str, int] = {}
        for row, text in enumerate(texts):
            text = fold_text(text[: 2 * _ENOUGH])[:_ENOUGH]
            seen = first.setdefault(text, row)
            if seen < row:
                found[row] = found[seen]
            elif any(map(str.isalpha, text)):
                self._weigh(text, found[row])
        return found

    def _weigh(self, text: str, row: Chances) -> None:
        possible = self._list_possible(text)
        if len(possible) == 1:
            row[possible[0]] = 1
        elif possible:
            part = min(1.0, sum(map(str.isalpha, text)) / _TELLING)
            for language, chance in self._identifier.rank(text):
                row[self._places[language]] = max(chance, _FLOOR) ** part
            row[[place for place in range(len(row)) if place not in possible]] = 0
            if find_script(text) == "Han":  # Japanese is seldom written without kana
                row[possible] = [1, *[_RARELY] * (len(possible) - 1)]
            row /= row.sum()
        if len(text) > _SHORT and (best := int(row.argmax())) in possible and row[best] > _CLEAR:
            self._words[best].update(_list_words(text))

    def _list_possible(self, text: str) -> list[int]:
        """Return the indices of the languages that the script allows: all if it is unknown or mixed."""
        possible = list_possible(text)
        if not possible and not find_script(text):
            return list(range(len(self.languages)))
        return [self._places[code] for code in possible if code in self._places]

    def shares(self, chances: Chances) -> Shares:
        """Return the share of each language in a collection of texts."""
        told = chances[chances.any(axis=1)]
        told = told[:: max(1, len(told) // _SAMPLE)].astype(np.float64)
        count = len(self.languages)
        shares: Shares = np.full(count, 1 / count)
        for _ in range(_ROUNDS):
            weighed = told * shares
            weighed /= weighed.sum(axis=1, keepdims=True)
            shares = (weighed.sum(axis=0) + 0.1 / count) / (len(told) + 0.1)
        return shares

    def decide(self, chances: Chances, shares: Shares, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Return the language of each text and the confidence. `und` if there is too little evidence."""
        weighed = chances * shares
        likely = self._limit_shares(shares)
        decided = []
        for row, text in enumerate(texts):
            words = _list_words(fold_text(text)) if len(text) <= _SHORT else []
            if words and np.count_nonzero(chances[row]) > 1:
                weighed[row] = chances[row] * likely * self._weigh_words(words)
            total = weighed[row].sum()
            best = int(weighed[row].argmax())
            sure = float(weighed[row, best] / total) if total > 0 else 0.0
            told = total > 0 and (not words or sure >= _SURE)
            decided.append((self.languages[best] if told else UNKNOWN, sure if told else 0.0))
        return decided

    def _limit_shares(self, shares: Shares) -> Shares:
        """Return the shares for short texts.

        If there are long texts, a language found only in short ones gets the minimum.
        """
        seen = np.array([words.total() > 0 for words in self._words])
        return np.where(seen | (not seen.any()), np.maximum(shares, _LEAST_SHARE), _LEAST_SHARE)

    def _weigh_words(self, words: Sequence[str]) -> Shares:
        """Return the factor by which the words reduce the probability of each language."""
        left = np.ones(len(self.languages))
        for place, (seen, listed) in enumerate(zip(self._words, self._listed, strict=True)):
            known = seen.total() >= _MANY_WORDS
            for word in words:
                if word not in listed:
                    left[place] *= (1 if seen[word] > 1 else _UNKNOWN_WORD) if known else _NEW_WORD
        return left


def _list_words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


@lru_cache(maxsize=64)
def load_common_words(language: str) -> frozenset[str]:
    """Return the commonest words of a language."""
    lines = read_lists(language).get("stopwords", ()) if language in LISTED_LANGUAGES else ()
    return COMMON_WORDS.get(language, frozenset()).union(*(line.split() for line in lines))


def identify_languages(texts: Sequence[str], languages: Sequence[str] = DETECTABLE_LANGUAGES) -> list[str]:
    """Return the language of each text.

    >>> identify_languages(["The clinic must stay open.", "La clinique doit rester ouverte.", "12"])
    ['en', 'fr', 'und']
    """
    among = LanguageDetector(languages)
    chances = among.chances(texts)
    return [language for language, _ in among.decide(chances, among.shares(chances), texts)]


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
