"""The provision map: how the provisions of one version relate to those of the next.

`trace_provisions` is pure and returns lines; each provision of either version is in exactly one. A line is unchanged,
edited or moved (one to one), split (one to several), merged (several to one), new or removed. Comments follow the
lines: `before` and `after` are IDs of provisions. `queries.get_map` reads the lines of a stored version.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.documents.model import ProvisionChange
from consult.documents.versions import similarity
from consult.documents.versions.similarity import Links, Passage

__all__ = [
    "Links",
    "Passage",
    "ProvisionMapLine",
    "build_lines",
    "carry_ids",
    "chain_links",
    "relink",
    "trace_provisions",
]


class TangledLinks(Refusal):
    """Several provisions cannot become several, because a comment would have no definite place."""


@dataclass(frozen=True)
class ProvisionMapLine:
    """A line of the map. `edited` means that words changed; `score`, 0 to 1, is the similarity of the words."""

    change: ProvisionChange
    before: tuple[int, ...]
    after: tuple[int, ...]
    edited: bool = False
    score: float = 1.0


def trace_provisions(before: Sequence[Passage], after: Sequence[Passage]) -> list[ProvisionMapLine]:
    """Return the map between two complete versions in order.

    >>> from consult.documents.model import ProvisionKind
    >>> def passage(id, words, number): return Passage(id, None, ProvisionKind.PARAGRAPH, number, words)
    >>> old = [passage(1, "Each State shall test.", "1"), passage(2, "Repealed.", "2")]
    >>> new = [passage(7, "New aims are set.", "1"), passage(8, "Each State shall test soon.", "2")]
    >>> [(line.change.value, line.before, line.after) for line in trace_provisions(old, new)]
    [('new', (), (7,)), ('edited', (1,), (8,)), ('removed', (2,), ())]
    """
    return build_lines(before, after, similarity.find_links(before, after))


def build_lines(before: Sequence[Passage], after: Sequence[Passage], links: Links) -> list[ProvisionMapLine]:
    """Return the map from links, in the order of the later version. Removed provisions are at their old position."""
    old, new = {passage.id: passage for passage in before}, {passage.id: passage for passage in after}
    moved = _find_moved(old, new, links)
    made: dict[int, ProvisionMapLine] = {}
    removed: dict[int, list[ProvisionMapLine]] = defaultdict(list)
    order = {passage.id: place for whole in (before, after) for place, passage in enumerate(whole)}
    anchor = -1
    for passage in before:
        if following := links.after(passage.id):
            anchor = min(order[identifier] for identifier in following)
        else:
            removed[anchor].append(ProvisionMapLine(ProvisionChange.REMOVED, (passage.id,), (), edited=True, score=0.0))
    for place, passage in enumerate(after):
        former = tuple(sorted(links.before(passage.id), key=order.__getitem__))
        group = links.after(former[0]) if len(former) == 1 else (passage.id,)
        group = tuple(sorted(group, key=order.__getitem__))
        if group[0] == passage.id:
            made[place] = _build_line(old, new, links, former, group, passage.id in moved)
    lines = list(removed[-1])
    for place in range(len(after)):
        lines += [made[place]] if place in made else []
        lines += removed[place]
    return lines


def _build_line(
    old: Mapping[int, Passage],
    new: Mapping[int, Passage],
    links: Links,
    former: tuple[int, ...],
    group: tuple[int, ...],
    moved: bool,
) -> ProvisionMapLine:
    if not former:
        return ProvisionMapLine(ProvisionChange.NEW, (), group, edited=True, score=0.0)
    score = min(links.score(one, other) for one in former for other in group)
    if len(group) > 1:
        return ProvisionMapLine(ProvisionChange.SPLIT, former, group, edited=True, score=score)
    if len(former) > 1:
        return ProvisionMapLine(ProvisionChange.MERGED, former, group, edited=True, score=score)
    edited = old[former[0]].words != new[group[0]].words
    change = ProvisionChange.MOVED if moved else ProvisionChange.EDITED if edited else ProvisionChange.UNCHANGED
    return ProvisionMapLine(change, former, group, edited, score)


def _find_moved(old: Mapping[int, Passage], new: Mapping[int, Passage], links: Links) -> set[int]:
    """Return provisions linked one to one that have another parent now, or another order than most around them."""
    place = {identifier: number for number, identifier in enumerate(old)}
    siblings: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    moved: set[int] = set()
    for passage in new.values():
        former = links.before(passage.id)
        if len(former) != 1 or len(links.after(former[0])) != 1:
            continue
        above, was = passage.parent, old[former[0]].parent
        if (was in links.before(above)) if above is not None and was is not None else above is was:
            siblings[above].append((place[former[0]], passage.id))
        else:
            moved.add(passage.id)
    for group in siblings.values():
        kept = _longest_increasing([number for number, _identifier in group])
        moved |= {identifier for number, identifier in group if number not in kept}
    return moved


def _longest_increasing(numbers: Sequence[int]) -> set[int]:
    """Return the longest increasing subsequence of distinct numbers.

    >>> sorted(_longest_increasing([4, 1, 2, 3]))
    [1, 2, 3]
    """
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    kept: set[int] = set()
    at_end = tails[-1] if tails else None
    while at_end is not None:
        kept.add(at_end)
        at_end = before[at_end]
    return kept


def relink(links: Links, *, after: int, before: Iterable[int]) -> Links:
    """Return the links with one later provision linked to exactly these earlier ones. Raises TangledLinks."""
    changed = links.copy()
    changed.cut(after)
    for one in dict.fromkeys(before):
        changed.add(one, after, 1.0)
    former = changed.before(after)
    if len(former) > 1 and any(len(changed.after(one)) > 1 for one in former):
        raise TangledLinks(
            _("One of these provisions is already the source of another provision. Correct that link first."),
            field="before",
        )
    if len(former) == 1 and any(len(changed.before(one)) > 1 for one in changed.after(former[0])):
        raise TangledLinks(
            _("This provision was merged into another provision. Correct that link first."), field="before"
        )
    return changed


def chain_links(steps: Sequence[Links]) -> Links:
    """Return the links over several versions as links between the first and the last.

    Where the result is neither one to several nor several to one, only the best link is kept.
    """
    joined = steps[0]
    for step in steps[1:]:
        through = Links()
        found = [
            (joined.score(first, middle) * step.score(middle, last), first, last)
            for first, middle in joined.pairs()
            for last in step.after(middle)
        ]
        for score, first, last in sorted(found, key=lambda row: -row[0]):
            if through.is_star(first, last):
                through.add(first, last, score)
        joined = through
    return joined


def carry_ids(
    found: Sequence[ProvisionMapLine],
    links: Links,
    *,
    before: Mapping[int, str],
    after: Mapping[int, str],
    taken: set[str],
    version: int,
) -> dict[int, str]:
    """Return the permanent ID of each later provision: that of its origin, the most similar one if there are several.

    Without an origin it is its own ID within the version, followed by the version's number if that is in `taken`.
    `before` has permanent IDs, `after` IDs within the version. No permanent ID is ever reused.
    """
    given: dict[int, str] = {}
    for line in found:
        if line.before and line.after:
            old, new = max(
                ((one, other) for one in line.before for other in line.after), key=lambda pair: links.score(*pair)
            )
            given[new] = before[old]
    used = taken | set(given.values())
    for identifier, eid in after.items():
        if identifier not in given:
            wid = eid if eid not in used else f"{eid}-v{version}"
            given[identifier] = wid
            used.add(wid)
    return given
