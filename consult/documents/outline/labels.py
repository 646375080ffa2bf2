"""Labels of paragraphs and points: how they are printed, how they count, and how they nest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from consult.documents.outline.tree import BULLET, Piece

MAX_DEPTH = 8
"""How deep labels nest; what is deeper stands beside its like."""
_ADDED = r"(?:[a-z]|[ ]?(?:bis|ter|quater|quinquies|sexies))?"
_LETTERS = r"[ivxlcdm]{1,7}|[IVXLCDM]{1,7}|[^\W\d_]|([a-z])\1"
_AGAIN = _LETTERS.replace("\\1", "\\2")
_LABEL = re.compile(
    rf"(?:\((?:\d{{1,3}}{_ADDED}|{_LETTERS})\)|(?:\d{{1,3}}|{_AGAIN})\)"
    rf"|(?:\d{{1,4}}|[A-Z])(?:\.\d{{1,4}})+{_ADDED}[.):]?|\d{{1,3}}{_ADDED}(?:\.[ ]?[-–—°º]?|[°º]|[ ]?[-–—](?!\d))"
    r"|(?:[IVXLC]{1,6}|[^\W\d_])\.|(?:[IVXLC]{1,6}[ ]|[\u0621-\u064a]ـ?[ ]?)[-–—]|[-–—•·▪◦●○*])"
    r"(?:\s+|$|(?<=\))(?=\()|(?<=[-–—])(?=[^\W\d_]))"
)
ARTICLE_PARAGRAPHS = ("§", "P")
"""The first characters of the labels of an article's paragraphs in Brazilian laws: `§ 1º` and `Parágrafo único`."""
_ARTICLE_PARAGRAPH = re.compile(
    r"(§\s*\d{1,3}(?:\.?[ºª°]|o(?!\w))?(?:-[A-Z](?!\w))?|(?i:par[áa]grafo [úu]nico))[.:]?(?:\s*[–—-])?\s+"
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_IS_ROMAN = re.compile("m*(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})$")
_ORDERS = {
    "abjad": "ابجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "hija": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "cyrillic": "абвгдежзиклмнопрстуфхцчшщэюя",
}
_NUMBER = re.compile(rf"(\d{{1,4}})({_ADDED})")
_BULLETS = frozenset("-–—•·▪◦●○*")


class LabelReading(NamedTuple):
    """One way to read a label: its style, such as `(a)` or `i.`, and its position in that style, from 1."""

    style: str
    value: float


def split_label(text: str) -> tuple[str, str]:
    """Return the label with which a paragraph begins, in Western digits, and its words. A bullet is `-`.

    >>> split_label("(a) test;"), split_label("2.1 Each State"), split_label("In 2.1"), split_label("٣- تعني")
    (('(a)', 'test;'), ('2.1', 'Each State'), ('', 'In 2.1'), ('3-', 'تعني'))
    >>> split_label("II - o acesso universal:"), split_label("أ- الخدمة")
    (('II-', 'o acesso universal:'), ('أ-', 'الخدمة'))
    """
    match = _LABEL.match(text)
    if match is None:
        return "", text
    label = western_digits(text[: match.end()].strip())
    return "-" if label in _BULLETS else label, text[match.end() :]


def split_article_paragraph(text: str) -> tuple[str, str]:
    """Return the label of an article's paragraph in a Brazilian law, and its words.

    >>> split_article_paragraph("§ 1º A União pode"), split_article_paragraph("Parágrafo único. Não haverá")
    (('§ 1º', 'A União pode'), ('Parágrafo único', 'Não haverá'))
    """
    match = _ARTICLE_PARAGRAPH.match(text)
    return (" ".join(match[1].split()), text[match.end() :]) if match else ("", text)


def bare_label(label: str) -> str:
    """Return a label as it is shown, without a full stop after a number. All bullets look the same.

    >>> [bare_label(label) for label in ("1.", "2.1", "(a)", "b)", "3.-", "-")]
    ['1', '2.1', '(a)', 'b)', '3', '•']
    """
    if label == "-" or label.endswith(")"):
        return BULLET if label == "-" else label
    return label.rstrip(". ") if label[:1] in ARTICLE_PARAGRAPHS else label.rstrip(".:-–—°º ")


def western_digits(number: str) -> str:
    """Return a number in the digits 0 to 9, without spaces, so that a reference is the same in every language.

    >>> western_digits("٢.١"), western_digits("2.1 bis")
    ('2.1', '2.1bis')
    """
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in number if c != " ")


def is_dotted(label: str) -> bool:
    """Return True if a label is part of a nested count, such as 2.1."""
    return "." in bare_label(label) and label[:1] != "("


def readings(label: str) -> list[LabelReading]:
    """Return the ways to read a label, none for a bullet.

    >>> readings("(b)"), [reading.style for reading in readings("(i)")], readings("3.")[0].value
    ([LabelReading(style='(a)', value=2)], ['(i)', '(a)'], 3)
    """
    inside = label.strip("§().:-–—°º ")
    left = "(" if label.startswith("(") else ""
    right = ")" if label.endswith(")") else "."
    return [LabelReading(f"{left}{style}{right}", value) for style, value in _values(inside)] if inside else []


