"""Polarity: whether a small change of words turns what a sentence says into its contrary.

Removing "not" from a letter leaves nothing to read, so it is looked for by name: negators, and pairs of words of
opposite sense. A flag is for a moderator to look at, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consult.analysis.wordlists import opposites, word_set

Sides = tuple[frozenset[int], frozenset[int]]


def _sides(name: str) -> dict[str, Sides]:
    """For each word of a list the pairs in which it stands on the one side, and on the other."""
    left: dict[str, set[int]] = {}
    right: dict[str, set[int]] = {}
    for number, (one, other) in enumerate(opposites(name)):
        for word in one:
            left.setdefault(word, set()).add(number)
        for word in other:
            right.setdefault(word, set()).add(number)
    return {word: (frozenset(left.get(word, ())), frozenset(right.get(word, ()))) for word in {*left, *right}}


_NEGATORS = word_set("negators")
BEFORE_T = word_set("before_t")
"""What stands before the `t` of a contraction once the apostrophe is gone."""
_PREFIXES = ("un", "dis", "il", "im", "ir", "non", "in", "anti", "des", "dés", "mis")
"""Put before a word, they turn it."""
_SIDES = _sides("opposites")
_STEMS = _sides("opposite_stems")
_LONGEST = max(map(len, _STEMS))
_SHORTEST = 3
_PERSONS = "نأيتساوفبل"
"""What Arabic puts before a verb or noun: person, tense, and, so, with, to, the."""
_NOWHERE: Sides = (frozenset(), frozenset())
_MANY = 1_000
"""Numbers of pairs of stems begin here."""


def negates(words: Sequence[str]) -> bool:
    """Whether the words hold a negator; a contraction without its apostrophe counts.

    >>> negates("we don t want it".split()), negates("we want t shirts".split())
    (True, False)
    """
    return any(
        word in _NEGATORS or (word == "t" and at > 0 and words[at - 1] in BEFORE_T) for at, word in enumerate(words)
    )


def contrary(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether putting `new` in place of `old` turns the sense.

    >>> contrary([], ["not"]), contrary(["oppose"], ["support"]), contrary(["fair"], ["unfair"])
    (True, True, True)
    >>> contrary(["stop"], ["end"]), contrary(["not"], ["never"]), contrary(["harmful"], ["damaging"])
    (False, False, False)
    """
    if _misspelt(old, new):
        return False
    return negates(old) != negates(new) or _opposed(old, new) or _prefixed(old, new)


def _opposed(old: Sequence[str], new: Sequence[str]) -> bool:
    one, other = _stands(old), _stands(new)
    return bool((one[0] - one[1]) & (other[1] - other[0]) or (one[1] - one[0]) & (other[0] - other[1]))


def _stands(words: Iterable[str]) -> tuple[set[int], set[int]]:
    left: set[int] = set()
    right: set[int] = set()
    for word in words:
        one, other = _SIDES.get(word, _NOWHERE)
        left |= one
        right |= other
        one, other = _by_stem(word)
        left |= {_MANY + number for number in one}
        right |= {_MANY + number for number in other}
    return left, right


def _by_stem(word: str) -> Sides:
    """The pairs in which the longest known beginning of a word stands."""
    for bare in (word, *(word[cut:] for cut in (1, 2) if set(word[:cut]) <= set(_PERSONS))):
        for size in range(min(_LONGEST, len(bare)), _SHORTEST - 1, -1):
            if bare[:size] in _STEMS:
                return _STEMS[bare[:size]]
    return _NOWHERE


def _prefixed(old: Sequence[str], new: Sequence[str]) -> bool:
    for one, other in ((old, new), (new, old)):
        for word in one:
            if len(word) >= 4 and any(prefix + word in other for prefix in _PREFIXES):
                return True
    return False


def _misspelt(old: Sequence[str], new: Sequence[str]) -> bool:
    """The same letters in another order or with the space elsewhere: a slip of the finger."""
    one, other = "".join(old), "".join(new)
    return one == other or (len(old) == len(new) == 1 and sorted(one) == sorted(other))
