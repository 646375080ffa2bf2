"""Builder of the tree of provisions from headings and paragraphs."""

from __future__ import annotations

from consult.core.i18n import _
from consult.core.languages import find_language
from consult.documents.model import ProvisionKind
from consult.documents.outline import footnotes, labels
from consult.documents.outline.headings import DraftHeading, HeadingPlan, SourceLine
from consult.documents.outline.labels import OpenLabels
from consult.documents.outline.markdown import GivenProvision
from consult.documents.outline.tree import HEADING_KINDS, OutlineTree, Piece
from consult.documents.outline.words import CLOSING

_BODY = 999
"""The rank of what is put over paragraphs that no heading stands above."""


def build_tree(plan: HeadingPlan, language: str, *, most: int) -> OutlineTree:
    """Build the provisions of a draft. If there are more than `most`, leave out the rest and report a problem."""
    return _Builder(plan, language, most).build()


class _Builder:
    def __init__(self, plan: HeadingPlan, language: str, most: int) -> None:
        self.entries, self.title, self.most = plan.entries, plan.title, most
        self.language = find_language(language)
        self.tree = OutlineTree()
        self.above: list[tuple[float, Piece]] = []  # open headings, outermost first
        self.labels = OpenLabels()
        self.going: Piece | None = None  # what a paragraph without a label may go on with
        self.counted = False  # whether paragraphs under the present heading bring labels
        self.closed = False  # whether what ends a document has begun
        self.notes: list[tuple[str, str, int]] = []
        self.body = self._find_body()

    def build(self) -> OutlineTree:
        following = self._list_following()
        for place, entry in enumerate(self.entries):
            if len(self.tree.pieces) >= self.most:
                said = _("The draft has more than %(most)s provisions. Divide the draft at this line.", most=self.most)
                line = entry.line if isinstance(entry, SourceLine) else entry.line.line
                self.tree.problem(line, said)
                break
            if isinstance(entry, DraftHeading):
                self._heading(entry)
            elif entry.note:
                self.notes.append((entry.note, entry.text, len(self.tree.pieces)))
            elif entry.given is not None:
                self._given(entry, entry.given)
            else:
                self._line(entry, place, following[place])
        footnotes.attach_notes(self.tree.pieces, self.notes)
        self.tree.finish()
        return self.tree

    def _find_body(self) -> int:
        """Return the index of the first entry after the preamble, among the entries before the first heading."""
        end = next((at for at, entry in enumerate(self.entries) if isinstance(entry, DraftHeading)), len(self.entries))
        for place, entry in enumerate(self.entries[:end]):
            counts = isinstance(entry, SourceLine) and (labels.is_dotted(entry.label) or entry.label[:-1] == "1")
            if counts and isinstance(entry, SourceLine) and not entry.label.startswith("("):
                return place
        return 0 if end == len(self.entries) else end

    def _list_following(self) -> list[str]:
        """Return for each entry the next label after it."""
        listed, after = [], ""
        for entry in reversed(self.entries):
            listed.append(after)
            after = entry.label if isinstance(entry, SourceLine) and entry.label not in ("", "-") else after
        return listed[::-1]

    def _given(self, line: SourceLine, given: GivenProvision) -> None:
        """Add a provision whose type and level are given in the text."""
        head, text = "", line.text
        if given.kind in HEADING_KINDS:
            head, _gap, text = line.text.partition("\n\n")
            if "\n" in head:
                head, text = "", line.text
        parent = self.tree.last(given.depth - 1)
        if parent is None and given.depth > 0:
            parent = self.tree.pieces[-1] if self.tree.pieces else None  # the level above it is missing
        piece = Piece(given.kind, given.number, head, text.strip(), line.line, eid=given.eid)
        self.tree.add(piece, parent)
        self.above = [(_BODY, piece)] if given.kind in HEADING_KINDS else self.above
        self.labels.levels, self.going, self.counted = [], piece, True

    def _heading(self, heading: DraftHeading) -> None:
        while self.above and (self.above[-1][0] >= heading.rank or self.above[-1][1].kind is ProvisionKind.PREAMBLE):
            self.above.pop()
        parent = self.above[-1][1] if self.above else None
        kind = heading.kind or ProvisionKind.CHAPTER
        if kind is ProvisionKind.CHAPTER and parent is not None and parent.kind is not ProvisionKind.PART:
            kind = ProvisionKind.SECTION
        piece = Piece(kind, heading.number, heading.words, "", heading.line.line)
        self.above.append((heading.rank, self.tree.add(piece, parent)))
        self._start()
        if heading.text:
            label, text = labels.split_label(heading.text)
            self._line(SourceLine(text, heading.line.line, label), -1, "")

    def _start(self) -> None:
        self.labels.levels, self.going, self.counted, self.closed = [], None, False, False

    def _line(self, line: SourceLine, place: int, following: str) -> None:
        if not self.above or (place == self.body and self.above[-1][1].eid == "preamble"):
            self._open(place, line)
        head = self.above[-1][1]
        if line.table and self.tree.pieces[-1] is not head:
            self._append(self.tree.pieces[-1], line.text)
        elif line.label and head.kind is ProvisionKind.PREAMBLE and not self._is_inner(line.label, following):
            piece = Piece(ProvisionKind.RECITAL, labels.bare_label(line.label), "", line.text, line.line)
            self._put(line, piece, head, (labels.readings(line.label) or [labels.LabelReading("-", 1)])[0].style)
        elif line.label:
            self._labelled(line, head, following)
        else:
            self._plain(line, head)

    def _open(self, place: int, line: SourceLine) -> None:
        """Open a preamble, or the whole draft, as the parent of paragraphs without a heading above them."""
        self.above = []
        if 0 <= place < self.body:
            piece = Piece(ProvisionKind.PREAMBLE, "", self.language.preamble, "", line.line, eid="preamble")
        else:
            piece = Piece(ProvisionKind.CHAPTER, "", self.title or self.language.whole, "", line.line)
        self.above = [(_BODY, self.tree.add(piece, None))]
        self._start()

    def _is_inner(self, label: str, following: str) -> bool:
        """Return True if a label in a preamble is a point of a recital."""
        if label == "-":
            return False
        style = self.labels.levels[0].style if self.labels.levels else ""
        return bool(style) and all(reading.style != style for reading in labels.readings(label))

    def _labelled(self, line: SourceLine, head: Piece, following: str) -> None:
        if not self.labels.levels and self.going is not None and self._introduces(self.going, line.label):
            self.labels.open(self.going)
        if line.in_article:
            self.labels.levels = []
        parent, style = self.labels.place(line.label, line.indent, following)
        inner = parent is not None and style != "dotted"
        bullet = line.label == "-" and parent is None
        kind = ProvisionKind.POINT if inner else ProvisionKind.PARAGRAPH
        number = labels.bare_label(line.label)
        piece = Piece(kind, number, "", line.text, line.line)
        self._put(line, piece, parent or head, style)
        self.counted = self.counted or (not inner and not bullet)

    def _put(self, line: SourceLine, piece: Piece, parent: Piece, style: str) -> None:
        if self.closed:
            self.closed = False
        if piece.kind is ProvisionKind.RECITAL:
            self.labels.levels = []
        self.tree.add(piece, parent)
        self.labels.push(line.label, line.indent, piece, style)
        self.going = piece

    @staticmethod
    def _introduces(before: Piece, label: str) -> bool:
        """Return True if a paragraph without a label introduces a list that begins with this label."""
        if before.number or before.kind is not ProvisionKind.PARAGRAPH or labels.is_dotted(label):
            return False
        opens = before.text.endswith((":", ";", ",", "—", "–", "-", "،", "؛"))
        return opens or not any(char.isdecimal() for char in label)

    def _plain(self, line: SourceLine, head: Piece) -> None:
        preamble = head.kind is ProvisionKind.PREAMBLE
        closing = not preamble and CLOSING.match(line.text) is not None
        self.closed = self.closed or closing
        point = self.going if self.going is not None and self.going.kind is ProvisionKind.POINT else None
        starts_low = line.text[:1].islower()
        if point is not None and 0 < self.labels.levels[-1].indent <= line.indent and not self.closed:
            self._append(point, line.text)
        elif self.closed or self.going is None or preamble or not (self.counted or (starts_low and self.labels.levels)):
            piece = Piece(ProvisionKind.PARAGRAPH, "", "", line.text, line.line)
            self.tree.add(piece, head)
            self.labels.levels, self.going = [], piece
        elif point is None:
            self._append(self.going, line.text)
        else:
            outer = self.labels.levels[0].piece
            if outer.kind is ProvisionKind.POINT and outer.parent is not None:
                outer = self.tree.pieces[outer.parent]
            self.going = Piece(ProvisionKind.POINT, "", "", line.text, line.line)
            self.tree.add(self.going, outer)
            self.labels.levels = self.labels.levels[:1]

    @staticmethod
    def _append(piece: Piece, text: str) -> None:
        piece.text = f"{piece.text}\n\n{text}".strip()
