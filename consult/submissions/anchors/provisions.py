"""Provisions of a published version as parts of the draft for comments, with their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from markupsafe import Markup

from consult.documents import keys as documents_keys
from consult.documents.model import ProvisionKind
from consult.documents.outline.tree import HEADING_KINDS

_ITEM = Markup('<li id="{}"><span class="nr">{}</span><div>{}</div></li>\n')
_P = Markup("<p>{}</p>\n")
_CELLS = Markup("<tr>{}</tr>")
_NOTE = Markup('<p class="meta small"><span class="nr">[{}]</span> {}</p>\n')
_DIV = Markup('<div id="{}">{}</div>\n')


@dataclass(frozen=True)
class ProvisionNode:
    """A provision. `key` identifies it in URLs: its number if short and unique, else its eid."""

    id: int
    eid: str
    kind: ProvisionKind
    number: str
    heading: str
    text: str
    chapter: str
    depth: int
    parent_id: int | None
    label: str  # display number: "2.1", "1.4(a)". Empty if the draft has none
    key: str
    points: tuple[ProvisionNode, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)  # footnotes by their marks in the text, such as [1]
    wid: str = ""  # permanent id, the same in every version
    version: int | None = None  # number of its version, if not the one open for comments

    @property
    def is_heading(self) -> bool:
        return self.kind in HEADING_KINDS

    @property
    def name(self) -> str:
        """Return the label, else the heading, else the eid."""
        return self.label or self.heading or self.eid

    @cached_property
    def parts(self) -> tuple[ProvisionNode, ...]:
        """Return the provision and all points below it. Each can have comments."""
        return (self, *(inner for point in self.points for inner in point.parts))

    @property
    def words(self) -> list[str]:
        """Return all its text with that of its points, which identifies a wording independent of its name."""
        return [said for part in self.parts for said in (part.heading, part.text)]

    @cached_property
    def html(self) -> Markup:
        """Return its text with points as HTML. It is cached, because the text does not change."""
        made = [_part(part) for part in self.text.split("\n\n") if part]
        made += [_NOTE.format(mark, words) for mark, words in self.notes.items()]
        for numbered, points in groupby(self.points, key=lambda point: bool(point.number)):
            made += [Markup('<ul class="bare points">\n') if numbered else Markup()]
            made += [point._item if numbered else _DIV.format(point.eid, point.html) for point in points]
            made += [Markup("</ul>\n") if numbered else Markup()]
        return Markup().join(made)

    @property
    def _item(self) -> Markup:
        return _ITEM.format(self.eid, self.number, self.html)


@dataclass(frozen=True)
class Chapter:
    """A top-level heading and its contents, in order. Points belong to their paragraph."""

    head: ProvisionNode
    body: tuple[ProvisionNode, ...]
    part: ProvisionNode | None = None  # the part that begins with this chapter, if the draft has parts

    @property
    def all(self) -> tuple[ProvisionNode, ...]:
        """Return the heading and the provisions under it."""
        return (self.head, *self.body)

    @cached_property
    def ids(self) -> list[int]:
        return [part.id for place in self.all for part in place.parts]


@dataclass(frozen=True)
class ProvisionTree:
    """All provisions of a version, in order. Those of published versions are cached, because they do not change."""

    chapters: tuple[Chapter, ...]
    by_id: Mapping[int, ProvisionNode] = field(repr=False)
    number: int = 0  # of the version

    @cached_property
    def _by_key(self) -> dict[str, ProvisionNode]:
        found = {place.eid: place for place in self.by_id.values()}
        return found | {place.key: place for place in self.by_id.values()}

    @cached_property
    def in_order(self) -> tuple[ProvisionNode, ...]:
        """Return headings and paragraphs in order, without points, for navigation."""
        return tuple(place for chapter in self.chapters for place in chapter.all)

    def find(self, key: str) -> ProvisionNode | None:
        """Return the provision with this key or eid, or None."""
        return self._by_key.get(key)

    def former(self, place_id: int) -> ProvisionNode:
        """Return a provision marked as belonging to an earlier version."""
        return replace(self.by_id[place_id], version=self.number)

    def chapter(self, eid: str | None) -> Chapter | None:
        """Return the chapter with this eid or number, by default the first."""
        if eid is None:
            return self.chapters[0] if self.chapters else None
        return next((chapter for chapter in self.chapters if eid in (chapter.head.eid, chapter.head.key)), None)

    def beside(self, place: ProvisionNode) -> tuple[ProvisionNode | None, ProvisionNode | None]:
        """Return the paragraphs before and after a provision. For a point, those of its paragraph."""
        walk = [row for row in self.in_order if not row.is_heading or row.text]
        at = next((n for n, row in enumerate(walk) if place.id in {part.id for part in row.parts}), None)
        if at is None:
            return None, next(iter(self._after(place)), None)
        return (walk[at - 1] if at else None), (walk[at + 1] if at + 1 < len(walk) else None)

    def _after(self, heading: ProvisionNode) -> Sequence[ProvisionNode]:
        return [row for row in self.in_order if row.chapter == heading.chapter and not row.is_heading]


@dataclass(frozen=True)
class ProvisionRow:
    """A provision as stored."""

    id: int
    eid: str
    parent_id: int | None
    chapter: str
    kind: ProvisionKind
    number: str
    heading: str
    text: str
    depth: int
    notes: Mapping[str, str] = field(default_factory=dict)
    wid: str = ""


def build_provision_tree(rows: Iterable[ProvisionRow], number: int = 0) -> ProvisionTree:
    """Build the tree of a version from its provisions in order.

    >>> chapter = ProvisionRow(1, "chp_1", None, "chp_1", ProvisionKind.CHAPTER, "1", "Aims", "", 0)
    >>> paragraph = ProvisionRow(2, "chp_1__para_4", 1, "chp_1", ProvisionKind.PARAGRAPH, "1.4", "", "States:", 1)
    >>> point = ProvisionRow(3, "chp_1__para_4__point_a", 2, "chp_1", ProvisionKind.POINT, "(a)", "", "test;", 2)
    >>> places = build_provision_tree([chapter, paragraph, point])
    >>> [part.key for part in places.chapters[0].body[0].parts], places.find("1.4(a)").id
    (['1.4', '1.4(a)'], 3)
    >>> [place.label for place in places.by_id.values()]
    ['1', '1.4', '1.4(a)']
    """
    ordered = list(rows)
    labels = documents_keys.number_labels(ordered)
    children: dict[int | None, list[ProvisionRow]] = {}
    for row in ordered:
        children.setdefault(row.parent_id, []).append(row)
    keys = documents_keys.address_keys(ordered, labels)
    by_id: dict[int, ProvisionNode] = {}

    def place(row: ProvisionRow) -> ProvisionNode:
        points = tuple(place(child) for child in children.get(row.id, []) if child.kind is ProvisionKind.POINT)
        by_id[row.id] = _to_node(row, labels[row.id], keys[row.id], points)
        return by_id[row.id]

    chapters: dict[str, list[ProvisionNode]] = {}
    kinds = {row.id: row.kind for row in ordered}
    for row in ordered:
        if row.kind is not ProvisionKind.POINT or kinds.get(row.parent_id or 0) is None:
            chapters.setdefault(row.chapter, []).append(place(row))
    in_order = {row.id: by_id[row.id] for row in ordered if row.id in by_id}  # Parents come before their points.
    return ProvisionTree(tuple(_chapters(chapters.values())), in_order, number)


def _to_node(row: ProvisionRow, label: str, key: str, points: tuple[ProvisionNode, ...]) -> ProvisionNode:
    return ProvisionNode(
        row.id,
        row.eid,
        row.kind,
        row.number,
        row.heading,
        row.text,
        row.chapter,
        row.depth,
        row.parent_id,
        label,
        key,
        points,
        row.notes,
        row.wid,
    )


def _chapters(groups: Iterable[list[ProvisionNode]]) -> Iterable[Chapter]:
    """Yield chapters. A part without text is shown with the chapter that follows it."""
    part: ProvisionNode | None = None
    for head, *body in groups:
        if head.kind is ProvisionKind.PART and not body and not head.text:
            part = head
        else:
            yield Chapter(head, tuple(body), part)
            part = None


def _part(part: str) -> Markup:
    """Return a paragraph as HTML. Lines with cells become a table, the first of them its header."""
    if "\n" not in part or " | " not in part:
        return _P.format(Markup("<br>").join(part.split("\n")))
    head, *rows = [line.split(" | ") for line in part.split("\n")]
    top = Markup().join(Markup('<th scope="col">{}</th>').format(cell) for cell in head)
    body = [_CELLS.format(Markup().join(Markup("<td>{}</td>").format(cell) for cell in row)) for row in rows]
    return Markup('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>\n').format(
        top, Markup().join(body)
    )
