"""Parser of Markdown into blocks: headings, paragraphs and points, each with line, printed number and plain words.

Only the Markdown that a draft policy needs is interpreted. Anything else remains as words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from consult.core.text import clean_text
from consult.documents.model import ProvisionKind
from consult.documents.outline.labels import western_digits

_LINES = re.compile("\r\n?|\n|\u2028|\u2029|\x85")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*))?$")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})[ \t]*$")
_BREAK = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|`{3,}.*|~{3,}.*)$")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?$")
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_BULLET = re.compile(r"[-*+•–][ \t]+(?=\S)|[-*+•]$")
_LABEL = re.compile(r"(\(?)(\d{1,3}|[ivxlcdm]{1,6}|[IVXLCDM]{1,6}|[^\W\d_]|([a-z])\3)\)(?:[ \t]+|$)")
_DOTTED = re.compile(
    r"(?:§[ \t]?)?(?P<bold>\*\*|__)?"
    r"(?P<number>(?:\d{1,4}|[A-Z]|[IVXLC]{1,6})(?:\.\d{1,4})+(?:[a-z]|[ ]?(?:bis|ter|quater))?)"
    r"\.?(?(bold)(?P=bold))[.):]?(?:[ \t]+[—–-]?[ \t]*|$)"
)
_NESTED = re.compile(r"(?P<label>\d{1,2}|[a-zء-ي]|[ivx]{1,5})\.(?:[ \t]+|$)")
_WHOLE = re.compile(r"(?P<bold>\*\*|__)?(?P<number>\d{1,4})\.(?(bold)(?P=bold))(?:[ \t]+|$)")
_FIRST = ("1", "a", "i", "أ")
_NOTE = re.compile(r"\[\^([^\[\]\s^]{1,20})\]:[ \t]*")
_GIVEN = re.compile(
    rf"\{{(?P<kind>{'|'.join(ProvisionKind)}) "
    r"(?P<depth>\d{1,2})(?: #(?P<eid>[\w.-]{1,200}))?"
    r"(?: (?P<number>[^{}]{1,80}))?\}[ \t]*"
)
_BREAK_MARK = re.compile(r"(?<!\\)\\$")
_SPACES, _GAPS = re.compile(r"[ \t]+"), re.compile(r"\n{3,}")
_INLINE = re.compile(r"[*_`\\\[<]")


class BlockShape(Enum):
    HEADING = auto()
    PARAGRAPH = auto()
    POINT = auto()
    NOTE = auto()
    GIVEN = auto()


@dataclass(frozen=True)
class GivenProvision:
    """The type and number of a provision stated in the text, as in `{section 1 #art_5 Article 5} Purpose`."""

    kind: ProvisionKind
    depth: int
    eid: str
    number: str

    def __str__(self) -> str:
        name = f" #{self.eid}" if self.eid else ""
        return f"{{{self.kind.value} {self.depth}{name}{' ' if self.number else ''}{self.number}}}"


@dataclass
class MarkdownBlock:
    """A block of Markdown. `number` is as printed, in Western digits: `2.1`, `3.` for a whole number, `(a)`; or empty.

    The number of a footnote is its mark. `level` is 1 to 6 for a heading, and the indentation in spaces for other
    blocks.
    """

    shape: BlockShape
    line: int
    level: int
    number: str
    lines: list[str] = field(default_factory=list)
    given: GivenProvision | None = None

    @property
    def text(self) -> str:
        return (
            plain_text("\n".join(self.lines))
            if self.shape is not BlockShape.HEADING
            else plain_text(" ".join(self.lines))
        )


def parse_blocks(source: str) -> Iterator[MarkdownBlock]:
    r"""Yield the blocks of a text in order.

    >>> text = "# Plan\n\n2.1 Each State\nshall.\n\n(a) first;"
    >>> [(block.shape.name, block.line, block.number, block.text) for block in parse_blocks(text)]
    [('HEADING', 1, '', 'Plan'), ('PARAGRAPH', 3, '2.1', 'Each State shall.'), ('POINT', 6, '(a)', 'first;')]
    """
    open_block: MarkdownBlock | None = None
    after_blank, number = True, ""
    for line, raw in enumerate(_LINES.split(source), 1):
        indent, words = _indent(raw)
        if open_block is not None and not after_blank and _is_underline(words, open_block):
            open_block.shape, open_block.level = BlockShape.HEADING, 1 if words[0] == "=" else 2
            words = ""
        if not words or _BREAK.match(words) or _TABLE_RULE.match(words):
            after_blank = after_blank or not words.startswith("|")
            continue
        begun = _begin(line, indent, words, open_block, number, after_blank)
        if begun is not None:
            number = begun.number if begun.shape is BlockShape.PARAGRAPH and begun.number else number
            if open_block is not None:
                yield open_block
            open_block = begun
        elif open_block is not None:
            open_block.lines += ["", words] if after_blank else [words]
        after_blank = open_block is not None and open_block.shape is BlockShape.HEADING
    if open_block is not None:
        yield open_block


def _indent(raw: str) -> tuple[int, str]:
    """Return the indentation of a line, and its cleaned words without quotation marks of Markdown."""
    raw = raw.replace("\ufeff", "").expandtabs(4)
    words = clean_text(raw)
    if words.startswith(">"):
        words = _QUOTE.sub("", words, count=1).strip()
    return len(raw) - len(raw.lstrip()), words


def _is_underline(words: str, above: MarkdownBlock) -> bool:
    return above.shape is BlockShape.PARAGRAPH and len(above.lines) == 1 and _UNDERLINE.match(words) is not None


def _drop_closing_marks(words: str) -> str:
    """Return the words of a heading without the marks that may end its line.

    >>> [_drop_closing_marks(words) for words in ("Aims ##  ", "C#", "#")]
    ['Aims', 'C#', '#']
    """
    whole = words.strip(" \t")
    bare = whole.rstrip("#")
    return bare.rstrip(" \t") if bare.endswith((" ", "\t")) else whole


def _begin(
    line: int, indent: int, words: str, before: MarkdownBlock | None, number: str, after_blank: bool
) -> MarkdownBlock | None:
    """Return the block that this line begins, or None if it continues the previous block."""
    if found := _GIVEN.match(words):
        given = GivenProvision(
            ProvisionKind(found["kind"]), int(found["depth"]), found["eid"] or "", (found["number"] or "").strip()
        )
        return MarkdownBlock(BlockShape.GIVEN, line, indent, given.number, [words[found.end() :]], given)
    if found := _NOTE.match(words):
        return MarkdownBlock(BlockShape.NOTE, line, indent, found[1], [words[found.end() :]])
    if before is not None and before.shape is BlockShape.GIVEN:
        return None
    if heading := _HEADING.match(words):
        return MarkdownBlock(BlockShape.HEADING, line, len(heading[1]), "", [_drop_closing_marks(heading[2] or "")])
    fresh = after_blank or before is None
    if indent >= 2 and before is not None and (nested := _nested(words, before, fresh)):
        return MarkdownBlock(
            BlockShape.POINT, line, indent, f"({western_digits(nested['label'])})", [words[nested.end() :]]
        )
    if (numbered := _DOTTED.match(words)) and (fresh or _follows(numbered["number"], number)):
        return MarkdownBlock(
            BlockShape.PARAGRAPH, line, indent, western_digits(numbered["number"]), [words[numbered.end() :]]
        )
    if (whole := _WHOLE.match(words)) and (fresh or _follows(whole["number"], number)):
        return MarkdownBlock(
            BlockShape.PARAGRAPH, line, indent, western_digits(whole["number"]) + ".", [words[whole.end() :]]
        )
    if bullet := _BULLET.match(words):
        return MarkdownBlock(BlockShape.POINT, line, indent, "", [words[bullet.end() :]])
    if (label := _LABEL.match(words)) and (label[1] or fresh or _is_point(before)):
        return MarkdownBlock(BlockShape.POINT, line, indent, western_digits(label[0].strip()), [words[label.end() :]])
    if not fresh or (indent >= 2 and _is_point(before)):
        return None
    return MarkdownBlock(BlockShape.PARAGRAPH, line, indent, "", [words])


def _nested(words: str, before: MarkdownBlock, fresh: bool) -> re.Match[str] | None:
    """Return the label of an indented list, such as `a.`.

    It is the first of a list, or any label after a point, so that no sentence is cut.
    """
    found = _NESTED.match(words)
    if found is None or before.shape not in (BlockShape.PARAGRAPH, BlockShape.POINT):
        return None
    label = western_digits(found["label"])
    if label.isdecimal() and fresh:
        return None  # whether it is a point is told by what is numbered around it
    return found if label in _FIRST or (before.shape is BlockShape.POINT and before.number) else None


def _is_point(block: MarkdownBlock | None) -> bool:
    return block is not None and block.shape is BlockShape.POINT


def _follows(number: str, before: str) -> bool:
    """Return True if a number in the middle of a block of lines is the next number, and not part of a sentence.

    >>> _follows("2.2", "2.1"), _follows("2.1.1", "2.1"), _follows("2.2", "2.1.3"), _follows("2.5", "2.1")
    (True, True, True, False)
    """
    parts, former = western_digits(number).split("."), before.rstrip(".").split(".")
    if len(parts) > len(former):
        return parts == [*former, "1"]
    last = former[len(parts) - 1]
    return parts[:-1] == former[: len(parts) - 1] and last.isdecimal() and parts[-1] == str(int(last) + 1)


_LINKS = [
    (re.compile(r"<br ?/?>"), " "),
    (re.compile(r"!\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)"), r"\1"),
    (re.compile(r"(?<!\\)\[([^\[\]]{1,300})\]\(([^()\s]{1,500})(?: \"[^\"]{0,200}\")?\)"), r"\1 (\2)"),
    (re.compile(r"<(https?://[^\s<>]{1,500})>"), r"\1"),
]  # bounded: each step is, but not their number
_CODE = [
    (re.compile(r"(?<!\\)(`{1,3})(?!`)([^`]{1,500})\1"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~]|(?=\d))"), r"\1"),
]
_EMPHASIS = [
    (re.compile(r"(?<![\w*\\])\*{1,3}(?=[^\s*])"), re.compile(r"(?<=[^\s*\\])(?=(\*{1,3}))")),
    (re.compile(r"(?<![\w\\])_{1,3}(?=[^\s_])"), re.compile(r"(?<=[^\s_\\])(?=(_{1,3}))")),
]
"""How emphasis begins, and where it may end."""
_LONGEST_EMPHASIS = 500
_MOST_INLINE = 100_000
"""Characters beyond which a text's marks are left as they are: a provision must be shorter than a fifth of that."""


