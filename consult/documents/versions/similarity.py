"""Matching of provisions of two versions by words and position.

Five steps, each for provisions without a link: identical words; similar words; headings by their contents; parts of a
provision that was split, or that were merged; the same number at the same position. Candidates come from an index of
word pairs, so that the work grows linearly with the length of the text.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from consult.core.lazy import LazyModule
from consult.core.text import normalise
from consult.documents.model import ProvisionKind

_distance: Any = LazyModule("rapidfuzz.distance")
_ALIKE = 0.5
_SAME_PLACE = 0.3
_CONTAINED = 0.8
_SHORT = 20
"""The minimum length in characters for matching by words alone. Shorter provisions are matched by position."""
_COMMON = 30
"""Word pairs in more provisions than this are ignored."""
_BODIES = (ProvisionKind.PARAGRAPH, ProvisionKind.POINT)


@dataclass(frozen=True)
class Passage:
    """A provision as used by the map. `words` are heading and text; `parent` is the ID of its parent."""

    id: int
    parent: int | None
    kind: ProvisionKind
    number: str
    words: str

    @cached_property
    def key(self) -> str:
        return normalise(self.words)

    @cached_property
    def tokens(self) -> list[str]:
        return self.key.split()

    @cached_property
    def pairs(self) -> set[tuple[str, str]]:
        return set(pairwise(self.tokens))

    @property
    def is_body(self) -> bool:
        return self.kind in _BODIES


@dataclass
class Links:
    """Links between earlier and later provisions: one to one, one to several, or several to one."""

    _after: dict[int, dict[int, float]] = field(default_factory=dict)
    _before: dict[int, dict[int, float]] = field(default_factory=dict)

    def add(self, before: int, after: int, score: float) -> None:
        self._after.setdefault(before, {})[after] = score
        self._before.setdefault(after, {})[before] = score

    def cut(self, after: int) -> None:
        """Remove a later provision's links."""
        for before in self._before.pop(after, {}):
            del self._after[before][after]

    def after(self, before: int | None) -> tuple[int, ...]:
        return tuple(self._after.get(before, ())) if before is not None else ()

    def before(self, after: int | None) -> tuple[int, ...]:
        return tuple(self._before.get(after, ())) if after is not None else ()

    def score(self, before: int, after: int) -> float:
        return self._after.get(before, {}).get(after, 0.0)

    def pairs(self) -> Iterator[tuple[int, int]]:
        return ((before, after) for before, found in self._after.items() for after in found)

    def is_star(self, before: int, after: int) -> bool:
        """Return True if a link between these two creates no many-to-many relation."""
        later, former = self.after(before), self.before(after)
        if later and former:
            return False
        return all(len(self.before(one)) < 2 for one in later) and all(len(self.after(one)) < 2 for one in former)

    def copy(self) -> Links:
        return Links(
            {one: dict(found) for one, found in self._after.items()},
            {one: dict(found) for one, found in self._before.items()},
        )


def find_links(before: Sequence[Passage], after: Sequence[Passage]) -> Links:
    """Return the links between two complete versions in order. Their IDs must be distinct."""
    search = _Search(before, after)
    search.same()
    search.alike()
    search.headings()
    search.divided()
    search.in_place()
    return search.links


