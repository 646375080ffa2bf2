"""Contributor groups: suppression of small groups, groups heard less, and differences between groups.

Pure. A group of fewer than `k` is never shown by itself: the comments of few people could identify them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.core.web.template_filters import in_hundredths
from consult.digests.content.body import GroupBreakdown, HeardLess, MissedTarget
from consult.digests.content.rows import GroupDifference, KindShare

CONTRIBUTOR_KINDS = (
    "ngo", "community", "network", "academic", "health_service", "growers", "faith", "professional",
    "law_enforcement", "youth", "organisation", "person", "unnamed",
)  # fmt: skip
"""Kinds of contributors: of organisations in their order, then people."""
DECLARED_KINDS = CONTRIBUTOR_KINDS[:10]
"""Kinds that an organisation declares of itself: those that can be heard less."""


@dataclass(frozen=True)
class FlooredBreakdown:
    """A breakdown in which each number is zero or at least `k`; `rest` are those of groups too small to show."""

    shown: Mapping[str, int]
    rest: int
    groups: int  # how many groups `rest` stands for


def apply_floor(counts: Mapping[str, int], k: int) -> FlooredBreakdown:
    """The breakdown with groups under `k` put together, and one more where these alone would not be `k` either.

    Putting in one more also keeps a single small group from being found by subtraction.

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
    """A group that the owner set out to hear: of a dimension of the counts, and from how many submissions."""

    dimension: str
    key: str
    wanted: int
    label: str = ""


def find_heard_less(
    counts: Mapping[str, Mapping[str, int]], targets: Sequence[TargetGroup], quoted: Sequence[str], k: int
) -> HeardLess:
    """Who is missing: groups the owner set out to hear and did not, kinds never heard, and kinds nobody is quoted of.

    `quoted` are the kinds of which the digest quotes somebody. A number under `k` is told as such, not as itself.

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
    """By place, the share of each kind that supports among those who support or raise concerns; only kinds of `k`.

    `said` are counts by "place stance kind". Places where kinds differ most come first; those without two kinds
    large enough are left out.
    """
    found: list[GroupDifference] = []
    for position, place in enumerate(places):
        rows: list[KindShare] = []
        for kind in CONTRIBUTOR_KINDS:
            support, concern = (said.get(f"{place} {stance} {kind}", 0) for stance in ("support", "concern"))
            if support + concern >= k:
                share = in_hundredths(support / (support + concern))
                rows.append(KindShare(kind=kind, share=share, n=support, of=support + concern))
        if len(rows) > 1:
            rows.sort(key=lambda row: -row.share)
            spread = rows[0].share - rows[-1].share
            found.append(GroupDifference(place=place, spread=spread, rows=tuple(rows), position=position))
    return tuple(sorted(found, key=lambda row: (-row.spread, row.position)))


def build_breakdown(counts: Mapping[str, int], k: int) -> GroupBreakdown:
    """A breakdown with its floor, the largest group first."""
    found = apply_floor(counts, k)
    ranked = sorted(found.shown.items(), key=lambda pair: (-pair[1], pair[0]))
    return GroupBreakdown(shown=tuple(ranked), rest=found.rest, groups=found.groups)
