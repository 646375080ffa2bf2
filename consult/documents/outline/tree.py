"""The tree of provisions under construction. Numbers and ids are unique."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from consult.core.i18n import _
from consult.documents.model import ProvisionKind

MAX_PROBLEMS = 50
_TAGS = {
    ProvisionKind.PART: "part",
    ProvisionKind.CHAPTER: "chp",
    ProvisionKind.SECTION: "sec",
    ProvisionKind.PARAGRAPH: "para",
    ProvisionKind.POINT: "point",
}
_NOT_NAME = re.compile("[^a-z0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Something to mend before the draft can be published: where, and what to do."""

    line: int
    message: str


@dataclass
class Piece:
    """A provision before it is stored. `parent` is a position, `chapter` an eid; `points` are its own."""

    kind: ProvisionKind
    number: str
    heading: str
    text: str
    line: int
    parent: int | None = None
    eid: str = ""
    chapter: str = ""
    wid: str = ""
    position: int = 0
    depth: int = 0
    notes: dict[str, str] = field(default_factory=dict)  # footnotes by the mark that stands in the text, as in [1]
    points: list[Piece] = field(default_factory=list, repr=False)


@dataclass
class OutlineTree:
    pieces: list[Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _numbers: dict[str, Piece] = field(default_factory=dict)
    _labels: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _eids: set[str] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)

    def problem(self, line: int, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(line, message))

    def numbered(self, number: str) -> Piece | None:
        """The heading or paragraph of that number."""
        return self._numbers.get(number)

    def last(self, depth: int) -> Piece | None:
        """The open piece at a depth: the one that what comes next, one deeper, stands under."""
        piece = self.pieces[-1] if self.pieces else None
        while piece is not None and piece.depth > depth:
            piece = None if piece.parent is None else self.pieces[piece.parent]
        return piece if piece is not None and piece.depth == depth else None

    def labels(self, parent: Piece) -> set[str]:
        """The numbers of the points right under a piece."""
        return self._labels[parent.position]

    def add(self, piece: Piece, *, parent: Piece | None, base: Piece | None = None, name: str = "") -> Piece:
        """Puts a piece at the end, under `parent`. Its id: the id of `base`, then `name`, else its number or place."""
        piece.position, piece.parent = len(self.pieces), parent.position if parent else None
        piece.depth = parent.depth + 1 if parent else 0
        piece.eid = self._eid(piece, base, name)
        top = parent is None or piece.kind in (ProvisionKind.PART, ProvisionKind.CHAPTER)
        piece.chapter = piece.eid if top or parent is None else parent.chapter
        self._claim(piece, parent)
        self.pieces.append(piece)
        if piece.kind is ProvisionKind.POINT and parent is not None:
            parent.points.append(piece)
        return piece

    def _eid(self, piece: Piece, base: Piece | None, name: str) -> str:
        stem = f"{base.eid}__" if base else ""
        family = f"{stem}{_TAGS[piece.kind]}"
        self._counts[family] += 1
        own = _NOT_NAME.sub("-", own_number(piece.number, base.number if base else "")).strip("-").lower()
        eid = wanted = f"{stem}{name}" if name else f"{family}_{own or self._counts[family]}"
        while eid in self._eids:
            self._counts[wanted] += 1
            eid = f"{wanted}-{self._counts[wanted] + 1}"
        self._eids.add(eid)
        return eid

    def _claim(self, piece: Piece, parent: Piece | None) -> None:
        """Notes a piece's number, or reports that another has it."""
        if not piece.number:
            return
        if piece.kind is ProvisionKind.POINT and parent is not None:
            if piece.number in self._labels[parent.position]:
                said = _("%(number)s is used twice in this list. Give this point another.", number=piece.number)
                self.problem(piece.line, said)
            self._labels[parent.position].add(piece.number)
            return
        if (other := self._numbers.setdefault(piece.number, piece)) is not piece:
            said = _(
                "Number %(number)s is used twice: line %(line)s has it too. Change one of them.",
                number=piece.number,
                line=other.line,
            )
            self.problem(piece.line, said)


def own_number(number: str, base: str) -> str:
    """What a number adds to the number it stands under.

    >>> own_number("2.1", "2"), own_number("5.1", "Article 5"), own_number("14", "II"), own_number("(a)", "2.1")
    ('1', '1', '14', '(a)')
    """
    return number.removeprefix(f"{base.split()[-1]}.") if base else number
