"""The section of a digest about sides on the draft as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consult.positions.counts import SideCounts
from consult.positions.model import Side

ORDER = tuple(str(side) for side in Side)


@dataclass(frozen=True, kw_only=True)
class EstimateRow:
    """The bounds of a 95% interval: unread texts that take a side."""

    side: str
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class SidesSection:
    """Published submissions by side; `unread` and `elsewhere`, those on single paragraphs only, complete the whole.

    `filed` of them chose a type of comment themselves; `decided` were decided on by a person. `letters` decided on are
    of `letters_all`; `added_read` texts with words of their own were read, of `added_all`, and `against_letter` of them
    take another side than their letter; `texts_read` other texts were read. `estimates` are of `left` texts that nobody
    has read, by `sample` others.
    """

    sides: Mapping[str, int]
    unread: int
    elsewhere: int
    filed: int
    decided: int
    copies: int
    letters: int = 0
    letters_all: int = 0
    added_read: int = 0
    added_all: int = 0
    against_letter: int = 0
    texts_read: int = 0
    sample: int = 0
    left: int = 0
    estimates: tuple[EstimateRow, ...] = ()

    @property
    def known(self) -> int:
        return sum(self.sides.values())

    @property
    def rows(self) -> list[tuple[str, int]]:
        """The sides that occur, the largest first, then `unread`."""
        ranked = sorted(self.sides.items(), key=lambda row: (-row[1], ORDER.index(row[0])))
        return [*ranked, ("unread", self.unread)] if self.unread else ranked


def build_section(counts: SideCounts | None, published: int) -> SidesSection | None:
    """Return the section, or None if nothing was decided and most authors chose no side."""
    if counts is None or not counts.known or not (counts.decided or 2 * counts.filed > published):
        return None
    return SidesSection(
        sides={str(side): n for side, n in counts.sides.items() if n},
        unread=counts.unread,
        elsewhere=published - counts.all,
        filed=counts.filed,
        decided=counts.decided,
        copies=counts.copies,
        letters=counts.letters.decided,
        letters_all=counts.letters.all,
        added_read=counts.added.decided,
        added_all=counts.added.all,
        against_letter=counts.against_letter,
        texts_read=counts.texts.decided,
        sample=counts.sample,
        left=counts.texts.left,
        estimates=tuple(EstimateRow(side=str(one.side), low=one.low, high=one.high) for one in counts.estimates),
    )


def is_finding(section: SidesSection | None, published: int) -> bool:
    """Return whether a digest begins with the sides: more than half of what is published has a known one."""
    return section is not None and 2 * section.known > published
