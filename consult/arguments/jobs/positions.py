"""Positions: what statements ask for and against, so that opposite requests are grouped separately.

Pure functions. A position is read from the calls of `analysis/text/demands.py`: a sign for each thing on each axis. If
no call is found, the position is empty and similarity alone decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from consult.analysis.text.demands import ADMISSION, ADOPTION, ARRIVAL, PRESERVATION, SOMEBODY, Call, read_calls
from consult.analysis.text.phrases import list_pattern
from consult.analysis.text.sentences import Sentence, split_sentences

RULE = 1
"""The version of the rules in this file."""
WIDTH = 512
"""The length of a position's vector, indexed by the hash of each thing. Collisions are rare."""
Position = Mapping[str, int]
"""1 for or -1 against, by axis and thing."""
_ANY_RESPECT = "*"
_PROPOSAL = "proposal"


def read_position(text: str) -> Position:
    """Return what a statement asks for and against. Things that it is both for and against are left out.

    >>> read_position("Let the needed workers in."), read_position("Please protect American workers!")
    ({'*:neede': 1, '1:0:': 1, '1:neede': 1}, {'1:0:': -1})
    """
    found: dict[str, set[int]] = {}
    for sentence in split_sentences(text):
        for call in read_calls(sentence):
            for feature, sign in _read_call(sentence, call).items() if call.asked else ():
                found.setdefault(feature, set()).add(sign)
    return {feature: min(signs) for feature, signs in sorted(found.items()) if len(signs) == 1}


def _read_call(sentence: Sentence, call: Call) -> dict[str, int]:
    things = call.things - {SOMEBODY}
    found = {f"{call.axis}:{thing}": call.sign for thing in things}
    if call.axis != ADOPTION:  # supporting a thing does not mean agreeing with every demand about it
        found |= {f"{_ANY_RESPECT}:{thing}": call.sign for thing in things if not thing.endswith(":")}
    if call.proposal:
        found[_PROPOSAL] = call.sign
    if call.axis == PRESERVATION and call.sign > 0 and _names_insiders(sentence):
        found[f"{ADMISSION}:{ARRIVAL}"] = -1
    return found


def _names_insiders(sentence: Sentence) -> bool:
    """Return True if a sentence names people from the same country: “our workers”, “los trabajadores nacionales”."""
    return _insiders_pattern(sentence.language).search(f" {' '.join(sentence.words)} ") is not None


@cache
def _insiders_pattern(language: str) -> re.Pattern[str]:
    here, persons = list_pattern(language, "insiders"), list_pattern(language, "persons")
    return re.compile(rf" (?:(?:{here}) (?:{persons})|(?:{persons}) (?:{here})) ")


def are_opposed(one: Position, other: Position) -> bool:
    """Return True if two positions are opposite on more things than they agree on.

    >>> fund, close = read_position("Fund needle exchange."), read_position("Do not fund needle exchange.")
    >>> are_opposed(fund, close), are_opposed(fund, fund), are_opposed(fund, {})
    (True, False, False)
    """
    return sum(sign * other.get(feature, 0) for feature, sign in one.items()) < 0


def embed_positions(positions: Sequence[Position]) -> NDArray[np.float32]:
    """Return a unit vector for each position, or zeros if it is empty. Opposite positions have a negative product."""
    rows = np.zeros((len(positions), WIDTH), dtype=np.float32)
    for row, position in enumerate(positions):
        for feature, sign in position.items():
            rows[row, int.from_bytes(blake2b(feature.encode(), digest_size=4).digest(), "big") % WIDTH] += sign
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: NDArray[np.float32] = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return found


def split_opposed(positions: Sequence[Position], members: Sequence[int]) -> list[list[int]]:
    """Split a group so that no part contains opposite positions.

    The minority that opposes the others is separated; the rest stay together.

    >>> said = ["Fund clinics.", "Clinics matter.", "Do not fund clinics.", "Fund the clinics!"]
    >>> split_opposed([read_position(words) for words in said], range(4))
    [[0, 1, 3], [2]]
    """
    left, parts = list(members), []
    while left:
        stay, gone = left, []
        while against := _find_minority(positions, stay):
            gone += against
            stay = [number for number in stay if number not in set(against)]
        parts.append(stay)
        left = gone
    return parts


def _find_minority(positions: Sequence[Position], members: Sequence[int]) -> list[int]:
    """Return the members that oppose the majority on the thing that divides most of them.

    A member counts only if it is in the minority on most of the things that divide the group.
    """
    sides = {sign: Counter[str]() for sign in (1, -1)}
    for number in members:
        for feature, sign in positions[number].items():
            sides[sign][feature] += 1
    divided = {feature: n - sides[-1][feature] for feature, n in sides[1].items() if sides[-1][feature]}
    for feature in sorted(divided, key=lambda name: (-min(sides[1][name], sides[-1][name]), name)):
        smaller = 1 if divided[feature] < 0 else -1
        found = [
            number
            for number in members
            if positions[number].get(feature) == smaller
            and sum(sign * divided[name] - 1 for name, sign in positions[number].items() if name in divided) < 0
        ]
        if found:
            return found
    return []
