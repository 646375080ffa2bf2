"""Detection of texts spun from one template: fixed passages with slots that are filled differently in each text.

Two such texts share hardly five words in a row, so letter fingerprints do not match. Here a fingerprint covers three
words with or without a gap, which a slot seldom breaks. A text that shares many is aligned with the first text that has
them. The words that most texts of the group have in the same order are the backbone. A text belongs to the template if
it contains nearly all of the backbone and consists mostly of it. The slots must be filled from a stock: fillings that
recur. The cost grows with the number of texts, not of pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import LCSseq

from consult.analysis.campaigns.unsent_letters import MarkPostings
from consult.analysis.text.fingerprints import (
    Flags,
    Ints,
    Marks,
    RaggedArray,
    distinct_rows,
    join_rows,
    mark_words,
    select_rows,
)

MIN_VARIANTS = 8
"""The minimum number of distinct texts in a template. Fewer are people who read the same letter."""
_SHAPES = ((0, 1, 2), (0, 1, 3))
_EVERY = 4
"""One fingerprint in this many is kept, the same ones in every text. Texts of up to `_SHORT` words keep all."""
_SHORT = 45
"""The length in words up to which all fingerprints are kept, because slots leave few of them intact."""
_FEW = 4
_ALIKE = 0.12
"""The minimum share of the smaller text's fingerprints that two texts of a template have in common."""
_POSTINGS = 400
_COMPANY = 60
_MOST = 0.6
_RUN = 2
_NEARLY_ALL = 0.8
"""The share of the group that must have a word standing alone, because single words agree by chance."""
_BACKBONE = 10
_OF_TEXT = 0.3
_THICK = 0.35
"""The share of a text in its backbone below which most slots must be filled from a stock."""
_ASKED = 20
"""The number of members whose own neighbours are examined too."""
_HELD = 0.75
_SLOTS = 4
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A template: the representative text (a row), its fixed words, and the rows that belong to it."""

    leader: int
    fixed: Flags
    members: Ints


def find_templates(texts: RaggedArray) -> list[TextTemplate]:
    """Return the templates among texts (word hashes) in rank order. Each text belongs to at most one.

    Two templates that share most of the smaller backbone are merged: the texts of one omit passages.
    """
    templates: list[TextTemplate] = []
    for fresh in _try_leaders(texts):
        for number, known in enumerate(templates):
            common = _common_words(texts[known.leader], known.fixed, texts[fresh.leader][fresh.fixed])
            if _is_backbone(common) and np.count_nonzero(common) >= 0.5 * np.count_nonzero(fresh.fixed):
                templates[number] = TextTemplate(known.leader, common, np.union1d(known.members, fresh.members))
                break
        else:
            templates.append(fresh)
    return _take_in_rest(texts, templates)


def _take_in_rest(texts: RaggedArray, found: list[TextTemplate]) -> list[TextTemplate]:
    """Add texts that match only a backbone computed from all members."""
    rest = np.setdiff1d(np.arange(len(texts)), np.concatenate([np.empty(0, np.int64), *(one.members for one in found)]))
    of = match_known([texts[one.leader][one.fixed] for one in found], select_rows(texts, rest))
    return [
        TextTemplate(one.leader, one.fixed, np.union1d(one.members, rest[of == number]))
        for number, one in enumerate(found)
    ]


def _common_words(leader: Marks, fixed: Flags, backbone: Marks) -> Flags:
    common = np.zeros(len(fixed), dtype=np.bool_)
    common[np.flatnonzero(fixed)[place_words(leader[fixed], backbone) >= 0]] = True
    return common


def _try_leaders(texts: RaggedArray) -> Iterator[TextTemplate]:
    """Yield templates, those with most followers first."""
    grams = _mark_grams(texts)
    postings, sizes = MarkPostings(grams), grams.sizes()
    free = np.ones(len(texts), dtype=np.bool_)
    for leader in postings.leaders(sizes, _FEW, _ALIKE):
        if not free[leader]:
            continue
        company, shared = postings.company(postings.texts[leader], _POSTINGS)
        near = free[company] & (shared >= np.maximum(_FEW, _ALIKE * np.minimum(sizes[company], sizes[leader])))
        near &= company != leader
        if np.count_nonzero(near) < MIN_VARIANTS - 1:
            continue
        order = company[near][np.lexsort((company[near], -shared[near]))]
        fixed = _find_backbone(texts, texts[leader], order)
        if not _is_backbone(fixed):
            continue
        members = _find_members(texts, postings, texts[leader], fixed, free, order)
        if leader in members and len(members) >= MIN_VARIANTS and _has_stock(texts, texts[leader], fixed, members):
            free[members] = False
            yield TextTemplate(leader, fixed, members)


def find_fixed_words(leader: Marks, company: Sequence[Marks]) -> Flags:
    """Return which words of a text most of its group has in the same order: at least two in a row, or nearly all."""
    words, seen = leader.tolist(), np.zeros(len(leader), dtype=np.int64)
    together = seen.copy()
    for other in company:
        for start, _at, size in _list_runs(words, other.tolist()):
            seen[start : start + size] += 1
            together[start : start + size] += size >= _RUN
    fixed: Flags = together >= _MOST * len(company)
    for start, end in list_true_runs(fixed):
        fixed[start:end] = end - start >= _RUN
    fixed |= seen >= _NEARLY_ALL * len(company)
    return fixed


def _find_backbone(texts: RaggedArray, leader: Marks, company: Ints) -> Flags:
    """Compute the backbone from the nearest texts, then from all, so that optional passages become slots."""
    fixed = find_fixed_words(leader, [texts[row] for row in company[:_COMPANY].tolist()])
    if not _is_backbone(fixed):
        return fixed
    backbone = leader[fixed]
    some = [texts[row] for row in company[:: max(1, len(company) // _COMPANY)].tolist()]
    kept = [other for other in some if 2 * np.count_nonzero(place_words(backbone, other) >= 0) >= len(backbone)]
    return find_fixed_words(leader, kept) if kept else fixed


def place_words(backbone: Marks, text: Marks) -> Ints:
    """Return the position in a text of each word of the backbone, or -1."""
    places = np.full(len(backbone), -1, dtype=np.int64)
    for start, at, size in _list_runs(backbone.tolist(), text.tolist()):
        places[start : start + size] = np.arange(at, at + size)
    return places


def match_template(backbone: Marks, text: Marks) -> bool:
    """Return True if a text holds nearly all of the backbone and consists mostly of it."""
    held = int(np.count_nonzero(place_words(backbone, text) >= 0))
    return held >= max(_BACKBONE, _HELD * len(backbone), _OF_TEXT * len(text))


def match_known(backbones: Sequence[Marks], texts: RaggedArray) -> Ints:
    """Return for each text the index of the known template it belongs to, or -1."""
    found = np.full(len(texts), -1, dtype=np.int64)
    if not backbones:
        return found
    postings = MarkPostings(_mark_grams(join_rows([*backbones, *(texts[row] for row in range(len(texts)))])))
    for number, backbone in enumerate(backbones):
        core = postings.texts[number]
        holders, held = postings.company(core)
        rows = holders[(held >= _FEW) & (held >= _ALIKE * len(core))] - len(backbones)
        for row in rows[rows >= 0].tolist():
            if found[row] < 0 and match_template(backbone, texts[row]):
                found[row] = number
    return found


def list_true_runs(flags: Flags) -> list[tuple[int, int]]:
    """Return the maximal runs of True as `[start, end)`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def list_fillings(fixed: Flags, places: Ints) -> list[tuple[int, int] | None]:
    """Return for each slot between two fixed passages the words `[start, end)` of a text that fill it.

    None if the text lacks one of the passages. `places` are the positions of the backbone's words.
    """
    fillings: list[tuple[int, int] | None] = []
    at = 0
    for start, end in list_true_runs(fixed)[:-1]:
        at += end - start
        before, after = int(places[at - 1]), int(places[at])
        fillings.append((before + 1, after) if before >= 0 and after >= 0 else None)
    return fillings


