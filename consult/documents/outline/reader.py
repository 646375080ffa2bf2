"""Reader of a draft as a tree of provisions, each with its printed label and a machine-readable id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.documents.model import ProvisionKind
from consult.documents.outline import labels
from consult.documents.outline.builder import build_tree
from consult.documents.outline.doubts import OutlineDoubt, list_doubts
from consult.documents.outline.headings import SourceLine, plan_headings
from consult.documents.outline.markdown import BlockShape, MarkdownBlock, parse_blocks
from consult.documents.outline.tree import HEADING_KINDS, OutlineTree, Piece, Problem

__all__ = ["Outline", "Piece", "Problem", "parse_outline", "read_lines"]

MAX_DRAFT_LENGTH = 1_000_000
"""The most characters in a draft: more than 150,000 words."""
MAX_PROVISIONS = 5000
MAX_BLOCKS = 8 * MAX_PROVISIONS
"""The most paragraphs, headings, points and notes: several may be one provision."""
MAX_PROVISION_LENGTH = 20_000
"""The most characters in one provision."""
MAX_HEADING_LENGTH = 1_000
QUICK_LENGTH, QUICK_LINES = 120_000, 2_000
"""Characters and lines of a draft that a request parses itself: most of the time goes by lines. Texts made to cost as
much as they can took up to 0.12 s of CPU within these, 0.1 to 3.0 s at a million characters (`benchmarks.drafts`)."""


@dataclass(frozen=True)
class Outline:
    """The provisions of a text. Problems keep it from being published, doubts do not."""

    title: str
    pieces: list[Piece]
    problems: list[Problem]

    @property
    def shown(self) -> list[Piece]:
        """Return the pieces with their own line on a page: headings and paragraphs, which include their points."""
        return [piece for piece in self.pieces if piece.kind is not ProvisionKind.POINT or piece.parent is None]

    @property
    def doubts(self) -> list[OutlineDoubt]:
        """Return the lines that a person should check."""
        return list_doubts(self.pieces)

    def count(self, *kinds: ProvisionKind) -> int:
        """Return the number of pieces of these kinds."""
        return sum(piece.kind in kinds for piece in self.pieces)

    @property
    def chapters(self) -> int:
        return self.count(ProvisionKind.CHAPTER)

    @property
    def paragraphs(self) -> int:
        return self.count(ProvisionKind.PARAGRAPH)

    @property
    def words(self) -> int:
        return sum(len(piece.heading.split()) + len(piece.text.split()) for piece in self.pieces)


def is_quick(text: str) -> bool:
    r"""Return True if a request may parse a draft itself, because the work is bounded.

    >>> is_quick("## 1 Aims\n\n1.1 States shall test."), is_quick("a\n" * 2_001), is_quick("a" * 120_001)
    (True, False, False)
    """
    return len(text) <= QUICK_LENGTH and text.count("\n") <= QUICK_LINES


def parse_outline(text: str, *, language: str = DEFAULT_LANGUAGE) -> Outline:
    r"""Return the provisions of a draft in Markdown or plain text. Excess text is reported in `problems`, by line.

    A first `#` heading is the title; deeper ones are headings, and so are lines that begin with a word such as Article
    and a number. Numbers are kept as they are written. `(a)` and bullets are points of the preceding paragraph.

    >>> plan = parse_outline("# Plan\n\n## Article 2 Health\n\n1. States shall:\n\n(a) test.")
    >>> [(piece.number, piece.eid) for piece in plan.pieces]
    [('Article 2', 'art_2'), ('1', 'art_2__para_1'), ('(a)', 'art_2__para_1__point_a')]
    """
    if len(text) > MAX_DRAFT_LENGTH:
        most, length = MAX_DRAFT_LENGTH, len(text)
        message = _(
            "The draft has %(length)s characters. The limit is %(most)s. Divide the draft.", length=length, most=most
        )
        return Outline("", [], [Problem(1, message)])
    blocks = islice(parse_blocks(text), MAX_BLOCKS + 1)
    return read_lines([_to_line(block) for block in blocks], language=language)


def read_lines(lines: Sequence[SourceLine], *, language: str = DEFAULT_LANGUAGE) -> Outline:
    """Return the provisions in the paragraphs of a draft of any file format."""
    plan = plan_headings(lines[:MAX_BLOCKS])
    tree = build_tree(plan, language, most=MAX_PROVISIONS)
    if len(lines) > MAX_BLOCKS and len(tree.pieces) < MAX_PROVISIONS:
        message = _(
            "The draft has more than %(most)s paragraphs and headings. Divide the draft at this line.", most=MAX_BLOCKS
        )
        tree.problem(lines[-1].line, message)
    _check_lengths(tree)
    return Outline(plan.title, tree.pieces, sorted(tree.problems, key=lambda problem: problem.line))


def to_lines(rows: Sequence[Mapping[str, Any]]) -> list[SourceLine]:
    """Return the paragraphs found by the Word reader, with labels written in their text split off."""
    lines = []
    for number, row in enumerate(rows, 1):
        line = SourceLine(**row, line=number)
        if not line.label and line.is_plain and not line.title:
            label, text = labels.split_label(line.text)
            if label and (not line.level or label == "-"):
                line.lead = max(line.lead - (len(line.text) - len(text)), 0)
                line.label, line.text = label, text
        lines.append(line)
    return _split_double(_drop_weak(lines))


def _drop_weak(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """Join a letter with a full stop to its sentence, as in `A. Smith said so.`

    Keep it if a neighbouring label of the same list is near.
    """
    for place, line in enumerate(lines):
        bare = line.label.rstrip(".")
        if not (line.label.endswith(".") and bare.isalpha()) or line.look:
            continue
        if line.text[:1] in ("–", "—"):  # as in `I. – Toute salle`: no sentence begins so
            line.text = line.text.lstrip("–— ")
            continue
        near = [other.label for other in (*lines[max(place - 40, 0) : place], *lines[place + 1 : place + 40])]
        if not any(labels.follows(line.label, other) or labels.follows(other, line.label) for other in near if other):
            line.label, line.text = "", f"{line.label} {line.text}".strip()
    return list(lines)


def _split_double(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """Return lines with two labels, such as `(a)(1) Each State`, as two lines, the first without words."""
    made: list[SourceLine] = []
    for line in lines:
        while line.label.endswith(")"):
            label, text = labels.split_label(line.text)
            if not label.endswith(")") or not labels.is_first(label):
                break
            made.append(SourceLine("", line.line, line.label, indent=line.indent))
            line.label, line.text = label, text
        made.append(line)
    return made


def _to_line(block: MarkdownBlock) -> SourceLine:
    line = SourceLine(block.text, block.line, indent=block.level, given=block.given)
    match block.shape:
        case BlockShape.HEADING:
            line.level, line.indent = block.level, 0
        case BlockShape.NOTE:
            line.note = block.number
        case BlockShape.POINT:
            line.label = block.number or "-"
        case BlockShape.PARAGRAPH:
            line.label = block.number
    raw = block.lines[0].strip()
    line.table = raw.startswith("|") and not line.label
    if len(block.lines) == 1 and not line.level:
        bold = len(raw) > 4 and raw[:2] == raw[-2:] and raw[:2] in ("**", "__")
        letters = [char for char in line.text if char.isalpha()]
        capital = len(letters) > 3 and all(char.isupper() for char in letters)
        line.look = "b" * bold + "u" * capital
    return line


def _check_lengths(tree: OutlineTree) -> None:
    """Report empty headings and texts that are too long."""
    if not tree.pieces:
        tree.problem(1, _("The draft is empty. Paste its text, or choose a file."))
    for piece in tree.pieces:
        if len(piece.heading) > MAX_HEADING_LENGTH and piece.kind in HEADING_KINDS:
            message = _("This heading is too long. The limit is %(most)s characters.", most=MAX_HEADING_LENGTH)
            tree.problem(piece.line, message)
        elif len(piece.text) > MAX_PROVISION_LENGTH:
            message = _(
                "This text is too long. The limit is %(most)s characters. Divide it with an empty line.",
                most=MAX_PROVISION_LENGTH,
            )
            tree.problem(piece.line, message)
