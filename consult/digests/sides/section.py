"""The section of a digest about sides on the draft as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.core.web.template_filters import percentage
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
class SideGroup:
    """Known positions of a kind of contributors. `kind` is empty for the kinds too small to show, added together."""

    kind: str
    sides: Mapping[str, int]

    @property
    def n(self) -> int:
        return sum(self.sides.values())


@dataclass(frozen=True, kw_only=True)
class SidesSection:
    """Published submissions by position on the draft.

    `unread` and `elsewhere` (only on single paragraphs) complete the total. `filed`: the author chose a type of
    comment. `decided`: a person decided, `letters` campaign letters among others. `copies` are copies of `letters_all`
    campaign letters. `added_read` of `added_all` texts with added words were read, and `against_letter` of them take
    another position than their letter. `texts_read` other texts were read. `estimates` are for the `left` texts that
    nobody has read, based on `sample` others.
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
    read_twice: int = 0  # items that a second person decided without seeing the first decision
    alike: int = 0
    kappa: int | None = None  # in hundredths
    groups: tuple[SideGroup, ...] = ()  # together all known positions; none if these are of too few contributors

    @property
    def known(self) -> int:
        return sum(self.sides.values())

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Return the sides that occur, the largest first, then `unread`."""
        ranked = sorted(self.sides.items(), key=lambda row: (-row[1], ORDER.index(row[0])))
        return [*ranked, ("unread", self.unread)] if self.unread else ranked


def build_section(counts: SideCounts | None, published: int, groups: Sequence[SideGroup] = ()) -> SidesSection | None:
    """Return the section, or None if nothing was decided and most authors chose no position."""
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
        letters_all=counts.copied_letters,
        added_read=counts.added.decided,
        added_all=counts.added.all,
        against_letter=counts.against_letter,
        texts_read=counts.texts.decided,
        sample=counts.sample,
        left=counts.texts.left,
        estimates=tuple(EstimateRow(side=str(one.side), low=one.low, high=one.high) for one in counts.estimates),
        read_twice=counts.agreement.n,
        alike=counts.agreement.alike,
        kappa=None if counts.agreement.kappa is None else int(percentage(counts.agreement.kappa, 1)),
        groups=tuple(groups),
    )


def is_finding(section: SidesSection | None, published: int) -> bool:
    """Return True if positions are known for more than half of the published submissions, so that a digest begins with
    them."""
    return section is not None and 2 * section.known > published
