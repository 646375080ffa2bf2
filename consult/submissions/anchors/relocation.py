"""Search for a comment's anchor in the next version, with the certainty of the match.

A rule moves a comment only if two methods agree: a diff of the two texts maps the position, and rapidfuzz finds the
words there. The result of one method is only suggested to a person. Two more rules: a quotation under 20 characters is
not moved to another paragraph, and matches end at word boundaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from consult.core.lazy import LazyModule
from consult.core.text import drop_silent, drop_silent_with_offsets
from consult.submissions.anchors.selectors import CONTEXT_LENGTH, Anchor, anchor_at, widen_to_words

_fuzz: Any = LazyModule("rapidfuzz.fuzz")
MIN_QUOTE_LENGTH = 20
"""Minimum length of a quotation that identifies its new position by itself."""
MIN_CONFIDENCE = 0.75
"""Minimum confidence for moving a comment by rule."""
_ALIKE = 0.7
_KEPT = 0.6
_WHOLE = 0.35
"""Minimum similarity of two texts mapped to each other for moving a comment on the whole paragraph."""
_ASTRAY = 0.2
"""Share of letters moved to another paragraph above which a person decides."""
_ELSEWHERE = 40
"""Minimum length of a quotation that is searched in the whole draft, for a suggestion."""
_WORD = re.compile(r"\w+")
_NEGATIONS = re.compile(
    r"\b(?:not|no|nor|never|none|neither|without|except|unless|cannot|ne|pas|jamais|sans|ni|non|aucune?|sauf|nunca|"
    r"jamás|sin|salvo|ning[uú]n[oa]?|لا|لم|لن|ليس|ليست|غير|دون|بدون|إلا)\b|n't\b|\bn['’]",
    re.IGNORECASE,
)
"""Words that reverse a sentence. If one is added or removed, a person decides."""


@dataclass(frozen=True)
class Relocation:
    """The new position of words, suggested unless `sure`. `provision_id` None means not found.

    `anchor` is None for the whole provision.
    """

    provision_id: int | None
    anchor: Anchor | None = None
    confidence: float = 0.0
    sure: bool = False


@dataclass
class AnchorRelocator:
    """Relocation of anchors from one version to another.

    Texts are by provision id; `candidates` maps old ids to new ones.
    """

    old: Mapping[int, str]
    new: Mapping[int, str]
    candidates: Mapping[int, Sequence[int]]
    _pairs: dict[tuple[int, int], WordAlignment] = field(default_factory=dict, repr=False)
    _known: dict[tuple[int, Anchor | None], Relocation] = field(default_factory=dict, repr=False)
    _sources: dict[int, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for group in self.candidates.values():
            for one in group:
                self._sources[one] = self._sources.get(one, 0) + 1

    def place(self, provision_id: int, anchor: Anchor | None) -> Relocation:
        """Return the current position of a comment on these words of this provision. Cached.

        >>> old, new = {1: "Each State shall report soon."}, {7: "Each State shall report in May."}
        >>> carrier = AnchorRelocator(old, new, {1: [7]})
        >>> placed = carrier.place(1, anchor_at("Each State shall report soon.", 5, 23))
        >>> placed.anchor.exact, placed.sure
        ('State shall report', True)
        """
        key = (provision_id, anchor)
        if key not in self._known:
            self._known[key] = self._place(provision_id, anchor)
        return self._known[key]

    def _place(self, provision_id: int, anchor: Anchor | None) -> Relocation:
        group = self.candidates.get(provision_id, ())
        same = len(group) == 1 and self._sources[group[0]] == 1
        if anchor is None:
            return self._whole(provision_id, group, same)
        found = [placed for one in group if (placed := self._words(provision_id, one, anchor, same)) is not None]
        best = max(found, key=lambda placed: (placed.sure, placed.confidence), default=None)
        if best is not None and best.sure and self._torn(provision_id, anchor, best, group):
            return Relocation(best.provision_id, best.anchor, best.confidence)  # ambiguous, so a person decides
        return best or self._elsewhere(anchor) or Relocation(group[0] if group else None)

    def _torn(self, before: int, anchor: Anchor, best: Relocation, group: Sequence[int]) -> bool:
        """Return whether many of the words moved to another of the candidate paragraphs."""
        others = (self._pair(before, one) for one in group if one != best.provision_id)
        return any(pair.kept(anchor.start, anchor.end) > _ASTRAY for pair in others)

    def _pair(self, before: int, after: int) -> WordAlignment:
        return self._pairs.setdefault((before, after), WordAlignment(self.old[before], self.new[after]))

    def _whole(self, provision_id: int, group: Sequence[int], same: bool) -> Relocation:
        if not group:
            return Relocation(None)
        text = self.old[provision_id]
        alike = {one: _fuzz.ratio(_plain(text), _plain(self.new[one])) / 100 for one in group}
        best = max(group, key=alike.__getitem__)
        if same:
            return Relocation(best, None, alike[best], alike[best] >= _WHOLE)
        if not text.strip() or len(text) > len(self.new[best]) * 1.2:
            return Relocation(best, None, alike[best])
        within = self._words(
            provision_id, best, anchor_at(text, 0, len(text)), False
        )  # one of several merged paragraphs
        return within if within is not None and within.sure else Relocation(best, None, alike[best])

    def _words(self, before: int, after: int, anchor: Anchor, same: bool) -> Relocation | None:
        pair = self._pair(before, after)
        span = pair.follow(anchor.start, anchor.end)
        if span is None:
            return None
        moved = anchor_at(pair.new, *widen_to_words(pair.new, *span))
        alike = _fuzz.ratio(_plain(anchor.exact), _plain(moved.exact)) / 100
        around = max(_alike(anchor.prefix, moved.prefix), _alike(anchor.suffix, moved.suffix))
        kept = pair.kept(anchor.start, anchor.end)
        confidence = round(0.6 * alike + 0.2 * kept + 0.2 * around, 4)
        good = alike >= _ALIKE and kept >= _KEPT and confidence >= MIN_CONFIDENCE
        sure = good and pair.clear(anchor, moved) and (same or len(anchor.exact) >= MIN_QUOTE_LENGTH)
        return Relocation(after, moved, confidence, sure)

    def _elsewhere(self, anchor: Anchor) -> Relocation | None:
        """Return the same words in one other part of the draft, as a suggestion only."""
        if len(anchor.exact) < _ELSEWHERE:
            return None
        wanted = _plain(anchor.exact)
        found = [one for one, text in self.new.items() if wanted in _plain(text)]
        if len(found) != 1:
            return None
        text = self.new[found[0]]
        start = _plain_find(text, anchor)
        return Relocation(found[0], start, 0.5) if start else None


@dataclass
class WordAlignment:
    """Two versions of a text, and the words that both contain."""

    old: str
    new: str

    def __post_init__(self) -> None:
        self._old, self._new = _spans(self.old), _spans(self.new)
        one, other = (_words_of(text, spans) for text, spans in ((self.old, self._old), (self.new, self._new)))
        blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
        self._to = {b.a + n: b.b + n for b in blocks for n in range(b.size)}

    def _inside(self, start: int, end: int) -> list[int]:
        return [n for n, (a, b) in enumerate(self._old) if a < end and b > start]

    def kept(self, start: int, end: int) -> float:
        """Return the share of letters in these words that remained."""
        inside = self._inside(start, end)
        sizes = {n: self._old[n][1] - self._old[n][0] for n in inside}
        return sum(size for n, size in sizes.items() if n in self._to) / (sum(sizes.values()) or 1)

    def follow(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the span in the new text that corresponds to these words, or None if none remained.

        It extends from the first to the last remaining word, including replacements of words at its edges.
        """
        inside = self._inside(start, end)
        stayed = [n for n in inside if n in self._to]
        if not stayed:
            return None
        first, last = self._to[stayed[0]], self._to[stayed[-1]]
        lost = stayed[0] - inside[0]
        if (
            lost
            and self._to.get(inside[0] - 1, -1) >= first - lost - 1
            and (inside[0] - 1 in self._to or inside[0] == 0)
        ):
            first = self._to.get(inside[0] - 1, -1) + 1
        lost = inside[-1] - stayed[-1]
        end_of = self._to.get(inside[-1] + 1, len(self._new) if inside[-1] + 1 == len(self._old) else None)
        if lost and end_of is not None and end_of <= last + lost + 1:
            last = end_of - 1
        return self._tail(start, end, inside, self._new[first][0], self._new[last][1])

    def _tail(self, start: int, end: int, inside: Sequence[int], first: int, last: int) -> tuple[int, int]:
        """Extend the span to punctuation around the words, such as a full stop, if it remained."""
        before, after = self.old[start : self._old[inside[0]][0]], self.old[self._old[inside[-1]][1] : end]
        if before and self.new[:first].endswith(before):
            first -= len(before)
        if after and self.new[last:].startswith(after):
            last += len(after)
        return first, last

    def clear(self, anchor: Anchor, moved: Anchor) -> bool:
        """Return whether a move is certain: both methods agree, no other place matches, and no negation changed."""
        if len(moved.exact) > 2 * len(anchor.exact) + CONTEXT_LENGTH:
            return False
        if sorted(_negations(anchor.exact)) != sorted(_negations(moved.exact)):
            return False
        if _is_edge_repeated(self.old, anchor) or _is_edge_repeated(self.new, moved):
            return False
        found = _fuzz.partial_ratio_alignment(anchor.exact, self.new)
        same_words = _plain(anchor.exact) == _plain(moved.exact)
        if not same_words and (found is None or not _overlap((found.dest_start, found.dest_end), moved)):
            return False
        then, now = (_plain(text).count(f" {_plain(anchor.exact).strip()} ") for text in (self.old, self.new))
        held = _is_context_alike(anchor.prefix, moved.prefix) + _is_context_alike(anchor.suffix, moved.suffix)
        return held >= (1 if then <= 1 and now <= 1 else 2)


