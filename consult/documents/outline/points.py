"""Nesting of points: by their letters, else by their indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from consult.documents.outline.headings import number_to_letters
from consult.documents.outline.tree import Piece

MAX_DEPTH = 4
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_IS_ROMAN = re.compile("[ivxlcdm]+$")


@dataclass
class _Level:
    indent: int
    label: str  # as printed; empty for a bullet
    piece: Piece


@dataclass
class OpenPoints:
    """The points that may still get a neighbour or points of their own, outermost first."""

    levels: list[_Level] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.levels)

    def clear(self) -> None:
        self.levels.clear()

    def place(self, indent: int, label: str, outer: Piece) -> tuple[Piece, bool]:
        """The parent of the next point (`outer` where no point is open), and whether that is too deep.

        Closes the points that it ends; `push` it next.
        """
        wanted = self._depth(indent, label)
        del self.levels[min(wanted, MAX_DEPTH - 1) :]
        return (self.levels[-1].piece if self.levels else outer), wanted >= MAX_DEPTH

    def push(self, indent: int, label: str, piece: Piece) -> None:
        self.levels.append(_Level(indent, label, piece))

    def _depth(self, indent: int, label: str) -> int:
        """How deep the next point stands: as deep as the one it follows, or one deeper than one it is unlike."""
        for depth, level in reversed(list(enumerate(self.levels))):
            if is_next_label(level.label, label):
                return depth
        for depth, level in reversed(list(enumerate(self.levels))):
            if level.indent == indent and label_style(level.label) == label_style(label):
                return depth
        depth = next((place for place, level in enumerate(self.levels) if level.indent > indent), len(self.levels))
        if depth == 0:
            return 0
        last = self.levels[depth - 1]
        return depth if indent >= last.indent + 2 or label_style(last.label) != label_style(label) else depth - 1


def label_style(label: str) -> str:
    """The style of a label, seen by itself.

    >>> [label_style(label) for label in ("", "(1)", "(iv)", "(b)", "(B)")]
    ['bullet', 'digit', 'roman', 'lower', 'upper']
    """
    bare = label.strip("()")
    if not bare:
        return "bullet"
    if bare.isdecimal():
        return "digit"
    if _IS_ROMAN.match(bare) and (len(bare) > 1 or bare == "i"):
        return "roman"
    return "upper" if bare.isupper() else "lower"


def is_next_label(before: str, label: str) -> bool:
    """Whether one label comes right after another in some way of counting.

    >>> pairs = (("(a)", "(b)"), ("(iii)", "(iv)"), ("(h)", "(i)"), ("(b)", "(a)"))
    >>> tuple(is_next_label(*pair) for pair in pairs)
    (True, True, True, False)
    """
    one, two = before.strip("()"), label.strip("()")
    if not one or not two:
        return False
    if one.isdecimal() and two.isdecimal():
        return int(two) == int(one) + 1
    if len(one) == len(two) == 1 and one.isalpha() and two.isalpha():
        return ord(two) == ord(one) + 1
    return _roman(two) == _roman(one) + 1 > 1


def _roman(number: str) -> int:
    """The value of a Roman number; far below zero where it is none."""
    lower = number.lower()
    if not _IS_ROMAN.match(lower):
        return -1000
    values = [_ROMAN[digit] for digit in lower]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def free_letter(used: set[str]) -> str:
    """The letter of the next point in a list that uses these already.

    >>> free_letter(set()), free_letter({"(a)", "(c)"})
    ('(a)', '(d)')
    """
    count = len(used) + 1
    while (label := f"({number_to_letters(count).lower()})") in used:
        count += 1
    return label
