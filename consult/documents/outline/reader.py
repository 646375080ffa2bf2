"""Parses a draft's text into a tree of provisions, each with a spoken number and a machine-readable id.

Source of the ids: Akoma Ntoso 1.0, naming convention, section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE, find_language
from consult.documents.formats.markdown import BlockShape, GivenProvision, MarkdownBlock, parse_blocks, plain_text
from consult.documents.model import ProvisionKind
from consult.documents.outline import footnotes, headings, points
from consult.documents.outline.headings import HeadingPlan, PlannedHeading
from consult.documents.outline.tree import OutlineTree, Piece, Problem

__all__ = ["Outline", "Piece", "Problem", "parse_outline"]

MAX_DRAFT_LENGTH = 1_000_000
"""The most characters in a draft: more than 150,000 words."""
MAX_PROVISIONS = 5000
MAX_BLOCKS = 8 * MAX_PROVISIONS
"""The most paragraphs, headings, points and notes: several may be one provision."""
MAX_PROVISION_LENGTH = 20_000
"""The most characters in one provision."""
MAX_HEADING_LENGTH = 300
QUICK_LENGTH, QUICK_LINES = 120_000, 2_000
"""Characters and lines of a draft that a request parses itself: most of the time goes by lines. Texts made to cost as
much as they can took up to 0.12 s of CPU within these, 0.1 to 3.0 s at a million characters (`benchmarks.drafts`)."""
_NO_LEVEL = 99
_HEADINGS = (ProvisionKind.PART, ProvisionKind.CHAPTER, ProvisionKind.SECTION)
_OWN_NAME = (ProvisionKind.PART, ProvisionKind.CHAPTER)


@dataclass(frozen=True)
class Outline:
    """The provisions of a text, and its problems; without problems it can be published."""

    title: str
    pieces: list[Piece]
    problems: list[Problem]

    @property
    def shown(self) -> list[Piece]:
        """What stands on its own on a page: headings and paragraphs, with their points in them."""
        return [piece for piece in self.pieces if piece.kind is not ProvisionKind.POINT]

    @property
    def chapters(self) -> int:
        return sum(piece.kind is ProvisionKind.CHAPTER for piece in self.pieces)

    @property
    def paragraphs(self) -> int:
        return sum(piece.kind is ProvisionKind.PARAGRAPH for piece in self.pieces)

    @property
    def words(self) -> int:
        return sum(len(piece.heading.split()) + len(piece.text.split()) for piece in self.pieces)


def is_quick(text: str) -> bool:
    """Whether a request may parse a draft itself: the work is bounded, whatever the text.

    >>> is_quick("## 1 Aims\\n\\n1.1 States shall test."), is_quick("a\\n" * 2_001), is_quick("a" * 120_001)
    (True, False, False)
    """
    return len(text) <= QUICK_LENGTH and text.count("\n") <= QUICK_LINES


def parse_outline(text: str, *, language: str = DEFAULT_LANGUAGE) -> Outline:
    """The provisions of a draft in Markdown. Never raises: what is wrong is in `problems`, by line.

    A first `#` heading is the title; the headings below it are chapters, deeper ones sections. A paragraph may bring
    its number (`2.1 …`); where a chapter numbers none of its paragraphs they are numbered after it. Where it numbers
    some, what has no number goes on with the paragraph before. `(a)` and bullets are points of the paragraph before.

    >>> plan = parse_outline("# Plan\\n\\n## 2 Health\\n\\n2.1 States shall:\\n\\n- test;\\n- treat.")
    >>> [(piece.number, piece.eid) for piece in plan.pieces]
    [('2', 'chp_2'), ('2.1', 'chp_2__para_1'), ('(a)', 'chp_2__para_1__point_a'), ('(b)', 'chp_2__para_1__point_b')]
    """
    if len(text) > MAX_DRAFT_LENGTH:
        most, length = MAX_DRAFT_LENGTH, len(text)
        said = _("The draft has %(length)s characters; at most %(most)s fit. Divide it.", length=length, most=most)
        return Outline("", [], [Problem(1, said)])
    blocks = list(islice(parse_blocks(text), MAX_BLOCKS + 1))
    title, found = headings.split_title(blocks[:MAX_BLOCKS])
    tree = _Builder(found, headings.plan_headings(found), language).build(title)
    if len(blocks) > MAX_BLOCKS and len(tree.pieces) < MAX_PROVISIONS:
        said = _("The draft has more than %(most)s paragraphs and headings. Divide it here.", most=MAX_BLOCKS)
        tree.problem(blocks[-1].line, said)
    _check_lengths(tree)
    return Outline(title, tree.pieces, sorted(tree.problems, key=lambda problem: problem.line))


@dataclass
class _Scope:
    """A chapter, or a numbered section, after which the paragraphs in it are numbered."""

    piece: Piece
    number: str
    level: int
    explicit: bool  # some paragraphs in it bring their number
    dotted: bool  # as 2.1
    counter: int = 0


@dataclass
class _Builder:
    found: Sequence[MarkdownBlock]
    plan: HeadingPlan
    language: str
    tree: OutlineTree = field(default_factory=OutlineTree)
    above: list[tuple[int, Piece]] = field(default_factory=list)  # open headings, with their level
    scopes: list[_Scope] = field(default_factory=list)
    paragraph: Piece | None = None
    going: Piece | None = None  # what a paragraph without a number goes on with
    bullet: int | None = None  # the indent of the bullet that began the paragraph
    notes: list[tuple[str, str, int]] = field(default_factory=list)  # mark, words, how many pieces stand before
    open_points: points.OpenPoints = field(default_factory=points.OpenPoints)

    def build(self, title: str) -> OutlineTree:
        if self.found and 0 not in self.plan.headings and self.found[0].given is None:
            self._before_the_first_heading(title)
        for place, block in enumerate(self.found):
            if len(self.tree.pieces) >= MAX_PROVISIONS:
                said = _("The draft has more than %(most)s provisions. Divide it here.", most=MAX_PROVISIONS)
                self.tree.problem(block.line, said)
                break
            if block.given is not None:
                self._given(block, block.given)
            elif block.shape is BlockShape.NOTE:
                self.notes.append((block.number, block.text, len(self.tree.pieces)))
            elif block.shape is BlockShape.HEADING:
                self._heading(place, block)
            elif block.shape is BlockShape.PARAGRAPH:
                self._words(block)
            else:
                self._point(block)
        footnotes.attach_notes(self.tree.pieces, self.notes)
        return self.tree

    def _given(self, block: MarkdownBlock, given: GivenProvision) -> None:
        """A provision that says itself what it is and how deep it stands."""
        first, *more = block.lines
        heading = given.kind in _HEADINGS
        head, text = (plain_text(first), plain_text("\n".join(more))) if heading else ("", block.text)
        piece = Piece(given.kind, given.number, head, text, block.line)
        parent = self.tree.last(given.depth - 1)
        if parent is None and given.depth > 0:
            self.tree.problem(block.line, _("This stands too deep: nothing before it that it could stand under."))
        own = parent if given.kind not in _OWN_NAME else None
        self.tree.add(piece, parent=parent, base=None if given.eid else own, name=given.eid)

    def _before_the_first_heading(self, title: str) -> None:
        """Text that stands before any heading is a preamble; a draft without headings is one chapter."""
        alone = not self.plan.headings
        language = find_language(self.language)
        heading = (title or language.whole) if alone else language.preamble
        taken = {heading.number for heading in self.plan.headings.values()}
        number = "0"
        if alone:
            number = "A" if self.plan.through else headings.chapter_stem(self.found) or "1"
        elif number in taken:
            number = next(headings.free_labels(True, taken))
        piece = Piece(ProvisionKind.CHAPTER, number, heading, "", self.found[0].line)
        self.tree.add(piece, parent=None, name="" if alone else "preamble")
        self.above = [(_NO_LEVEL, piece)]
        self.going = piece
        self.scopes = [self._scope(piece, number, _NO_LEVEL, 0)]

    def _heading(self, place: int, block: MarkdownBlock) -> None:
        planned = self.plan.headings[place]
        self._end_paragraph()
        self.above = [(level, piece) for level, piece in self.above if level < block.level]
        self.scopes = [scope for scope in self.scopes if scope.level < block.level]
        if planned.should_be:
            marks = "#" * planned.should_be
            self.tree.problem(block.line, _("This heading skips a level. Write it with %(marks)s.", marks=marks))
        if not planned.words and not planned.named:
            said = _("This heading has no words. Write its title, or delete the line.")
            self.tree.problem(block.line, said)
        piece, number = self._placed(planned, block)
        self.above.append((block.level, piece))
        self.going = piece
        if number or not self.scopes:
            self.scopes.append(self._scope(piece, number, block.level, place + 1))

    def _placed(self, planned: PlannedHeading, block: MarkdownBlock) -> tuple[Piece, str]:
        """The heading as a provision, and the number that paragraphs under it are counted from."""
        parent = self.above[-1][1] if self.above else None
        number = planned.number
        piece = Piece(planned.kind, number, planned.words, "", block.line)
        if planned.named:
            piece.number = f"{planned.word} {number}"
            name = f"{'art' if planned.kind is ProvisionKind.SECTION else 'part'}_{number.lower()}"
            return self.tree.add(piece, parent=parent, name=name), number
        if planned.kind is not ProvisionKind.SECTION:
            return self.tree.add(piece, parent=parent), number
        piece.number = self._within(number, block.line)
        return self.tree.add(piece, parent=parent, base=parent), piece.number

    def _scope(self, piece: Piece, number: str, level: int, start: int) -> _Scope:
        """The scope of a heading whose blocks begin at `start`; numbered sections inside it are scopes of their own."""
        scope = _Scope(piece, number, level, explicit=False, dotted=False)
        inner = _NO_LEVEL
        for place in range(start, len(self.found)):
            block, heading = self.found[place], self.plan.headings.get(place)
            if heading is not None:
                if block.level <= level:
                    break
                if block.level <= inner:
                    inner = block.level if heading.number else _NO_LEVEL
            elif inner == _NO_LEVEL and block.shape is BlockShape.PARAGRAPH and block.number:
                scope.explicit = True
                scope.dotted = scope.dotted or not block.number.endswith(".")
        return scope

    def _within(self, number: str, line: int) -> str:
        """A number in the present scope: `1` in chapter 2 is `2.1`. Tells where it belongs to another chapter."""
        base = self.scopes[-1].number if self.scopes else ""
        if not number or not base:
            return number
        if "." not in number.rstrip("."):
            return f"{base}.{number.rstrip('.')}"
        if not number.startswith(f"{base}."):
            said = _(
                "%(number)s does not belong under %(chapter)s. Change the number, or add the heading that it "
                "belongs under. If it begins a sentence, put a backslash (\\) before it.",
                number=number,
                chapter=base,
            )
            self.tree.problem(line, said)
        return number

    def _words(self, block: MarkdownBlock) -> None:
        """A paragraph that is numbered, gets a number, goes on with what came before, or is a point after all."""
        scope = self.scopes[-1]
        whole = block.number.endswith(".")
        if whole and self.paragraph is not None and (scope.dotted or block.level >= 2):
            block.number = f"({block.number[:-1]})"
            self._point(block)
        elif block.number:
            through = whole and self.plan.through
            number = block.number[:-1] if through else self._within(block.number, block.line)
            self._new_paragraph(block, number, base=None if through else scope.piece)
        elif not scope.explicit:
            self._new_paragraph(block, self._next(scope), base=scope.piece)
        elif self.going is not None:
            self.going.text = f"{self.going.text}\n\n{block.text}".strip()
        else:
            outer = self.paragraph or self.above[-1][1]
            self.open_points.clear()
            closing = Piece(ProvisionKind.POINT, "", "", block.text, block.line)
            self.going = self.tree.add(closing, parent=outer, base=outer, name="wrapup")

    def _next(self, scope: _Scope) -> str:
        """The next number in a scope that the draft does not use itself."""
        while True:
            scope.counter += 1
            number = f"{scope.number}.{scope.counter}"
            if number not in self.plan.numbers and self.tree.numbered(number) is None:
                return number

    def _new_paragraph(self, block: MarkdownBlock, number: str, base: Piece | None) -> None:
        self._end_paragraph()
        outer = self.tree.numbered(number.rpartition(".")[0])
        inner = outer is not None and outer.kind is ProvisionKind.PARAGRAPH
        piece = Piece(ProvisionKind.PARAGRAPH, number, "", block.text, block.line)
        self.tree.add(piece, parent=outer if inner else self.above[-1][1], base=outer if inner else base)
        self.paragraph = self.going = piece

    def _end_paragraph(self) -> None:
        self.open_points.clear()
        self.paragraph = self.bullet = None

    def _point(self, block: MarkdownBlock) -> None:
        scope = self.scopes[-1]
        alone = self.paragraph is None or (self.bullet is not None and block.level < self.bullet + 2)
        if alone and not block.number and not scope.explicit:
            self._new_paragraph(block, self._next(scope), base=scope.piece)
            self.bullet = block.level
            return
        outer = self.paragraph or self.above[-1][1]
        parent, too_deep = self.open_points.place(block.level, block.number, outer)
        if too_deep:
            said = _("Points stand more than %(most)s levels deep here. Make them fewer.", most=points.MAX_DEPTH)
            self.tree.problem(block.line, said)
        number = block.number or points.free_letter(self.tree.labels(parent))
        piece = Piece(ProvisionKind.POINT, number, "", block.text, block.line)
        self.tree.add(piece, parent=parent, base=parent)
        self.going = None
        self.open_points.push(block.level, block.number, piece)


def _check_lengths(tree: OutlineTree) -> None:
    """Tells of what is empty or too long."""
    if not tree.pieces:
        tree.problem(1, _("The draft is empty. Paste its text, or choose a file."))
    parents = {piece.parent for piece in tree.pieces}
    for piece in tree.pieces:
        if len(piece.text) > MAX_PROVISION_LENGTH or len(piece.heading) > MAX_HEADING_LENGTH:
            said = _(
                "This is too long: at most %(most)s characters. Divide it with an empty line.",
                most=MAX_PROVISION_LENGTH,
            )
            if len(piece.heading) > MAX_HEADING_LENGTH:
                said = _("This heading is too long: at most %(most)s characters.", most=MAX_HEADING_LENGTH)
            tree.problem(piece.line, said)
        if piece.text or piece.position in parents:
            continue
        if piece.kind in (ProvisionKind.PARAGRAPH, ProvisionKind.POINT):
            said = _("%(number)s has no words. Write them after the number, or delete it.", number=piece.number)
        else:
            said = _("There is no text under this heading. Write some, or delete the heading.")
        tree.problem(piece.line, said)
