"""Breakdowns by contributor, agreement and comments over time. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from consult.analysis.queries import ANY_STANCE
from consult.digests.content import groups as content_groups
from consult.digests.content.body import DIMENSIONS, ContributorSection, CoverageSection
from consult.digests.content.rows import CountedPlace, PlaceAgreement, count_kinds

AGREED = 60
"""The percentage of a place's submissions that must have one type to be called agreement."""


def find_agreement(rows: Sequence[CountedPlace], said: Mapping[str, int], k: int) -> tuple[PlaceAgreement, ...]:
    """Return the provisions where most submissions, and most large enough kinds of contributors, have one type."""
    found = []
    for row in rows:
        ranked = sorted(((n, stance) for stance, n in count_kinds(row.stances).items() if stance), reverse=True)
        if row.kind != "provision" or not ranked or row.submissions < k:
            continue
        n, stance = ranked[0]
        if len(ranked) > 1 and ranked[1][0] == n:
            continue  # a submission may have two types, and then neither is agreement
        if 100 * n >= AGREED * row.submissions:
            found.append(_build_agreement(row, stance, said, k))
    found.sort(key=lambda one: (-one.kinds_with, -one.texts, -one.n, one.key))
    return tuple(found)


def _build_agreement(row: CountedPlace, stance: str, said: Mapping[str, int], k: int) -> PlaceAgreement:
    """Return a type on a part of the draft, and the number of kinds of contributors in which more than half take it.

    Only kinds with at least `k` submissions there count.
    """
    spoken = {kind: said.get(f"{row.key} {ANY_STANCE} {kind}", 0) for kind in content_groups.CONTRIBUTOR_KINDS}
    kinds = [kind for kind, n in spoken.items() if n >= k]
    return PlaceAgreement(
        key=row.key,
        stance=stance,
        n=row.stances[stance],
        of=row.submissions,
        kinds=len(kinds),
        kinds_with=sum(2 * said.get(f"{row.key} {stance} {kind}", 0) > spoken[kind] for kind in kinds),
        texts=row.texts or 0,
    )


def count_coverage(counts: Mapping[str, int], published: int) -> CoverageSection:
    """Return how many published submissions refer to a paragraph or question.

    Of the rest, return how many are in a campaign and how many are not.

    >>> count_coverage({"spoken": 3, "letter": 4, "unplaced": 1}, 8).placed
    7
    """
    spoken, letter = counts.get("spoken", 0), counts.get("letter", 0)
    return CoverageSection(
        published=published,
        placed=spoken + letter,
        spoken=spoken,
        letter=letter,
        unplaced=counts.get("unplaced", 0),
    )


def count_copies(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return the number of campaign submissions by part of the draft and type. `any` counts each submission once.

    >>> count_copies({"chp_1 concern": 3, "chp_1 any": 3, " support": 2})
    {'chp_1': {'concern': 3, 'any': 3}, '': {'support': 2}}
    """
    copies: dict[str, dict[str, int]] = {}
    for key, n in counts.items():
        place, _space, stance = key.rpartition(" ")
        copies.setdefault(place, {})[stance] = n
    return copies


def count_by_day(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return comments by day, without gaps, from the first day to the last.

    >>> count_by_day({"2026-12-01": 3, "2026-12-03": 1})
    (('2026-12-01', 3), ('2026-12-02', 0), ('2026-12-03', 1))
    """
    if not counts:
        return ()
    first, last = date.fromisoformat(min(counts)), date.fromisoformat(max(counts))
    span = (last - first).days
    every = [(first + timedelta(days=n)).isoformat() for n in range(span + 1)]
    return tuple((day, counts.get(day, 0)) for day in every)


def build_section(counts: Mapping[str, Mapping[str, int]], rows: Sequence[CountedPlace], k: int) -> ContributorSection:
    """Return the contributors in large enough groups, with agreement and differences if counted."""
    found = ContributorSection(
        k=k,
        breakdowns={name: content_groups.build_breakdown(counts.get(name, {}), k) for name in DIMENSIONS},
    )
    if "at" not in counts:
        return found
    order = [row.key for row in rows if row.kind == "provision"]
    return replace(
        found,
        agreed=find_agreement(rows, counts["at"], k),
        differ=content_groups.find_differences(counts["at"], order, k),
        days=count_by_day(counts.get("day", {})),
    )
