"""Working labels: phrases that distinguish a group of statements from its neighbours.

Pure functions. Class-based TF-IDF over words and word pairs, in their most frequent spelling. A label is not a summary:
people name what a group says. Source: Grootendorst, BERTopic, 2022, section 3.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

from consult.analysis.text.normalise import split_words
from consult.analysis.text.stopwords import is_stopword

RULE = 1
_PHRASES = 3
_SHORTEST = 3


def find_phrases(groups: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return at most three phrases for each group of statements, most distinctive first.

    >>> find_phrases([["Needle exchange saves lives.", "Fund needle exchange."], ["The tax is too high."]])
    [['needle exchange', 'saves lives', 'fund'], ['high', 'tax']]
    """
    counts = [Counter(phrase for text in group for phrase in set(_candidate_phrases(text))) for group in groups]
    everywhere: Counter[str] = Counter()
    for each in counts:
        everywhere.update(each)
    average = sum(everywhere.values()) / max(1, len(groups))
    return [_best_phrases(each, everywhere, average, len(group)) for each, group in zip(counts, groups, strict=True)]


def _best_phrases(counts: Counter[str], everywhere: Counter[str], average: float, size: int) -> list[str]:
    least = 2 if size > 2 else 1
    worth = {
        phrase: n * log(1 + average / everywhere[phrase]) * (1.5 if " " in phrase and n > 1 else 1)
        for phrase, n in counts.items()
        if n >= least or size == 1
    } or {phrase: log(1 + average / everywhere[phrase]) for phrase in counts}
    chosen: list[str] = []
    for phrase in sorted(worth, key=lambda phrase: (-worth[phrase], phrase.count(" ") == 0, phrase)):
        if not any(_overlap(phrase, other) for other in chosen):
            chosen.append(phrase)
        if len(chosen) == _PHRASES:
            break
    return chosen


def _overlap(one: str, other: str) -> bool:
    return bool(set(one.split()) & set(other.split()))


def _candidate_phrases(text: str) -> Iterable[str]:
    """Yield content words and pairs of adjacent ones."""
    said = split_words(text)
    telling = [None if is_stopword(word) or len(word) < _SHORTEST or word.isdigit() else word for word in said]
    yield from (word for word in telling if word)
    yield from (f"{one} {other}" for one, other in pairwise(telling) if one and other)
