"""Automatic numbers of Word paragraphs, as Word would print them. Runs in a child process.

Source: ECMA-376 part 1, 17.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LETTERS = {
    "russianLower": "абвгдежзиклмнопрстуфхцчшщэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
}
_SMALL = dict(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ["m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"],
        strict=True,
    )
)


def value(element: etree._Element | None, name: str) -> str | None:
    """Return the `val` of a child element, or None."""
    child = None if element is None else element.find(f"{W}{name}")
    return None if child is None else child.get(f"{W}val")


def to_roman(number: int) -> str:
    """Return a number in small Roman digits.

    >>> to_roman(4), to_roman(19)
    ('iv', 'xix')
    """
    made = ""
    for worth, letters in _SMALL.items():
        while number >= worth:
            made, number = made + letters, number - worth
    return made


def _letter(number: int) -> str:
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)


_FORMATS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": to_roman,
    "upperRoman": lambda number: to_roman(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "ordinal": lambda number: f"{number}",
    "none": lambda _number: "",
}


def format_number(style: str, number: int) -> str:
    """Return a number in one of Word's formats, or in digits if the format is unknown.

    >>> format_number("lowerLetter", 28), format_number("upperRoman", 4), format_number("decimal", 3)
    ('bb', 'IV', '3')
    """
    if style in _LETTERS:
        return _LETTERS[style][(number - 1) % len(_LETTERS[style])]
    return _FORMATS.get(style, str)(number) if number > 0 else "0" * (style != "none")


@dataclass
class _ListLevel:
    style: str = "decimal"
    text: str = ""
    start: int = 1
    restart: int | None = None  # the level that starts this one again; None: any further out
    legal: bool = False
    bullet: bool = False
    indent: int = 0


@dataclass
class _NumberedList:
    """One numbered list. Lists of one definition count on from each other, unless one starts again."""

    abstract: str
    levels: dict[int, _ListLevel]
    starts: dict[int, int] = field(default_factory=dict)
    begun: bool = False


class WordNumbers:
    """The lists of a document. Call `next_label` for its paragraphs in order."""

    def __init__(self, root: etree._Element | None) -> None:
        self.lists: dict[str, _NumberedList] = {}
        self.by_style: dict[str, tuple[str, int]] = {}
        self.counts: dict[str, dict[int, int]] = {}
        if root is not None:
            self._read(root)

    def _read(self, root: etree._Element) -> None:
        abstracts = {element.get(f"{W}abstractNumId"): element for element in root.iter(f"{W}abstractNum")}
        styled = {value(element, "styleLink"): element for element in abstracts.values() if value(element, "styleLink")}
        for num in root.iter(f"{W}num"):
            name, abstract = num.get(f"{W}numId") or "", value(num, "abstractNumId") or ""
            source = abstracts.get(abstract)
            if source is not None and (link := value(source, "numStyleLink")) in styled:
                source = styled[link]
            made = _NumberedList(abstract, {})
            for level in [] if source is None else source.iter(f"{W}lvl"):
                self._read_level(made, level, name)
            for override in num.iter(f"{W}lvlOverride"):
                at = int(override.get(f"{W}ilvl") or 0)
                if (level := override.find(f"{W}lvl")) is not None:
                    self._read_level(made, level, name)
                if (start := value(override, "startOverride")) is not None:
                    made.starts[at] = int(start)
            self.lists[name] = made

    def _read_level(self, made: _NumberedList, level: etree._Element, name: str) -> None:
        at, style = int(level.get(f"{W}ilvl") or 0), value(level, "numFmt") or "decimal"
        restart, indent = value(level, "lvlRestart"), level.find(f"{W}pPr/{W}ind")
        left = None if indent is None else indent.get(f"{W}left") or indent.get(f"{W}start")
        made.levels[at] = _ListLevel(
            style,
            value(level, "lvlText") or "",
            int(value(level, "start") or 1),
            None if restart is None else int(restart),
            level.find(f"{W}isLgl") is not None,
            style == "bullet",
            int(float(left or 0)),
        )
        if paragraph := value(level, "pStyle"):
            self.by_style.setdefault(paragraph, (name, at))

    def indent(self, name: str, at: int) -> int:
        """Return how far a list indents its paragraphs, in twentieths of a point."""
        numbered = self.lists.get(name)
        return numbered.levels[at].indent if numbered and at in numbered.levels else 0

    def next_label(self, name: str, at: int) -> str:
        """Return the label of the next paragraph at a level of a list.

        It is `-` for a bullet, and empty if nothing is printed.
        """
        numbered = self.lists.get(name)
        if numbered is None or at not in numbered.levels:
            return ""
        counts = self.counts.setdefault(numbered.abstract, {})
        if not numbered.begun:
            numbered.begun = True
            for other, start in numbered.starts.items():
                counts[other] = start - 1
        level = numbered.levels[at]
        counts[at] = counts.get(at, level.start - 1) + 1
        for other, deeper in numbered.levels.items():
            if other > at and (deeper.restart is None or (deeper.restart > 0 and at < deeper.restart)):
                counts.pop(other, None)
        if level.bullet:
            return "-"
        label = level.text
        for other in range(at, -1, -1):
            shown = numbered.levels.get(other, _ListLevel())
            number = counts.setdefault(other, shown.start)
            style = "decimal" if level.legal else shown.style
            label = label.replace(f"%{other + 1}", format_number(style, number))
        return label.strip()
