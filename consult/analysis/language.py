"""Languages: in which each text is written, with what the other texts of the same body are written in as a hint.

Short texts do not tell by themselves; in a body of German comments "Fahrradampel" is German. So the share of each
language is estimated from all texts together and weighs on each: expectation and maximisation, a few rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = (
    "en", "fr", "es", "ar", "ru", "zh", "de", "pt", "it", "nl", "pl", "sv", "tr", "uk", "fa", "hi", "bn", "ur", "id",
    "ja", "ko", "vi", "th", "sw", "el", "he", "ro", "cs", "sk", "da", "fi", "no", "hu", "bg", "sr", "hr", "ca",
)  # fmt: skip
UNKNOWN = "und"
_ENOUGH = 250
"""Characters that are looked at."""
_SAMPLE = 50_000
_ROUNDS = 20
_FLOOR = 1e-20
Chances = NDArray[np.float32]
Shares = NDArray[np.float64]


class Languages:
    """A choice among some languages."""

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        self.languages = tuple(sorted(languages))
        self._places = {language: place for place, language in enumerate(self.languages)}
        self._identifier: Any = _identifier(self.languages)

    def chances(self, texts: Sequence[str]) -> Chances:
        """For each text the chance of each language, by its letters alone; zeros where there are no letters."""
        found = np.zeros((len(texts), len(self.languages)), dtype=np.float32)
        first: dict[str, int] = {}
        for row, text in enumerate(texts):
            seen = first.setdefault(text[:_ENOUGH], row)
            if seen < row:
                found[row] = found[seen]
            elif any(map(str.isalpha, text)):
                for language, chance in self._identifier.rank(text[:_ENOUGH]):
                    found[row, self._places[language]] = max(chance, _FLOOR)
        return found

    def shares(self, chances: Chances) -> Shares:
        """The share of each language in a body of texts."""
        told = chances[chances.any(axis=1)]
        told = told[:: max(1, len(told) // _SAMPLE)].astype(np.float64)
        count = len(self.languages)
        shares: Shares = np.full(count, 1 / count)
        for _ in range(_ROUNDS):
            weighed = told * shares
            weighed /= weighed.sum(axis=1, keepdims=True)
            shares = (weighed.sum(axis=0) + 0.1 / count) / (len(told) + 0.1)
        return shares

    def decide(self, chances: Chances, shares: Shares) -> list[tuple[str, float]]:
        """The language of each text and how sure that is; `und` where there is nothing to go by."""
        weighed = chances * shares
        totals = weighed.sum(axis=1)
        best = weighed.argmax(axis=1)
        return [
            (self.languages[place], float(weighed[row, place] / total)) if total > 0 else (UNKNOWN, 0.0)
            for row, (place, total) in enumerate(zip(best.tolist(), totals.tolist(), strict=True))
        ]


def identify(texts: Sequence[str], languages: Sequence[str] = LANGUAGES) -> list[str]:
    """The language of each text.

    >>> identify(["The clinic must stay open.", "La clinique doit rester ouverte.", "12"])
    ['en', 'fr', 'und']
    """
    among = Languages(languages)
    chances = among.chances(texts)
    return [language for language, _ in among.decide(chances, among.shares(chances))]


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