def _values(inside: str) -> list[tuple[str, float]]:
    if (number := _NUMBER.fullmatch(inside)) is not None:
        added = number[2].strip()
        return [
            ("1", int(number[1]) + (len(added) * 0.1 if len(added) > 1 else (ord(added) - 96) / 100 if added else 0))
        ]
    lower, case = inside.lower(), "A" if inside.isupper() else "a"
    match: list[tuple[str, float]] = []
    if lower.isascii() and _IS_ROMAN.match(lower) and (value := to_number(lower)):
        match.append(("I" if case == "A" else "i", value))
    if len(set(lower)) == 1 and lower[0].isascii() and len(lower) < 4:
        match.append((case, ord(lower[0]) - 96 + 26 * (len(lower) - 1)))
        if len(lower) > 1:
            match.append((case * 2, ord(lower[0]) - 96))
    if lower == "ñ":
        match.append((case, 14.5))
    plain = re.sub("[أإآ]", "ا", lower.replace("هـ", "ه"))
    match += [(name, order.index(plain) + 1) for name, order in _ORDERS.items() if len(plain) == 1 and plain in order]
    return match


def to_number(roman: str) -> int:
    """Return the value of a Roman numeral in small letters.

    >>> to_number("iv"), to_number("xii")
    (4, 12)
    """
    values = [_ROMAN[digit] for digit in roman]
    return sum(-first if first < after else first for first, after in zip(values, [*values[1:], 0], strict=True))


def follows(before: str, label: str) -> bool:
    """Return True if one label directly follows another in some numbering style.

    >>> [follows(*pair) for pair in (("(a)", "(b)"), ("(iii)", "(iv)"), ("5.", "5bis."), ("1.", "3."), ("2.1", "2.2"))]
    [True, True, True, False, True]
    """
    if is_dotted(label) or is_dotted(before):
        first, two = (bare_label(each).split(".") for each in (before, label))
        if len(first) != len(two) or first[:-1] != two[:-1]:
            return False
        before, label = first[-1], two[-1]
    known = dict(readings(before))
    return any(0 < value - known.get(style, value) <= 1 for style, value in readings(label))


def is_first(label: str) -> bool:
    """Return True if a list can begin with this label."""
    last = bare_label(label).split(".")[-1] if is_dotted(label) else label
    return not readings(last) or any(value == 1 for _style, value in readings(last))


@dataclass
class _OpenLabel:
    label: str
    indent: int
    piece: Piece
    style: str


@dataclass
class OpenLabels:
    """Labelled paragraphs that may still get a sibling or points of their own, outermost first."""

    levels: list[_OpenLabel] = field(default_factory=list)

    def open(self, piece: Piece) -> None:
        """Start with a paragraph that has no label."""
        self.levels = [_OpenLabel("", 0, piece, "none")]

    def place(self, label: str, indent: int, following: str) -> tuple[Piece | None, str]:
        """Return the parent of a label (None for the heading) and its numbering style; close the labels that it ends.

        `following` is the next label of the draft. It shows whether (i) follows (h) or begins a list.
        """
        if is_dotted(label):
            return self._within(bare_label(label)[:100]), "dotted"
        styles = readings(label) or [LabelReading("-", 1)]
        depth, style = self._next_to(styles, following)
        if depth is None:
            depth, style = self._like(styles, indent)
        del self.levels[min(depth, MAX_DEPTH) :]
        return (self.levels[-1].piece if self.levels else None), style

    def push(self, label: str, indent: int, piece: Piece, style: str) -> None:
        self.levels.append(_OpenLabel(label, indent, piece, style))

    def _within(self, number: str) -> Piece | None:
        while self.levels and not number.startswith(f"{bare_label(self.levels[-1].label) or '?'}."):
            self.levels.pop()
        del self.levels[MAX_DEPTH:]
        return self.levels[-1].piece if self.levels else None

    def _next_to(self, styles: list[LabelReading], following: str) -> tuple[int | None, str]:
        """Return the depth and style of the label that this one follows. The depth is None if it follows none."""
        begins = [style for style, value in styles if value == 1 and (style, 2) in readings(following)]
        for depth, level in reversed(list(enumerate(self.levels))):
            known = dict(readings(level.label))
            for style, value in styles:
                fits = level.style == style and 0 < value - known.get(style, value) <= 1
                if fits and (not begins or style in begins or (style, value + 1) in readings(following)):
                    return depth, style
        return None, ""

    def _like(self, styles: list[LabelReading], indent: int) -> tuple[int, str]:
        """Return the depth of a label that follows none: that of a label in the same style, else one below the last."""
        opened = {level.style for level in self.levels}
        first = [style for style, value in styles if value == 1]
        if any(style not in opened for style in first) and first != ["-"]:
            return len(self.levels), next(style for style in first if style not in opened)
        names = [style for style, _value in styles]
        for depth, level in reversed(list(enumerate(self.levels))):
            outer = any(other.style == "-" and other.indent <= indent for other in self.levels[:depth])
            if level.style in names and indent <= level.indent + 1:
                if names == ["-"] and indent < level.indent and outer:
                    continue
                return depth, level.style
        return len(self.levels), (first or names)[0]
