"""Finds the anchor of a comment in the next version, and how certain the match is.

A rule moves a comment only if two methods agree: a diff of the two texts maps the place, and rapidfuzz finds the words
there. A result of one method only is a proposal to a person. Source of the rules: a quote under 20 characters never
goes to another paragraph; matches end at word edges.
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
"""Characters under which words alone do not tell where something went."""
MIN_CONFIDENCE = 0.75
"""The confidence from which a comment is placed by rule."""
_ALIKE = 0.7
_KEPT = 0.6
_WHOLE = 0.35
"""How alike two texts are at least that the map calls the same paragraph, for a comment on all of it to go along."""
_ASTRAY = 0.2
"""The share of the letters above which words that went to another paragraph leave the choice to a person."""
_ELSEWHERE = 40
"""Characters from which words that left their paragraph are looked for in the whole draft, to be proposed."""
_WORD = re.compile(r"\w+")
_NEGATIONS = re.compile(
    r"\b(?:not|no|nor|never|none|neither|without|except|unless|cannot|ne|pas|jamais|sans|ni|non|aucune?|sauf|nunca|"
    r"jamás|sin|salvo|ning[uú]n[oa]?|لا|لم|لن|ليس|ليست|غير|دون|بدون|إلا)\b|n't\b|\bn['’]",
    re.IGNORECASE,
)
"""Words that turn a sentence into its opposite: where they come or go, a person looks."""


@dataclass(frozen=True)
class Relocation:
    """Where words stand now, or (not `sure`) where they might; nowhere where `provision_id` is None.

    `anchor` is None for the whole of the provision.
    """

    provision_id: int | None
    anchor: Anchor | None = None
    confidence: float = 0.0
    sure: bool = False


@dataclass
class AnchorRelocator:
    """Carries anchors from one version to another. Texts by id of the provision; `candidates`: what each became."""

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
        """The present place of a comment on these words of this provision. Cached.

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
            return Relocation(
                best.provision_id, best.anchor, best.confidence
            )  # in two places at once: a person chooses
        return best or self._elsewhere(anchor) or Relocation(group[0] if group else None)

    def _torn(self, before: int, anchor: Anchor, best: Relocation, group: Sequence[int]) -> bool:
        """Whether a good part of the words went to another of the paragraphs that the place became."""
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
        )  # one of several that were merged
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
        """The same words in one other place of the draft: proposed, never decided."""
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
    """A text before and after, and which of its words stayed."""

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
        """The share of the letters of these words that stayed."""
        inside = self._inside(start, end)
        sizes = {n: self._old[n][1] - self._old[n][0] for n in inside}
        return sum(size for n, size in sizes.items() if n in self._to) / (sum(sizes.values()) or 1)

    def follow(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the new text that these words became: from the first that stayed to the last, and what took the
        place of those that were changed at its edges. None where none stayed."""
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
        """With the marks around the words, such as a full stop, where they are still there."""
        before, after = self.old[start : self._old[inside[0]][0]], self.old[self._old[inside[-1]][1] : end]
        if before and self.new[:first].endswith(before):
            first -= len(before)
        if after and self.new[last:].startswith(after):
            last += len(after)
        return first, last

    def clear(self, anchor: Anchor, moved: Anchor) -> bool:
        """Whether nothing speaks against it: both witnesses agree, no other place will do, no "not" came or went."""
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
    """Whether the word at an edge stands there twice: which of the two is meant, only a person can say.

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
    """Whether what stands around words is much as it was; the edge of a text is like an edge only."""
    return _alike(before, after) >= _ALIKE


def _alike(one: str, other: str) -> float:
    if not one.strip() or not other.strip():
        return float(not one.strip() and not other.strip())
    return float(_fuzz.ratio(_plain(one), _plain(other))) / 100


def _negations(text: str) -> Iterator[str]:
    return (found[0].lower() for found in _NEGATIONS.finditer(text))


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand in it."""
    sounded, places = drop_silent_with_offsets(text)
    return [(places[found.start()], places[found.end() - 1] + 1) for found in _WORD.finditer(sounded)]


def _words_of(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [drop_silent(text[start:end]).casefold() for start, end in spans]


def _plain(text: str) -> str:
    """The words of a text with a space around each: nothing else of it matters here."""
    return f" {' '.join(_WORD.findall(drop_silent(text))).casefold()} "


def _plain_find(text: str, anchor: Anchor) -> Anchor | None:
    """The same words in another text, whatever stands between them."""
    pattern = r"\W+".join(re.escape(word) for word in _WORD.findall(drop_silent(anchor.exact)))
    sounded, places = drop_silent_with_offsets(text)
    found = re.search(pattern, sounded, re.IGNORECASE) if pattern else None
    return anchor_at(text, places[found.start()], places[found.end() - 1] + 1) if found else None
