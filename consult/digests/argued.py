"""Arguments as a digest tells them: how many make each, how many of these are new, and one of them word for word.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consult.digests import quotes
from consult.digests.quotes import Words

RULE = 2
"""The version of this file's rules, for the manifest. By version 1 nothing is told of where views divide."""
_MOST = 6
DIVIDED = 3
"""Places told where views divide, and in `arguing.py` read for it."""
_SIDES = ("support", "concern")


@dataclass(frozen=True)
class Argued:
    """One argument. `label` is its name where a person gave one, else the phrases it is told by."""

    id: int
    place: str
    stance: str
    label: str
    named: bool
    revision: int
    voices: int
    new: int
    statements: int
    words: Words
    start: int
    end: int


def told(found: Sequence[Argued], finding: Mapping[str, Any], *, overview: bool) -> dict[str, Any]:
    """What a body says of arguments: those that it tells, what the finding rests on, and where views divide."""
    return {
        "arguments": rows(found, overview=overview), "leading": leading(found, finding), "divided": divided(found),
    }  # fmt: skip


def leading(found: Sequence[Argued], finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What most argue who take the stance of the finding, at its place; of two stances that are level, each."""
    stances = finding.get("stances") or [finding["stance"]] if "place" in finding and "n" in finding else []
    ranked = sorted(found, key=lambda one: (-one.voices, not one.named, one.id))
    there = [[one for one in ranked if (one.place, one.stance) == (finding["place"], side)] for side in stances]
    return [_row(ones[0]) for ones in there if ones]


def top(found: Sequence[Argued]) -> dict[str, dict[str, Any]]:
    """By place what most argue there."""
    ranked = sorted(found, key=lambda one: (one.voices, one.named, -one.id))
    return {one.place: _row(one) for one in ranked}


def rows(found: Sequence[Argued], *, overview: bool) -> list[dict[str, Any]]:
    """The arguments in the order in which they are told: most new voices first, in an overview most voices.

    An argument that a person named comes before a working label of the same weight. Nobody is quoted twice while
    somebody else can be.
    """
    ranked = sorted(found, key=lambda one: (0 if overview else -one.new, -one.voices, not one.named, one.id))
    return [_row(one) for one in ranked[:_MOST]]


def divided(found: Sequence[Argued]) -> list[dict[str, Any]]:
    """Places with arguments of both sides, each with the argument that most make there for it and against it.

    The place whose lesser side has most voices comes first: where many stand against one, views hardly divide.
    """
    sides: dict[str, dict[str, Argued]] = {}
    for one in sorted(found, key=lambda one: (-one.voices, one.id)):
        if one.stance in _SIDES:
            sides.setdefault(one.place, {}).setdefault(one.stance, one)
    both = [(place, [of[side] for side in _SIDES]) for place, of in sides.items() if len(of) == len(_SIDES)]
    both.sort(key=lambda pair: (-min(one.voices for one in pair[1]), pair[0]))
    return [{"place": place, "arguments": [_row(one) for one in ones]} for place, ones in both[:DIVIDED]]


def _row(one: Argued) -> dict[str, Any]:
    return {
        "id": one.id, "place": one.place, "stance": one.stance, "label": one.label, "named": one.named,
        "voices": one.voices, "new": one.new, "statements": one.statements,
        "quote": quotes.quote(one.words, (one.start, one.end)),
    }  # fmt: skip


def manifest(found: Sequence[Argued], upto: int, encoders: Sequence[str]) -> dict[str, Any]:
    """As of which ledger number, by what compared, and in which state people had left what could be told."""
    return {
        "upto": upto, "vectors": [f"words, {one}" if one else "words" for one in encoders],
        "revisions": {str(one.id): one.revision for one in found},
    }  # fmt: skip


def coverage(counts: Mapping[str, int]) -> dict[str, int]:
    """How many published submissions are in an argument, in a campaign, and in either."""
    return {name: counts.get(name, 0) for name in ("arguments", "campaigns", "either")}
