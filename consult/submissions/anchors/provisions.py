"""Provisions of a published version as places for comments, with their spoken names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from markupsafe import Markup

from consult.documents import keys as documents_keys
from consult.documents.model import ProvisionKind

_ITEM = Markup('<li id="{}"><span class="nr">{}</span><div>{}</div></li>\n')
_P = Markup("<p>{}</p>\n")
_CELLS = Markup("<tr>{}</tr>")
_NOTE = Markup('<p class="meta small"><span class="nr">[{}]</span> {}</p>\n')
_DIV = Markup('<div id="{}">{}</div>\n')
HEADINGS = (ProvisionKind.PART, ProvisionKind.CHAPTER, ProvisionKind.SECTION)


@dataclass(frozen=True)
class ProvisionNode:
    """One provision. `key` stands for it in addresses: its number where that is short and its own, else its eid."""

    id: int
    eid: str
    kind: ProvisionKind
    number: str
    heading: str
    text: str
    chapter: str
    depth: int
    parent_id: int | None
    label: str  # what people call it: "2.1", "1.4(a)"; empty where the draft has no number
    key: str
    points: tuple[ProvisionNode, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)  # footnotes by the mark that stands in the text, as in [1]
    wid: str = ""  # its permanent id, the same in every version
    version: int | None = None  # of which version it is, where that is not the one that people comment on

    @property
    def is_heading(self) -> bool:
        return self.kind in HEADINGS

    @property
    def name(self) -> str:
        """The label, or the heading where there is no number."""
        return self.label or self.heading or self.eid

    @cached_property
    def parts(self) -> tuple[ProvisionNode, ...]:
        """It and the points below it, each of which may bear comments."""
        return (self, *(inner for point in self.points for inner in point.parts))

    @property
    def words(self) -> list[str]:
        """All its words with those of its points: they identify a wording, whatever its name."""
        return [said for part in self.parts for said in (part.heading, part.text)]

    @cached_property
    def html(self) -> Markup:
        """Its words with its points, as paragraphs and nested lists: made once, for the words never change."""
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
    """A top-level heading and what stands in it, in order; points hang from their paragraph."""

    head: ProvisionNode
    body: tuple[ProvisionNode, ...]
    part: ProvisionNode | None = None  # the part of the draft that it opens, where a draft has parts

    @property
    def all(self) -> tuple[ProvisionNode, ...]:
        """The heading, then what stands under it."""
        return (self.head, *self.body)

    @cached_property
    def ids(self) -> list[int]:
        return [part.id for place in self.all for part in place.parts]


@dataclass(frozen=True)
class ProvisionTree:
    """All provisions of one version, in order. Made once for a published version, which never changes."""

    chapters: tuple[Chapter, ...]
    by_id: Mapping[int, ProvisionNode] = field(repr=False)
    number: int = 0  # of the version

    @cached_property
    def _by_key(self) -> dict[str, ProvisionNode]:
        found = {place.eid: place for place in self.by_id.values()}
        return found | {place.key: place for place in self.by_id.values()}

    @cached_property
    def in_order(self) -> tuple[ProvisionNode, ...]:
        """Headings and paragraphs one after another, without points: what "next" and "previous" walk over."""
        return tuple(place for chapter in self.chapters for place in chapter.all)

    def find(self, key: str) -> ProvisionNode | None:
        """The place that an address names, by key or by eid."""
        return self._by_key.get(key)

    def former(self, place_id: int) -> ProvisionNode:
        """One of these as a place of a version that was replaced by another."""
        return replace(self.by_id[place_id], version=self.number)

    def chapter(self, eid: str | None) -> Chapter | None:
        """The chapter with this eid or number; the first where none is asked for."""
        if eid is None:
            return self.chapters[0] if self.chapters else None
        return next((chapter for chapter in self.chapters if eid in (chapter.head.eid, chapter.head.key)), None)

    def beside(self, place: ProvisionNode) -> tuple[ProvisionNode | None, ProvisionNode | None]:
        """The paragraphs before and after one; for a point, of the paragraph it stands in."""
        walk = [row for row in self.in_order if not row.is_heading or row.text]
        at = next((n for n, row in enumerate(walk) if place.id in {part.id for part in row.parts}), None)
        if at is None:
            return None, next(iter(self._after(place)), None)
        return (walk[at - 1] if at else None), (walk[at + 1] if at + 1 < len(walk) else None)

    def _after(self, heading: ProvisionNode) -> Sequence[ProvisionNode]:
        return [row for row in self.in_order if row.chapter == heading.chapter and not row.is_heading]


@dataclass(frozen=True)
class ProvisionRow:
    """A provision as it is stored."""

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
    """The places of a version from its provisions in order.

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
    in_order = {row.id: by_id[row.id] for row in ordered if row.id in by_id}  # what points hang from before them
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
    """Parts are headings over chapters: a part without text of its own is shown with the chapter that follows it."""
    part: ProvisionNode | None = None
    for head, *body in groups:
        if head.kind is ProvisionKind.PART and not body and not head.text:
            part = head
        else:
            yield Chapter(head, tuple(body), part)
            part = None


def _part(part: str) -> Markup:
    """A paragraph; lines with cells as the rows of a table, the first of them its head."""
    if "\n" not in part or " | " not in part:
        return _P.format(Markup("<br>").join(part.split("\n")))
    head, *rows = [line.split(" | ") for line in part.split("\n")]
    top = Markup().join(Markup('<th scope="col">{}</th>').format(cell) for cell in head)
    body = [_CELLS.format(Markup().join(Markup("<td>{}</td>").format(cell) for cell in row)) for row in rows]
    return Markup('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>\n').format(
        top, Markup().join(body)
    )
