"""Weak keys: those that were typed rather than drawn at random. Length alone does not show it."""

from __future__ import annotations

import re
from itertools import pairwise

_MIN_DISTINCT = 8
"""Of 32 random hexadecimal digits fewer are distinct once in 20 million keys."""
_LONGEST_RUN = 8
_COMMON = re.compile(
    "change.?me|change.?it|password|passphrase|letmein|qwerty|asdfgh|secret.?key|my.?secret|super.?secret|default.?key"
    "|insert.?your|your.?key|replace.?(me|this)|for.development|lorem.?ipsum|not.?so.?secret|notsecret",
    re.I,
)


def find_weakness(key: str) -> str:
    """Why a key can be guessed, as the end of a sentence; empty if nothing shows it.

    >>> find_weakness("a" * 32)
    'it is one character again and again'
    >>> find_weakness("0123456789" * 4)
    'it is a short pattern again and again'
    >>> find_weakness("please-changeme-before-production")
    'it holds a word that many keys hold'
    >>> find_weakness("abcdefghijklmnopqrstuvwxyz012345")
    'it is a row of characters as they stand in the alphabet'
    >>> find_weakness("ab12ab21aabb1122bbaa2211ab12ba21b")
    'it has few different characters'
    >>> find_weakness("f0c5d1b94e7a2836f5d90b1c7e4a8263")
    ''
    """
    if len(set(key)) == 1:
        return "it is one character again and again"
    if _has_period(key):
        return "it is a short pattern again and again"
    if _COMMON.search(key):
        return "it holds a word that many keys hold"
    if _longest_run(key) > _LONGEST_RUN:
        return "it is a row of characters as they stand in the alphabet"
    return "it has few different characters" if len(set(key)) < _MIN_DISTINCT else ""


def _has_period(key: str) -> bool:
    """Whether it is a beginning of itself, moved: `abcabcab`. Half of it at least is then said again."""
    return any(key[period:] == key[:-period] for period in range(1, len(key) // 2 + 1))


def _longest_run(key: str) -> int:
    """How many characters follow one another as in the alphabet, forwards or backwards."""
    longest = run = 1
    step = 0
    for before, after in pairwise(key):
        distance = ord(after) - ord(before)
        run = run + 1 if distance == step and abs(distance) == 1 else 2 if abs(distance) == 1 else 1
        step, longest = distance, max(longest, run)
    return longest
