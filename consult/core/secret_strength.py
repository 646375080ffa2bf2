"""Detection of weak keys: those that were typed rather than generated. Length alone does not show it."""

from __future__ import annotations

import re
from itertools import pairwise

_MIN_DISTINCT = 8
"""Of 32 random hexadecimal digits, fewer than this many are distinct once in 20 million keys."""
_LONGEST_RUN = 8
_COMMON = re.compile(
    "change.?me|change.?it|password|passphrase|letmein|qwerty|asdfgh|secret.?key|my.?secret|super.?secret|default.?key"
    "|insert.?your|your.?key|replace.?(me|this)|for.development|lorem.?ipsum|not.?so.?secret|notsecret",
    re.I,
)


def find_weakness(key: str) -> str:
    """Return the weakness of a key as the end of a sentence, or an empty string if none is found.

    >>> find_weakness("a" * 32)
    'it repeats one character'
    >>> find_weakness("0123456789" * 4)
    'it repeats a short pattern'
    >>> find_weakness("please-changeme-before-production")
    'it contains a common word'
    >>> find_weakness("abcdefghijklmnopqrstuvwxyz012345")
    'it contains characters in alphabetical order'
    >>> find_weakness("ab12ab21aabb1122bbaa2211ab12ba21b")
    'it has few different characters'
    >>> find_weakness("f0c5d1b94e7a2836f5d90b1c7e4a8263")
    ''
    """
    if len(set(key)) == 1:
        return "it repeats one character"
    if _has_period(key):
        return "it repeats a short pattern"
    if _COMMON.search(key):
        return "it contains a common word"
    if _longest_run(key) > _LONGEST_RUN:
        return "it contains characters in alphabetical order"
    return "it has few different characters" if len(set(key)) < _MIN_DISTINCT else ""


def _has_period(key: str) -> bool:
    """Return True if the key repeats a pattern at most half as long: `abcabcab`."""
    return any(key[period:] == key[:-period] for period in range(1, len(key) // 2 + 1))


def _longest_run(key: str) -> int:
    """Return the length of the longest alphabetical sequence, forwards or backwards."""
    longest = run = 1
    step = 0
    for before, after in pairwise(key):
        distance = ord(after) - ord(before)
        run = run + 1 if distance == step and abs(distance) == 1 else 2 if abs(distance) == 1 else 1
        step, longest = distance, max(longest, run)
    return longest
