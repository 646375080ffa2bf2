"""Texts spun from one template: fixed passages, and slots between them that each sender's text fills otherwise.

Hardly five words in a row are the same in two of them, so fingerprints of letters do not see them. Here a mark is of
three words with or without a gap, which a slot seldom breaks; who shares many is aligned with the text that came first
with them. The words of it that most of its company has, in its order, are the backbone; whoever holds nearly all of the
backbone, and is made of it, is of the template. The slots must be filled from a stock: fillings that come again.
The cost grows with the number of texts, not of pairs.
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
"""So many different texts make a template; fewer are people who have read the same letter."""
_SHAPES = ((0, 1, 2), (0, 1, 3))
_EVERY = 4
"""One mark in so many is kept, the same ones in every text, but"""
_SHORT = 45
"""of a text of so many words all: slots leave few of them whole."""
_FEW = 4
_ALIKE = 0.12
"""The share of the smaller text's marks that two texts of a template have in common, at least."""
_POSTINGS = 400
_COMPANY = 60
_MOST = 0.6
_RUN = 2
_NEARLY_ALL = 0.8
"""Of the company, for a word alone: it agrees by chance with some."""
_BACKBONE = 10
_OF_TEXT = 0.3
_THICK = 0.35
"""The part of a text that its backbone is, below which most slots must be filled from a stock."""
_ASKED = 20
"""Members whose company is looked at too."""
_HELD = 0.75
_SLOTS = 4
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A template: the text that stands for it (a row), which of its words are fixed, and the rows that are of it."""

    leader: int
    fixed: Flags
    members: Ints


def find_templates(texts: RaggedArray) -> list[TextTemplate]:
    """The templates among texts (word hashes) given in rank order; each text is of one at most. Two that have most of
    the smaller backbone in common are one: its texts leave out passages."""
    found: list[TextTemplate] = []
    for fresh in _try_leaders(texts):
        for number, known in enumerate(found):
            common = _common_words(texts[known.leader], known.fixed, texts[fresh.leader][fresh.fixed])
            if _is_backbone(common) and np.count_nonzero(common) >= 0.5 * np.count_nonzero(fresh.fixed):
                found[number] = TextTemplate(known.leader, common, np.union1d(known.members, fresh.members))
                break
        else:
            found.append(fresh)
    return _take_in_rest(texts, found)


def _take_in_rest(texts: RaggedArray, found: list[TextTemplate]) -> list[TextTemplate]:
    """The templates with those texts that only a backbone from all members shows to be theirs."""
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
    """Templates, the most followed first."""
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
    """Which words of a text most of its company has too, in the same order: two in a row at least, or nearly all."""
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
    """From the nearest of the company first; then from all of it, so that a passage that only some have is a slot."""
    fixed = find_fixed_words(leader, [texts[row] for row in company[:_COMPANY].tolist()])
    if not _is_backbone(fixed):
        return fixed
    backbone = leader[fixed]
    some = [texts[row] for row in company[:: max(1, len(company) // _COMPANY)].tolist()]
    kept = [other for other in some if 2 * np.count_nonzero(place_words(backbone, other) >= 0) >= len(backbone)]
    return find_fixed_words(leader, kept) if kept else fixed


def place_words(backbone: Marks, text: Marks) -> Ints:
    """For each word of the backbone its place in a text, or -1."""
    places = np.full(len(backbone), -1, dtype=np.int64)
    for start, at, size in _list_runs(backbone.tolist(), text.tolist()):
        places[start : start + size] = np.arange(at, at + size)
    return places


def match_template(backbone: Marks, text: Marks) -> bool:
    """Whether a text is of the template: it holds nearly all of the backbone, and is made of it."""
    held = int(np.count_nonzero(place_words(backbone, text) >= 0))
    return held >= max(_BACKBONE, _HELD * len(backbone), _OF_TEXT * len(text))


def match_known(backbones: Sequence[Marks], texts: RaggedArray) -> Ints:
    """For each text the known template it is of, or -1."""
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
    """Maximal runs of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def list_fillings(fixed: Flags, places: Ints) -> list[tuple[int, int] | None]:
    """For each slot between two fixed passages which words of a text fill it, `[start, end)`; none where the text has
    not both passages. `places` are of the backbone's words."""
    found: list[tuple[int, int] | None] = []
    at = 0
    for start, end in list_true_runs(fixed)[:-1]:
        at += end - start
        before, after = int(places[at - 1]), int(places[at])
        found.append((before + 1, after) if before >= 0 and after >= 0 else None)
    return found


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
    """Runs of words that two texts have in common, in the same order: place in each, and size."""
    steps = LCSseq.opcodes(one, other)
    return [(step.src_start, step.dest_start, step.src_end - step.src_start) for step in steps if step.tag == "equal"]


def _is_backbone(fixed: Flags) -> bool:
    count = int(np.count_nonzero(fixed))
    return count >= max(_BACKBONE, _OF_TEXT * len(fixed)) and len(list_true_runs(fixed)) > _SLOTS


def _find_members(
    texts: RaggedArray, postings: MarkPostings, leader: Marks, fixed: Flags, free: Flags, near: Ints
) -> Ints:
    """Who holds three words of the backbone together, is near to the leader, or to one of these: many slots leave few
    words of it together."""
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
    """Whether enough slots are filled from a stock: four, or most of them where the backbone is thin."""
    backbone = leader[fixed]
    slots: list[list[Marks]] = [[] for _ in list_true_runs(fixed)[:-1]]
    for row in members[:_LOOKED_AT].tolist():
        for slot, filling in zip(slots, list_fillings(fixed, place_words(backbone, texts[row])), strict=True):
            if filling is not None:
                slot.append(texts[row][filling[0] : filling[1]])
    thin = np.count_nonzero(fixed) < _THICK * len(fixed)
    return sum(map(_comes_from_stock, slots)) >= max(_SLOTS, _NEARLY_ALL * len(slots) if thin else 0)


def _comes_from_stock(fillings: Sequence[Marks]) -> bool:
    """Whether two fillings of a slot come again; or, where slots lie side by side, nearly each word of them does at its
    place in fillings as long."""
    if sum(count > 1 for count in Counter(one.tobytes() for one in fillings).values()) > 1:
        return True
    places = Counter((len(one), at, word) for one in fillings for at, word in enumerate(one.tolist()))
    again = sum(count for count in places.values() if count > 1)
    return again > 0 and again >= _NEARLY_ALL * sum(places.values())