def _is_edge_repeated(text: str, anchor: Anchor) -> bool:
    """Return whether the word at an edge is repeated, so only a person can say which one is meant.

    >>> [_is_edge_repeated(text, anchor_at(text, 0, 8)) for text in ("They act act now.", "They act now.")]
    [True, False]
    """
    inside = _plain(anchor.exact).split()
    before, after = _plain(text[: anchor.start]).split()[-1:], _plain(text[anchor.end :]).split()[:1]
    return bool(inside) and (before == inside[:1] or after == inside[-1:])


def _overlap(span: tuple[int, int], anchor: Anchor) -> bool:
    shared = min(span[1], anchor.end) - max(span[0], anchor.start)
    return shared * 2 >= min(span[1] - span[0], anchor.end - anchor.start)


def _is_context_alike(before: str, after: str) -> bool:
    """Return whether the contexts are similar. The edge of a text only matches an edge."""
    return _alike(before, after) >= _ALIKE


def _alike(one: str, other: str) -> float:
    if not one.strip() or not other.strip():
        return float(not one.strip() and not other.strip())
    return float(_fuzz.ratio(_plain(one), _plain(other))) / 100


def _negations(text: str) -> Iterator[str]:
    return (found[0].lower() for found in _NEGATIONS.finditer(text))


def _spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words in a text."""
    sounded, places = drop_silent_with_offsets(text)
    return [(places[found.start()], places[found.end() - 1] + 1) for found in _WORD.finditer(sounded)]


def _words_of(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [drop_silent(text[start:end]).casefold() for start, end in spans]


def _plain(text: str) -> str:
    """Return the words of a text, folded and with a space around each, for comparison."""
    return f" {' '.join(_WORD.findall(drop_silent(text))).casefold()} "


def _plain_find(text: str, anchor: Anchor) -> Anchor | None:
    """Return the same words in another text, ignoring characters between them."""
    pattern = r"\W+".join(re.escape(word) for word in _WORD.findall(drop_silent(anchor.exact)))
    sounded, places = drop_silent_with_offsets(text)
    found = re.search(pattern, sounded, re.IGNORECASE) if pattern else None
    return anchor_at(text, places[found.start()], places[found.end() - 1] + 1) if found else None
