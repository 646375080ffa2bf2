"""The tree of provisions under construction, and the ids of its pieces.

Source of the ids: Akoma Ntoso 1.0, naming convention, section 5.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from consult.documents.model import ProvisionKind

MAX_PROBLEMS = 50
BULLET = "•"
"""The number of points that have a mark only."""
HEADING_KINDS = (
    ProvisionKind.PART,
    ProvisionKind.CHAPTER,
    ProvisionKind.SECTION,
    ProvisionKind.PREAMBLE,
    ProvisionKind.ANNEX,
)
"""Kinds that have a heading and hold other provisions."""
PAGE_KINDS = (ProvisionKind.PART, ProvisionKind.CHAPTER, ProvisionKind.PREAMBLE, ProvisionKind.ANNEX)
"""Kinds that begin a page of their own."""
_TAGS = {
    ProvisionKind.PART: "part",
    ProvisionKind.CHAPTER: "chp",
    ProvisionKind.SECTION: "sec",
    ProvisionKind.PARAGRAPH: "para",
    ProvisionKind.POINT: "point",
    ProvisionKind.RECITAL: "rec",
    ProvisionKind.PREAMBLE: "preamble",
    ProvisionKind.ANNEX: "annex",
}
_ARTICLES = re.compile(r"(?:art|مادة|المادة|стат)", re.IGNORECASE)
_NOT_NAME = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Problem:
    """A problem to correct before the draft can be published: its line and what to do."""

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

    @property
    def is_article(self) -> bool:
        """Return True if it begins with the word for “article” in one of the languages."""
        return self.kind is ProvisionKind.SECTION and _ARTICLES.match(self.number) is not None

    @property
    def name(self) -> str:
        """Return its number, else its heading or first words."""
        return self.number or self.heading or " ".join(self.text.split()[:8])


@dataclass
class OutlineTree:
    pieces: list[Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(line, message))

    def last(self, depth: int) -> Piece | None:
        """Return the open piece at a depth, which is the parent of the next piece one level deeper."""
        piece = self.pieces[-1] if self.pieces else None
        while piece is not None and piece.depth > depth:
            piece = None if piece.parent is None else self.pieces[piece.parent]
        return piece if piece is not None and piece.depth == depth else None

    def add(self, piece: Piece, parent: Piece | None) -> Piece:
        """Append a piece under `parent`. `finish` names it, unless it has an eid."""
        piece.position, piece.parent = len(self.pieces), parent.position if parent else None
        piece.depth = parent.depth + 1 if parent else 0
        self.pieces.append(piece)
        if piece.kind is ProvisionKind.POINT and parent is not None:
            parent.points.append(piece)
        return piece

    def finish(self) -> list[Piece]:
        """Return the pieces, each with a unique eid and the eid of its chapter."""
        name_pieces(self.pieces)
        return self.pieces


def name_pieces(pieces: Sequence[Piece]) -> None:
    """Give ids by position to pieces without one: numbers first, then the order of pieces without a number.

    Parts, chapters, annexes and articles use their own number, also below others, as long as it is unique.
    """
    inside: dict[int | None, list[Piece]] = defaultdict(list)
    for piece in pieces:
        inside[piece.parent].append(piece)
    used: set[str] = set()
    for piece in pieces:
        if piece.eid in used:
            piece.eid = ""
        used.add(piece.eid)
    for parent in (None, *pieces):
        counts: Counter[str] = Counter()
        below = inside[None if parent is None else parent.position]
        for piece in sorted(below, key=lambda sibling: sibling.number in ("", BULLET)):
            piece.eid = piece.eid or _name(piece, parent, used, counts)
            used.add(piece.eid)
    for piece in pieces:
        top = piece.parent is None or piece.kind in PAGE_KINDS
        piece.chapter = piece.eid if piece.parent is None or top else pieces[piece.parent].chapter


def _name(piece: Piece, parent: Piece | None, used: set[str], counts: Counter[str]) -> str:
    tag = "art" if piece.is_article else _TAGS[piece.kind]
    stem = f"{parent.eid}__" if parent else ""
    own = _NOT_NAME.sub("-", own_number(piece, parent)).strip("-").lower()
    if own or (piece.kind in (ProvisionKind.PREAMBLE, ProvisionKind.ANNEX)):
        name = f"{tag}_{own}" if own else tag
        bare = (
            piece.kind in PAGE_KINDS
            or piece.is_article
            or ("§" in piece.number and piece.kind is not ProvisionKind.PARAGRAPH)
        )
        if bare and not stem.startswith("annex") and name not in used:
            return name
        wanted = eid = f"{stem}{name}"
        while eid in used:
            counts[wanted] += 1
            eid = f"{wanted}-{counts[wanted] + 1}"
        return eid
    while True:
        counts[tag] += 1
        if (eid := f"{stem}{tag}_{counts[tag]}") not in used:
            return eid


def own_number(piece: Piece, parent: Piece | None) -> str:
    """Return what a number adds to the number of its parent, without its keyword.

    >>> kind = ProvisionKind.PARAGRAPH
    >>> article = Piece(ProvisionKind.SECTION, "Article 5", "", "", 1)
    >>> own_number(Piece(kind, "5.1", "", "", 1), article), own_number(Piece(kind, "2", "", "", 1), article)
    ('1', '2')
    >>> own_number(article, None)
    '5'
    """
    number = piece.number.split(maxsplit=1)[-1] if piece.number else ""
    base = parent.number.split(maxsplit=1)[-1] if parent and parent.number else ""
    return number.removeprefix(f"{base}.") if base else number
