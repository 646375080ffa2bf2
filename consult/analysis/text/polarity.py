"""Detection of small changes that reverse the meaning of a sentence.

Removing “not” from a letter leaves no words to compare, so negators and pairs of opposites are looked up. The result is
a hint for a moderator.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from consult.analysis.text.wordlists import load_opposites, load_phrases, load_words

Sides = tuple[frozenset[int], frozenset[int]]


def _sides(name: str) -> dict[str, Sides]:
    """Return for each word of a list the numbers of the pairs in which it is on the left side and on the right side."""
    left: dict[str, set[int]] = {}
    right: dict[str, set[int]] = {}
    for number, (one, other) in enumerate(load_opposites(name)):
        for word in one:
            left.setdefault(word, set()).add(number)
        for word in other:
            right.setdefault(word, set()).add(number)
    return {word: (frozenset(left.get(word, ())), frozenset(right.get(word, ()))) for word in {*left, *right}}


_NEGATORS = load_words("negators")
_TURNERS = load_words("turners")
CONTRACTION_STEMS = load_words("before_t")
"""The part of a contraction before the `t` once the apostrophe is removed."""
_PREFIXES = ("un", "dis", "il", "im", "ir", "non", "in", "anti", "de", "des", "dés", "mis", "не", "без", "бес")
"""Prefixes that reverse the meaning of a word."""
_SIDES = _sides("opposites")
_STEMS = _sides("opposite_stems")
_LONGEST = max(map(len, _STEMS))
_SHORTEST = 3
_FEW = 3
"""Words that reverse the meaning on their own count only if at most this many words changed."""
_PERSONS = "نأيتساوفبل"
"""Arabic prefixes of verbs and nouns: person, tense, and, so, with, to, the."""
_AND = "وفبلأ"
"""Arabic prefixes of negators."""
_IDIOMS = re.compile(rf"(?<!\S)(?:{'|'.join(load_phrases('affirming_idioms'))})(?!\S)")
_INSIDE = re.compile("|".join(sorted(load_words("unspaced_negators"), key=len, reverse=True)))
_HARMLESS = re.compile("|".join(load_words("unspaced_harmless")))
_UNSPACED = load_opposites("unspaced_opposites")
_EASTERN = re.compile("[\u0e00-\u0eff\u3040-\ud7ff]")
_NOWHERE: Sides = (frozenset(), frozenset())
_MANY = 1_000
"""The first number of pairs of stems. Pairs in scripts without spaces start at twice this number."""


def is_negated(words: Sequence[str]) -> bool:
    """Return True if the words contain a negator. A contraction without apostrophe counts, “no doubt” does not.

    >>> is_negated("we don t want it".split()), is_negated("we want t shirts".split()), is_negated("no doubt".split())
    (True, False, False)
    """
    return _has_negator(words) and _has_negator(_IDIOMS.sub(" ", " ".join(words)).split())


def _has_negator(words: Sequence[str]) -> bool:
    if any(
        word in _NEGATORS
        or (word == "t" and at > 0 and words[at - 1] in CONTRACTION_STEMS)
        or (word[0] in _AND and word[1:] in _NEGATORS)
        for at, word in enumerate(words)
    ):
        return True
    together = _join_unspaced(words)
    return bool(together and _INSIDE.search(_HARMLESS.sub("", together)))


def _join_unspaced(words: Sequence[str]) -> str:
    """Return words joined as in scripts without spaces, or an empty string for other scripts."""
    text = "".join(words)
    return text if not text.isascii() and _EASTERN.search(text) else ""


def is_contrary(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return True if replacing `old` by `new` reverses the meaning.

    >>> is_contrary([], ["not"]), is_contrary(["oppose"], ["support"]), is_contrary(["fair"], ["unfair"])
    (True, True, True)
    >>> is_contrary([], ["fail", "to"]), is_contrary(list("支持"), list("反对")), is_contrary(["harmful"], ["harmless"])
    (True, True, True)
    >>> is_contrary(["stop"], ["end"]), is_contrary(["not"], ["never"]), is_contrary(["stop"], ["do", "not", "approve"])
    (False, False, False)
    """
    if _is_misspelling(old, new):
        return False
    if is_negated(old) != is_negated(new):
        return not (_is_doubly_turned(old, new) if is_negated(new) else _is_doubly_turned(new, old))
    return _has_opposites(old, new) or _has_turning_affix(old, new) or _is_turner_alone(old, new)


def _is_doubly_turned(plain: Sequence[str], negated: Sequence[str]) -> bool:
    """Return True if the negated side is the opposite of the other: a double reversal keeps the meaning."""
    rest = [word for word in negated if not _has_negator([word])]
    return _has_opposites(plain, rest) or (not _TURNERS.isdisjoint(plain) and _TURNERS.isdisjoint(negated))


def _is_turner_alone(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return True if a word that reverses the meaning is all that was inserted or removed."""
    return not (old and new) and len(old) + len(new) <= _FEW and not _TURNERS.isdisjoint((*old, *new))


def _has_opposites(old: Sequence[str], new: Sequence[str]) -> bool:
    one, other = _opposite_sides(old), _opposite_sides(new)
    return bool((one[0] - one[1]) & (other[1] - other[0]) or (one[1] - one[0]) & (other[0] - other[1]))


def _opposite_sides(words: Sequence[str]) -> tuple[set[int], set[int]]:
    left: set[int] = set()
    right: set[int] = set()
    for word in words:
        one, other = _SIDES.get(word, _NOWHERE)
        left |= one
        right |= other
        one, other = _by_stem(word)
        left |= {_MANY + number for number in one}
        right |= {_MANY + number for number in other}
    together = _join_unspaced(words)
    if together:
        for number, sides in enumerate(_UNSPACED, start=2 * _MANY):
            for side, found in zip(sides, (left, right), strict=True):
                if any(word in together for word in side):
                    found.add(number)
    return left, right


def _by_stem(word: str) -> Sides:
    """Return the pairs of the longest known prefix of a word."""
    cuts = [cut for cut in (1, 2, 3) if set(word[:cut]) <= set(_PERSONS)] or ([2] if word.startswith("ge") else [])
    for bare in (word, *(word[cut:] for cut in cuts)):
        for size in range(min(_LONGEST, len(bare)), _SHORTEST - 1, -1):
            if bare[:size] in _STEMS:
                return _STEMS[bare[:size]]
    return _NOWHERE


def _has_turning_affix(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return True if one side has a word of the other with a reversing affix: unfair, harmless."""
    for one, other in ((old, new), (new, old)):
        for word in one:
            if len(word) >= 4 and any(prefix + word in other for prefix in _PREFIXES):
                return True
            if word.endswith("ful") and f"{word[:-3]}less" in other:
                return True
    return False


def _is_misspelling(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return True for the same letters in another order or with a misplaced space: a typing error."""
    one, other = "".join(old), "".join(new)
    return one == other or (len(old) == len(new) == 1 and sorted(one) == sorted(other))
