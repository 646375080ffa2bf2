"""The same tasks with common tools; they need the extra `bench`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from consult.analysis.text.normalise import normal_form

try:
    from datasketch import MinHash, MinHashLSH
    from rensa import RMinHash, RMinHashLSH
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.lex_rank import LexRankSummarizer
except ImportError:
    INSTALLED = False
else:
    INSTALLED = True

PERMUTATIONS = 128
SHINGLE = 3
PUBLISHED = 5


def rensa(texts: Sequence[str], threshold: float) -> list[str]:
    """Return clusters by rensa's MinHash and LSH. The name is empty outside clusters of five."""
    distinct, numbers = _distinct(texts)
    index = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=_bands(threshold))
    prints = []
    for number, text in enumerate(distinct):
        found = RMinHash(num_perm=PERMUTATIONS, seed=42)
        found.update(_shingles(text))
        index.insert(number, found)
        prints.append(found)
    near = [
        [other for other in index.query(one) if other < number and one.jaccard(prints[other]) >= threshold]
        for number, one in enumerate(prints)
    ]
    return _clusters(near, numbers)


def datasketch(texts: Sequence[str], threshold: float) -> list[str]:
    """Return clusters by datasketch's MinHash and LSH."""
    distinct, numbers = _distinct(texts)
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    prints = []
    for number, text in enumerate(distinct):
        found = MinHash(num_perm=PERMUTATIONS)
        found.update_batch([shingle.encode() for shingle in _shingles(text)])
        index.insert(number, found)
        prints.append(found)
    near = [
        [other for other in index.query(one) if other < number and one.jaccard(prints[other]) >= threshold]
        for number, one in enumerate(prints)
    ]
    return _clusters(near, numbers)


class _Words:
    def to_words(self, text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())


def lexrank(texts: Sequence[str], k: int) -> list[int]:
    """Return the k sentences that LexRank ranks first."""
    sentences = [Sentence(text, _Words()) for text in texts]
    places = {id(sentence): place for place, sentence in enumerate(sentences)}
    chosen = LexRankSummarizer()(ObjectDocumentModel([Paragraph(sentences)]), k)
    return [places[id(sentence)] for sentence in chosen]


def _distinct(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return each text once, in our normal form, and the index of each comment among them."""
    first: dict[str, int] = {}
    numbers = [first.setdefault(normal_form(text), len(first)) for text in texts]
    return list(first), numbers


def _shingles(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))]


def _bands(threshold: float) -> int:
    """Return the banding whose curve is nearest to the threshold."""
    divisors = [bands for bands in range(1, PERMUTATIONS + 1) if PERMUTATIONS % bands == 0]
    return min(divisors, key=lambda bands: abs((1 / bands) ** (bands / PERMUTATIONS) - threshold))


def _clusters(near: Sequence[Sequence[int]], numbers: Sequence[int]) -> list[str]:
    parents = list(range(len(near)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for number, others in enumerate(near):
        for other in others:
            parents[root(other)] = root(number)
    roots = [root(number) for number in numbers]
    counts = Counter(roots)
    return [str(found) if counts[found] >= PUBLISHED else "" for found in roots]