def _mark_grams(texts: RaggedArray) -> RaggedArray:
    marks, owners = [], []
    short = np.repeat(texts.sizes() <= _SHORT, texts.sizes())
    for shape in _SHAPES:
        values, whole = mark_words(texts, shape)
        kept = whole & (short | (values % np.uint64(_EVERY) == 0))
        marks.append(values[kept])
        owners.append(texts.owners()[kept])
    return distinct_rows(np.concatenate(marks), np.concatenate(owners), len(texts))


def _list_runs(one: list[int], other: list[int]) -> list[tuple[int, int, int]]:
    """Return runs of words that two texts share in the same order: position in each, and length."""
    steps = LCSseq.opcodes(one, other)
    return [(step.src_start, step.dest_start, step.src_end - step.src_start) for step in steps if step.tag == "equal"]


def _is_backbone(fixed: Flags) -> bool:
    count = int(np.count_nonzero(fixed))
    return count >= max(_BACKBONE, _OF_TEXT * len(fixed)) and len(list_true_runs(fixed)) > _SLOTS


def _find_members(
    texts: RaggedArray, postings: MarkPostings, leader: Marks, fixed: Flags, free: Flags, near: Ints
) -> Ints:
    """Return rows that share three words of the backbone in a row, or are near the leader or near such rows.

    The latter are needed because many slots leave few words of the backbone together.
    """
    backbone = leader[fixed]
    core = _mark_grams(join_rows([np.where(fixed, leader, np.uint64(0))]))[0]
    holders, held = postings.company(core)
    rows = holders[free[holders] & (held >= np.maximum(2, 0.3 * len(postings.slots(core))))]
    known = {row: match_template(backbone, texts[row]) for row in np.union1d(rows, near).tolist()}
    for member in [row for row, match in known.items() if match][:_ASKED]:
        others, shared = postings.company(postings.texts[member], _POSTINGS)
        for row in others[free[others] & (shared >= _FEW)].tolist():
            if row not in known:
                known[row] = match_template(backbone, texts[row])
    return np.array(sorted(row for row, match in known.items() if match), dtype=np.int64)


def _has_stock(texts: RaggedArray, leader: Marks, fixed: Flags, members: Ints) -> bool:
    """Return True if enough slots are filled from a stock: four, or most of them if the backbone is thin."""
    backbone = leader[fixed]
    slots: list[list[Marks]] = [[] for _ in list_true_runs(fixed)[:-1]]
    for row in members[:_LOOKED_AT].tolist():
        for slot, filling in zip(slots, list_fillings(fixed, place_words(backbone, texts[row])), strict=True):
            if filling is not None:
                slot.append(texts[row][filling[0] : filling[1]])
    thin = np.count_nonzero(fixed) < _THICK * len(fixed)
    return sum(map(_comes_from_stock, slots)) >= max(_SLOTS, _NEARLY_ALL * len(slots) if thin else 0)


def _comes_from_stock(fillings: Sequence[Marks]) -> bool:
    """Return True if at least two fillings of a slot recur.

    If slots are adjacent, nearly every word must recur at its position in fillings of the same length.
    """
    if sum(count > 1 for count in Counter(filling.tobytes() for filling in fillings).values()) > 1:
        return True
    places = Counter((len(filling), at, word) for filling in fillings for at, word in enumerate(filling.tolist()))
    again = sum(count for count in places.values() if count > 1)
    return again > 0 and again >= _NEARLY_ALL * sum(places.values())
