"""Detection of diluted copies: extra words are inserted every few words, so no five words in a row match the letter.

Pairs of neighbouring words survive. Texts that share a third of a letter's pairs are compared word by word: a copy
contains nearly all words of the letter in order, and not much else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

from consult.analysis.campaigns.membership import LetterIndex
from consult.analysis.text.fingerprints import Flags, Ints, Marks, RaggedArray, distinct_rows, mark_words

MIN_WORDS = 15
"""The minimum number of words of a letter whose diluted copies can be recognised."""
_PAIRS = 0.35
_HELD = 0.85
"""The minimum share of the letter's words that a copy contains in order."""
_MADE_OF = 0.45
"""The minimum share of the copy's words that are the letter's."""


def find_diluted_copies(letters: Sequence[Marks], texts: RaggedArray) -> Ints:
    """Return for each text the index of the letter that it copies, or -1. Letters and texts are word hashes."""
    copies = np.full(len(texts), -1, dtype=np.int64)
    if not letters:
        return copies
    pairs = [np.unique(_mark_pairs(RaggedArray(letter, np.array([0, len(letter)]))).values) for letter in letters]
    votes = LetterIndex(pairs).vote(_mark_pairs(texts))
    lengths = np.array([len(letter) for letter in letters], dtype=np.int64)
    sizes = np.array([len(pair) for pair in pairs], dtype=np.int64)
    best = np.flatnonzero((votes.letter >= 0) & ~votes.torn)
    own, length = texts.sizes()[best], lengths[votes.letter[best]]
    fits: Flags = (own >= _HELD * length) & (_MADE_OF * own <= length)
    fits &= (votes.shared[best] >= _PAIRS * sizes[votes.letter[best]]) & (length >= MIN_WORDS)
    words: dict[int, list[int]] = {}
    for row in best[fits].tolist():
        letter = int(votes.letter[row])
        if letter not in words:
            words[letter] = letters[letter].tolist()
        held = LCSseq.similarity(words[letter], texts[row].tolist())
        if held >= _HELD * len(words[letter]) and held >= _MADE_OF * len(texts[row]):
            copies[row] = letter
    return copies


def _mark_pairs(texts: RaggedArray) -> RaggedArray:
    marks, whole = mark_words(texts, (0, 1))
    return distinct_rows(marks[whole], texts.owners()[whole], len(texts))
