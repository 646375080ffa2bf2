"""Contributor groups: suppression of small groups, missing groups, and differences between groups.

Pure functions. A group of fewer than `k` is not shown separately, because the comments of few people could identify
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.core.web.template_filters import in_hundredths
from consult.digests.content.body import GroupBreakdown, HeardLess, MissedTarget
from consult.digests.content.rows import GroupDifference, KindShare
from consult.digests.sides.section import SideGroup
from consult.positions.counts import SideCounts
from consult.submissions import stances
from consult.submissions.model import Stance

CONTRIBUTOR_KINDS = (
    "ngo", "community", "network", "academic", "health_service", "growers", "faith", "professional",
    "law_enforcement", "youth", "organisation", "person", "unnamed",
)  # fmt: skip
"""Kinds of contributors: kinds of organisations in their order, then people."""
DECLARED_KINDS = CONTRIBUTOR_KINDS[:10]
"""Kinds that organisations declare. These can be reported as missing."""


@dataclass(frozen=True)
class FlooredBreakdown:
    """A breakdown in which each number is zero or at least `k`. `rest` is the total of the groups too small to show."""

    shown: Mapping[str, int]
    rest: int
    groups: int  # number of groups in `rest`


def apply_floor(counts: Mapping[str, int], k: int) -> FlooredBreakdown:
    """Combine groups under `k`, and one more group if they have fewer than `k` in all.

    The additional group also prevents finding a single small group by subtraction.

    >>> apply_floor({"ngo": 9, "faith": 2, "youth": 7}, 5)
    FlooredBreakdown(shown={'ngo': 9}, rest=9, groups=2)
    >>> apply_floor({"ngo": 9, "youth": 7}, 5)
    FlooredBreakdown(shown={'ngo': 9, 'youth': 7}, rest=0, groups=0)
    """
    ranked = sorted(((n, name) for name, n in counts.items() if n > 0))
    small = [pair for pair in ranked if pair[0] < k]
    left = ranked[len(small) :]
    while small and left and (len(small) < 2 or sum(n for n, _name in small) < k):
        small.append(left.pop(0))
    if small and not left and sum(n for n, _name in small) < k:
        return FlooredBreakdown({}, 0, 0)
    kept = {name for _n, name in left}
    return FlooredBreakdown(
        {name: n for name, n in counts.items() if name in kept}, sum(n for n, _ in small), len(small)
    )


@dataclass(frozen=True)
class TargetGroup:
    """A group the owner wants to hear: its dimension, and the target number of submissions."""

    dimension: str
    key: str
    wanted: int
    label: str = ""


def find_heard_less(
    counts: Mapping[str, Mapping[str, int]], targets: Sequence[TargetGroup], quoted: Sequence[str], k: int
) -> HeardLess:
    """Return who is missing: missed targets, absent kinds, and kinds without a quote.

    `quoted` are the kinds that the digest quotes. Numbers under `k` are not shown.

    >>> find_heard_less({"kind": {"ngo": 9}}, [TargetGroup("kind", "youth", 5)], ["ngo"], 5).targets
    (MissedTarget(dimension='kind', key='youth', label='', wanted=5, n=0, few=False),)
    """
    kinds = counts.get("kind", {})
    missed = []
    for target in targets:
        n = counts.get(target.dimension, {}).get(target.key, 0)
        if n < target.wanted:
            few = 0 < n < k
            missed.append(MissedTarget(**vars(target), n=0 if few else n, few=few))
    aimed = {target.key for target in targets if target.dimension == "kind"}
    heard = sum(kinds.values()) > 0
    return HeardLess(
        k=k,
        targets=tuple(missed),
        absent=tuple(kind for kind in DECLARED_KINDS if heard and not kinds.get(kind) and kind not in aimed),
        few=tuple(kind for kind in DECLARED_KINDS if 0 < kinds.get(kind, 0) < k and kind not in aimed),
        unquoted=tuple(kind for kind in DECLARED_KINDS if kinds.get(kind, 0) >= k and kind not in quoted),
    )


def find_differences(said: Mapping[str, int], places: Sequence[str], k: int) -> tuple[GroupDifference, ...]:
    """Return, by part of the draft, the share of each kind that asks to keep it among those who also object to it.

    Only kinds with at least `k` submissions count. `said` has counts by “place stance kind”. Parts with the largest
    differences come first; parts with fewer than two such kinds are left out.
    """
    differences: list[GroupDifference] = []
    for position, place in enumerate(places):
        rows: list[KindShare] = []
        for kind in CONTRIBUTOR_KINDS:
            keep = said.get(f"{place} {Stance.SUPPORT} {kind}", 0)
            of = keep + sum(said.get(f"{place} {stance} {kind}", 0) for stance in stances.AGAINST)
            if of >= k:
                rows.append(KindShare(kind=kind, share=in_hundredths(keep / of), n=keep, of=of))
        if len(rows) > 1:
            rows.sort(key=lambda row: -row.share)
            spread = rows[0].share - rows[-1].share
            differences.append(GroupDifference(place=place, spread=spread, rows=tuple(rows), position=position))
    return tuple(sorted(differences, key=lambda row: (-row.spread, row.position)))


def build_side_groups(counts: SideCounts | None, k: int) -> tuple[SideGroup, ...]:
    """Return the known positions by kind of contributors, largest kind first, with small kinds added together.

    >>> from consult.positions.model import Side
    >>> counts = SideCounts(groups={"ngo": {Side.KEEP: 6}, "person": {Side.DROP: 9}, "youth": {Side.DROP: 1}})
    >>> [(one.kind, dict(one.sides)) for one in build_side_groups(counts, 5)]
    [('person', {'drop': 9}), ('', {'keep': 6, 'drop': 1})]
    """
    given = counts.groups if counts else {}
    found = apply_floor({kind: sum(sides.values()) for kind, sides in given.items()}, k)
    ranked = sorted(found.shown, key=lambda kind: (-found.shown[kind], kind))
    groups = [SideGroup(kind=kind, sides={str(side): n for side, n in given[kind].items()}) for kind in ranked]
    rest: Counter[str] = Counter()
    for kind, sides in given.items():
        if found.rest and kind not in found.shown:
            rest.update({str(side): n for side, n in sides.items()})
    return (*groups, *([SideGroup(kind="", sides=dict(rest))] if rest else []))


def build_breakdown(counts: Mapping[str, int], k: int) -> GroupBreakdown:
    """Return a breakdown with small groups combined, largest group first."""
    found = apply_floor(counts, k)
    ranked = sorted(found.shown.items(), key=lambda pair: (-pair[1], pair[0]))
    return GroupBreakdown(shown=tuple(ranked), rest=found.rest, groups=found.groups)