def plain_text(text: str) -> str:
    r"""Return the words without Markdown marks.

    Lines of one paragraph are joined; paragraphs and table rows stay separate.

    >>> plain_text("**Each** State [shall](https://example.org)\ndo _so_.")
    'Each State shall (https://example.org) do so.'
    """
    paragraphs = [_join(part.split("\n")) for part in text.split("\n\n")]
    text = "\n\n".join(part for part in paragraphs if part)
    if len(text) <= _MOST_INLINE and _INLINE.search(text):
        for pattern, replacement in _LINKS:
            text = pattern.sub(replacement, text)
        for opening, closing in _EMPHASIS:
            text = _drop_emphasis(text, opening, closing)
        for pattern, replacement in _CODE:
            text = pattern.sub(replacement, text)
    text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
    return _GAPS.sub("\n\n", text).strip()


def _drop_emphasis(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Return the text without emphasis marks.

    Ends are found once and looked up for each beginning. A single expression for both would scan on from each beginning
    without an end, which took seconds for 1 MB.
    """
    ends: dict[int, list[int]] = {1: [], 2: [], 3: []}
    for found in closing.finditer(text):
        for length in range(1, len(found[1]) + 1):
            follows = text[found.start() + length : found.start() + length + 1]
            if not (follows.isalnum() or follows == "_"):
                ends[length].append(found.start())
    kept, done = [], 0
    for found in opening.finditer(text):
        start, length = found.end(), found.end() - found.start()
        place = bisect_right(ends[length], start)
        if found.start() < done or place == len(ends[length]):
            continue
        end = ends[length][place]
        if end - start > _LONGEST_EMPHASIS or "\n" in text[start:end]:
            continue
        kept += [text[done : found.start()], text[start:end]]
        done = end + length
    return "".join([*kept, text[done:]])


def _join(lines: list[str]) -> str:
    if lines[0].startswith("|"):
        return "\n".join(" | ".join(cell.strip() for cell in line.strip("|").split("|")) for line in lines)
    return " ".join(_BREAK_MARK.sub("", line).strip() for line in lines).strip()