class _Search:
    def __init__(self, before: Sequence[Passage], after: Sequence[Passage]) -> None:
        self.before, self.after = before, after
        self.old = {passage.id: passage for passage in before}
        self.new = {passage.id: passage for passage in after}
        self.links = Links()
        self.places: dict[int, tuple[int, ...]] = {}  # by their order under what they stand in, from the outside in
        self.previous: dict[int, int | None] = {}  # the one before it under the same
        for whole in (before, after):
            self._place(whole)

    def _place(self, whole: Sequence[Passage]) -> None:
        counts: Counter[int | None] = Counter()
        last: dict[int | None, int] = {}
        for passage in whole:
            counts[passage.parent] += 1
            outer = self.places[passage.parent] if passage.parent is not None else ()
            self.places[passage.id] = (*outer, counts[passage.parent])
            self.previous[passage.id] = last.get(passage.parent)
            last[passage.parent] = passage.id

    def _old_left(self) -> list[Passage]:
        return [passage for passage in self.before if not self.links.after(passage.id)]

    def _new_left(self) -> list[Passage]:
        return [passage for passage in self.after if not self.links.before(passage.id)]

    def same(self) -> None:
        """Link provisions with the same words.

        First those also at the same position and in the same surroundings, last anywhere.
        """
        above = {
            passage.id: whole[passage.parent].key if passage.parent is not None else ""
            for whole in (self.old, self.new)
            for passage in whole.values()
        }
        for known in (
            lambda p, around: (p.key, p.kind, self.places[p.id], around),
            lambda p, around: (p.key, p.kind, around),
            lambda p, around: (p.key, p.is_body, self.places[p.id]) if len(p.key) >= _SHORT else None,
            lambda p, around: (p.key, p.is_body) if len(p.key) >= _SHORT else None,
        ):
            self._pair(known, above)

    def _pair(self, known: Callable[[Passage, str], Hashable], above: dict[int, str]) -> None:
        waiting: dict[Hashable, deque[Passage]] = defaultdict(deque)
        for passage in self._old_left():
            if passage.key and (name := known(passage, above[passage.id])) is not None:
                waiting[name].append(passage)
        for passage in self._new_left():
            if passage.key and (found := waiting.get(known(passage, above[passage.id]))):
                self.links.add(found.popleft().id, passage.id, 1.0)

    def alike(self) -> None:
        """Link provisions with similar words, most similar first.

        If two are equally similar, the one at the same position is linked.
        """
        found = []
        index = _Index([passage for passage in self._old_left() if len(passage.key) >= _SHORT])
        for passage in self._new_left():
            if len(passage.key) < _SHORT:
                continue
            for other in index.candidates(passage):
                likeness = _distance.Indel.normalized_similarity(other.tokens, passage.tokens, score_cutoff=_ALIKE)
                if likeness >= _ALIKE:
                    bonus = 0.05 * (self.places[other.id] == self.places[passage.id]) + 0.02 * (
                        other.kind is passage.kind
                    )
                    found.append((likeness + bonus, likeness, other.id, passage.id))
        for _rank, likeness, old, new in sorted(found, key=lambda row: -row[0]):
            if not self.links.after(old) and not self.links.before(new):
                self.links.add(old, new, likeness)

    def headings(self) -> None:
        """Link headings with other words over mostly the same provisions, innermost first."""
        votes: dict[int, Counter[int]] = defaultdict(Counter)
        sizes = Counter(passage.parent for passage in self.before)
        for passage in reversed(self.after):
            if not passage.is_body and not self.links.before(passage.id) and votes[passage.id]:
                old, count = votes[passage.id].most_common(1)[0]
                if not self.links.after(old) and 2 * count >= sizes[old]:
                    self.links.add(old, passage.id, self._ratio(self.old[old], passage))
            former = self.links.before(passage.id)
            if len(former) == 1 and passage.parent is not None and (above := self.old[former[0]].parent) is not None:
                votes[passage.parent][above] += 1

    @staticmethod
    def _ratio(old: Passage, new: Passage) -> float:
        return float(_distance.Indel.normalized_similarity(old.tokens, new.tokens))

    def divided(self) -> None:
        """Link remaining later provisions contained in an earlier one that changed, then the reverse."""
        changed = [p for p in self.before if all(self.links.score(p.id, other) < 1 for other in self.links.after(p.id))]
        self._divide(self._new_left(), changed, later=True)
        changed = [p for p in self.after if all(self.links.score(other, p.id) < 1 for other in self.links.before(p.id))]
        self._divide(self._old_left(), changed, later=False)

    def _divide(self, parts: Sequence[Passage], wholes: Sequence[Passage], *, later: bool) -> None:
        index = _Index(wholes)
        others = self.new if later else self.old
        for part in parts:
            if len(part.tokens) < 5 or not part.is_body:
                continue
            for whole in index.candidates(part):
                shared = _distance.LCSseq.similarity(part.tokens, whole.tokens)
                one, other = (whole.id, part.id) if later else (part.id, whole.id)
                if shared < _CONTAINED * len(part.tokens) or not self.links.is_star(one, other):
                    continue
                beside = (self.links.after if later else self.links.before)(whole.id)
                if all(self._left(part, others[identifier]) for identifier in beside):
                    self.links.add(one, other, shared / max(len(part.tokens), len(whole.tokens)))
                    break

    @staticmethod
    def _left(part: Passage, sibling: Passage) -> bool:
        """Return True unless the words of a part are in its sibling too, which makes it a copy and not a part."""
        return bool(_distance.LCSseq.similarity(part.tokens, sibling.tokens) < 0.6 * len(part.tokens))

    def in_place(self) -> None:
        """Link provisions whose parents are linked.

        Provisions with the same words are linked first, then those that follow a linked one and share some words.
        """
        waiting: dict[Hashable, deque[Passage]] = defaultdict(deque)
        for passage in self._old_left():
            for name in self._names(passage, passage.parent, self.previous[passage.id]):
                waiting[name].append(passage)
        for passage in self._new_left():  # from the outside in: what is linked here counts for what stands in it
            above: tuple[int | None, ...] = self.links.before(passage.parent) if passage.parent is not None else (None,)
            former = self.previous[passage.id]
            after = next(iter(self.links.before(former)), -1) if former is not None else None
            names = [self._names(passage, one, after) for one in above]
            for name in (one for pair in zip(*names, strict=True) for one in pair):
                while waiting[name] and self.links.after(waiting[name][0].id):
                    waiting[name].popleft()
                other = waiting[name][0] if waiting[name] else None
                if other is None:
                    continue
                score = self._ratio(other, passage) if other.tokens or passage.tokens else 1.0
                if score >= _SAME_PLACE:
                    self.links.add(other.id, passage.id, score)
                    break

    @staticmethod
    def _names(passage: Passage, above: int | None, after: int | None) -> list[Hashable]:
        """Return the keys by which a passage is found below a provision: its words, then the passage before it."""
        return [(above, passage.is_body, "words", passage.key), (above, passage.is_body, "after", after)]


class _Index:
    """An index that finds the passages with most and rarest word pairs in common."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.where: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, passage in enumerate(passages):
            for pair in passage.pairs:
                self.where[pair].append(place)

    def candidates(self, passage: Passage) -> list[Passage]:
        votes: Counter[int] = Counter()
        for pair in passage.pairs:
            places = self.where.get(pair, ())
            if len(places) <= _COMMON:
                votes.update(places)
        most = [self.passages[place] for place, _count in votes.most_common(5)]
        return [other for other in most if other.is_body == passage.is_body]
