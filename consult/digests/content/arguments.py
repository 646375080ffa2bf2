"""The digest's section on arguments: voices, new voices, and one verbatim quote each.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from consult.digests.content import quotes
from consult.digests.content.body import ArgumentsManifest, CountHeadline, CoverageSection, PlaceHeadline
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import ArgumentRow, DividedPlace

RULE_VERSION = 2
"""The version of this file's rules, for the manifest. Version 1 lists no divided places."""
_MOST = 6
MAX_DIVIDED_PLACES = 3
"""Divided places that a digest lists and that `argument_queries.py` reads."""
_SIDES = ("support", "concern")


@dataclass(frozen=True)
class DigestArgument:
    """One argument. `label` is its name where a person gave one, else its proposed phrases."""

    id: int
    place: str
    stance: str
    label: str
    named: bool
    revision: int
    voices: int
    new: int
    statements: int
    words: QuotableComment
    start: int
    end: int


def select_leading(found: Sequence[DigestArgument], finding: CountHeadline | PlaceHeadline) -> tuple[ArgumentRow, ...]:
    """What most argue who take the stance of the finding, at its place; of two stances that are level, each."""
    return select_largest(found, finding.place, finding.sides) if isinstance(finding, PlaceHeadline) else ()


def select_largest(found: Sequence[DigestArgument], place: str, stances: Sequence[str]) -> tuple[ArgumentRow, ...]:
    """What most argue who take these stances at a place, one argument for each."""
    ranked = sorted(found, key=lambda one: (-one.voices, not one.named, one.id))
    there = [[one for one in ranked if (one.place, one.stance) == (place, side)] for side in stances]
    return tuple(_build_row(ones[0]) for ones in there if ones)


def largest_by_place(found: Sequence[DigestArgument], places: Sequence[str]) -> dict[str, ArgumentRow]:
    """By place an argument than which none there has more voices, of the places whose largest were read."""
    ranked = sorted(found, key=lambda one: (one.voices, one.named, -one.id))
    return {one.place: _build_row(one) for one in ranked if one.place in places}


def build_rows(found: Sequence[DigestArgument], *, overview: bool) -> tuple[ArgumentRow, ...]:
    """The arguments in the order of the digest: most new voices first, in an overview most voices.

    An argument that a person named comes before a working label of the same weight. Nobody is quoted twice while
    somebody else can be.
    """
    ranked = sorted(found, key=lambda one: (0 if overview else -one.new, -one.voices, not one.named, one.id))
    return tuple(_build_row(one) for one in ranked[:_MOST])


def find_divided_places(found: Sequence[DigestArgument]) -> tuple[DividedPlace, ...]:
    """Places with arguments of both sides, each with the argument that most make there for it and against it.

    The place whose lesser side has most voices comes first: where many stand against one, views hardly divide.
    """
    sides: dict[str, dict[str, DigestArgument]] = {}
    for one in sorted(found, key=lambda one: (-one.voices, one.id)):
        if one.stance in _SIDES:
            sides.setdefault(one.place, {}).setdefault(one.stance, one)
    both = [(place, [of[side] for side in _SIDES]) for place, of in sides.items() if len(of) == len(_SIDES)]
    both.sort(key=lambda pair: (-min(one.voices for one in pair[1]), pair[0]))
    return tuple(
        DividedPlace(place=place, arguments=tuple(_build_row(one) for one in ones))
        for place, ones in both[:MAX_DIVIDED_PLACES]
    )


def _build_row(one: DigestArgument) -> ArgumentRow:
    return ArgumentRow(
        id=one.id,
        place=one.place,
        stance=one.stance,
        label=one.label,
        named=one.named,
        voices=one.voices,
        new=one.new,
        statements=one.statements,
        quote=quotes.build_quote(one.words, (one.start, one.end)),
    )


def build_manifest(found: Sequence[DigestArgument], upto: int, encoders: Sequence[str]) -> ArgumentsManifest:
    """The ledger number, encoders and revision that a digest's arguments are as of."""
    return ArgumentsManifest(
        upto=upto,
        vectors=tuple(f"words, {one}" if one else "words" for one in encoders),
        revisions={str(one.id): one.revision for one in found},
    )


def add_coverage(placed: CoverageSection, counts: Mapping[str, int]) -> CoverageSection:
    """With it how many published submissions are in an argument, in a campaign, and in either."""
    return replace(placed, **{name: counts.get(name, 0) for name in ("arguments", "campaigns", "either")})
