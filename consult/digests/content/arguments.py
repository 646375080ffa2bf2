"""The digest's section on arguments: authors, new authors, and one verbatim quote each. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from consult.digests.content import quotes
from consult.digests.content.body import ArgumentsManifest, CountHeadline, CoverageSection, PlaceHeadline
from consult.digests.content.quotes import QuotableComment
from consult.digests.content.rows import ArgumentRow, DividedPlace
from consult.submissions import stances
from consult.submissions.model import Stance

RULE_VERSION = 4
"""The version of the rules in this file, for the manifest.

Version 1 lists no divided places. Up to version 2 an argument counted authors, without copies of campaign letters. Up
to version 3 the largest came first, whatever their position on the draft.
"""
MAX_ARGUMENTS = 6
"""The maximum number of arguments in a digest."""
MAX_REASONS = 3
"""The maximum number of reasons and evidence quoted for an argument."""
MAX_DIVIDED_PLACES = 3
"""The maximum number of divided places in a digest, which `argument_queries.py` reads."""
_FOR, _AGAINST = "for", "against"
_SIDES = {Stance.SUPPORT: _FOR, **dict.fromkeys(stances.AGAINST, _AGAINST)}


@dataclass(frozen=True)
class ArgumentReason:
    """A reason or evidence of an argument: words of a published comment."""

    words: QuotableComment
    start: int
    end: int


@dataclass(frozen=True)
class DigestArgument:
    """An argument. `label` is its name if a person gave one, else its proposed phrases.

    `voices` counts submissions, and `copies` those of them that are copies of campaign letters. There may be one reason
    more than are quoted.
    """

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
    copies: int = 0
    reasons: Sequence[ArgumentReason] = ()
    side: str | None = None


def select_leading(found: Sequence[DigestArgument], finding: CountHeadline | PlaceHeadline) -> tuple[ArgumentRow, ...]:
    """Return the largest argument of each type that leads on the finding's part of the draft."""
    return select_largest(found, finding.place, finding.sides) if isinstance(finding, PlaceHeadline) else ()


def select_largest(found: Sequence[DigestArgument], place: str, stances: Sequence[str]) -> tuple[ArgumentRow, ...]:
    """Return the largest argument on a part of the draft for each of these types."""
    ranked = sorted(found, key=lambda one: (-one.voices, not one.named, one.id))
    there = [[one for one in ranked if (one.place, one.stance) == (place, side)] for side in stances]
    return tuple(_build_row(ones[0]) for ones in there if ones)


def largest_by_place(found: Sequence[DigestArgument], places: Sequence[str]) -> dict[str, ArgumentRow]:
    """Return the largest argument of each part of the draft whose arguments were read."""
    ranked = sorted(found, key=lambda one: (one.voices, one.named, -one.id))
    return {one.place: _build_row(one) for one in ranked if one.place in places}


def build_rows(found: Sequence[DigestArgument], *, overview: bool) -> tuple[ArgumentRow, ...]:
    """Return the arguments in the order of the digest: most new submissions first, or most submissions in an overview.

    The largest of each position on the draft come first, then the second largest of each, so that the smaller side is
    shown too.
    """
    ranked = sorted(found, key=lambda one: (0 if overview else -one.new, -one.voices, not one.named, one.id))
    order: Counter[str | None] = Counter()
    rounds = []
    for one in ranked:
        rounds.append((order[one.side], one))
        order[one.side] += 1
    rounds.sort(key=lambda pair: pair[0])
    return tuple(_build_row(one) for _round, one in rounds[:MAX_ARGUMENTS])


def find_divided_places(found: Sequence[DigestArgument]) -> tuple[DividedPlace, ...]:
    """Return parts of the draft with arguments for and against, each with the largest of both.

    The part whose smaller side has most submissions comes first, since views hardly differ where many oppose one.
    """
    sides: dict[str, dict[str, DigestArgument]] = {}
    for one in sorted(found, key=lambda one: (-one.voices, one.id)):
        if side := _SIDES.get(Stance(one.stance)) if one.stance else None:
            sides.setdefault(one.place, {}).setdefault(side, one)
    both = [(place, [of[_FOR], of[_AGAINST]]) for place, of in sides.items() if len(of) > 1]
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
        copies=one.copies,
        reasons=tuple(quotes.build_quote(it.words, (it.start, it.end)) for it in one.reasons[:MAX_REASONS]),
        more_reasons=len(one.reasons) > MAX_REASONS,
        side=one.side,
    )


def build_manifest(found: Sequence[DigestArgument], upto: int, encoders: Sequence[str]) -> ArgumentsManifest:
    """Return the ledger entry, encoders and revision of a digest's arguments."""
    return ArgumentsManifest(
        upto=upto,
        vectors=tuple(f"words, {one}" if one else "words" for one in encoders),
        revisions={str(one.id): one.revision for one in found},
    )


def add_coverage(placed: CoverageSection, counts: Mapping[str, int]) -> CoverageSection:
    """Return the coverage, extended by submissions in an argument, in a campaign, in either, in a checked argument."""
    return replace(placed, **{name: counts.get(name, 0) for name in ("arguments", "campaigns", "either", "checked")})
