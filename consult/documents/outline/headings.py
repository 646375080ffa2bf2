"""Search for the title and the headings of a draft: by keyword and number, by style, and by formatting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from consult.documents.model import ProvisionKind
from consult.documents.outline import labels
from consult.documents.outline.markdown import GivenProvision
from consult.documents.outline.words import APPENDIX, ARTICLE, CLOSING, split_keyword

_LONGEST, _LONGEST_TITLE = 200, 600
_FREE, _BY_LOOK = 50, 70
"""Ranks of headings without a keyword: by style from the first, by look alone from the second."""
_UNSTYLED = 10
"""The level of headings without a style: below all that have one."""
_OPEN = (";", ",", ":", "،", "؛")
_NUMBER = re.compile(
    r"(?:(?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,4})*[a-z]?[.):]?|\(\d{1,3}\)"
    r"|(?:[IVXLC]{1,6}|[A-Z])(?:[.):]|\s*[—–]))(?:\s+|$)"
)
_ENACTS = re.compile(
    r"(?:ha(?:s|ve) (?:adopted|agreed)|hereby|arr[êe]tent?|décrète|decreta|dispongo|resuelven?|ordena|acuerda"
    r"|beschließt|verordnet|decide|قرر|يقرر|رسم|постановляет)\b",
    re.IGNORECASE,
)


@dataclass
class SourceLine:
    """A paragraph of a draft whose level is not known yet.

    `label` is as printed or as Word counts it, `-` for a bullet. `level`: of a heading by its style, from 1. `look`:
    letters for the whole line: b bold, i italic, u capitals, c centred. `lead`: length of a bold or italic beginning.
    """

    text: str
    line: int
    label: str = ""
    level: int = 0
    look: str = ""
    indent: int = 0
    lead: int = 0
    title: bool = False
    note: str = ""  # the mark of a footnote whose words these are
    table: bool = False
    given: GivenProvision | None = None

    @property
    def is_short(self) -> bool:
        """Return True if the line is short enough for a heading: not a sentence, and not the beginning of a list."""
        return 0 < len(self.text) <= _LONGEST and "\n" not in self.text and not self.text.endswith(_OPEN)

    @property
    def is_marked(self) -> bool:
        """Return True if the line differs from others by its look."""
        return self.is_short and any(sign in self.look for sign in "buc")

    @property
    def in_article(self) -> bool:
        """Return True if the line is a paragraph of an article in a Brazilian law."""
        return self.label.startswith(labels.ARTICLE_PARAGRAPHS) and len(self.label) > 2

    @property
    def is_plain(self) -> bool:
        return not (self.note or self.table or self.given)


@dataclass
class DraftHeading:
    """A heading of a draft. `rank`: lower is further out. `text`: words of its first paragraph, on the same line."""

    kind: ProvisionKind | None
    number: str
    words: str
    rank: float
    line: SourceLine
    text: str = ""
    keyword: bool = False
    following: list[str] = field(default_factory=list)


@dataclass
class HeadingPlan:
    """The title, and headings and other lines in order."""

    title: str
    entries: list[DraftHeading | SourceLine]


def plan_headings(lines: Sequence[SourceLine]) -> HeadingPlan:
    """Return the title, the headings among the lines, and the other lines."""
    title, rest = _split_title(lines)
    entries: list[DraftHeading | SourceLine] = []
    _split_article_paragraphs(rest)
    for place, line in enumerate(rest):
        entries.append(
            (line.is_plain and not line.in_article and _to_heading(line, rest[place + 1 : place + 4], rest)) or line
        )
    entries = _join_words(entries)
    entries = _drop_front(entries)
    _rank(entries)
    return HeadingPlan(title, entries)


def _split_article_paragraphs(lines: Sequence[SourceLine]) -> None:
    """Give paragraphs of articles their labels, as in Brazilian laws, where “Art. 1º” stands above “§ 1º”."""
    begun = False
    for line in lines:
        begun = begun or line.text.startswith("Art. ")
        if begun and not line.label and line.is_plain and not line.level:
            line.label, line.text = labels.split_article_paragraph(line.text)


def split_number(text: str) -> tuple[str, str]:
    """Return the number with which a heading without a keyword begins, and its words.

    >>> split_number("2 Harm reduction"), split_number("I. Aims"), split_number("A new start")
    (('2', 'Harm reduction'), ('I', 'Aims'), ('', 'A new start'))
    """
    keyword = _NUMBER.match(text)
    if keyword is None:
        return "", text
    return labels.bare_label(labels.western_digits(keyword[0].strip())), text[keyword.end() :].lstrip("—–:- ")


def _split_title(lines: Sequence[SourceLine]) -> tuple[str, list[SourceLine]]:
    """Return the title: by style, else the only first-level heading, else the first line that differs by its look."""
    first = next((place for place, line in enumerate(lines) if line.title), None)
    if first is None:
        top = [place for place, line in enumerate(lines) if line.level == 1 and line.text]
        others = any(line.level > 1 for line in lines)
        if top and not _has_number(lines[top[0]]) and (len(top) == 1 or _opens(lines, top)):
            first = top[0] if others or len(top) > 1 or len(lines) > 1 else None
    if first is None:
        first = _first_apart(lines)
    if first is None:
        return "", list(lines)
    end = first + 1
    while end < len(lines) and _goes_on(lines[first], lines[end], lines[first:end]):
        end += 1
    return " ".join(line.text for line in lines[first:end]), [*lines[:first], *lines[end:]]


def _has_number(line: SourceLine) -> bool:
    return bool(line.label or split_number(line.text)[0] or split_keyword(line.text))


def _opens(lines: Sequence[SourceLine], top: Sequence[int]) -> bool:
    """Return True if the first of several first-level headings is the title although the others have numbers."""
    after = lines[top[0] + 1 : top[0] + 2]
    return (bool(after) and after[0].level > 0) or any(_has_number(lines[place]) for place in top[1:])


def _first_apart(lines: Sequence[SourceLine]) -> int | None:
    """Return the first line that is bold, centred or in capitals, or a plain first line if headings follow it."""
    for place, line in enumerate(lines[:12]):
        if line.label or line.level or not line.is_plain or split_keyword(line.text):
            return None
        if line.is_marked and not _ENACTS.match(line.text) and place + 1 < len(lines):
            return place
    unlooked = bool(lines) and not any(line.look or line.level for line in lines)
    if unlooked and lines[0].is_short and not lines[0].text.endswith(".") and len(lines) > 1:
        ahead = any(split_keyword(line.text) or line.label or line.look for line in lines[1:])
        return 0 if ahead else None
    return None


def _goes_on(first: SourceLine, line: SourceLine, before: Sequence[SourceLine]) -> bool:
    """Return True if a line continues a title that spans several lines."""
    if line.title:
        return True
    if first.title or first.level or line.level or not line.is_marked or line.label or not line.is_plain:
        return False
    same = ("c" in line.look) == ("c" in first.look) and ("b" in line.look) >= ("b" in first.look)
    long = sum(len(other.text) for other in (*before, line)) > _LONGEST_TITLE
    return same and "c" in first.look and not long and not split_keyword(line.text) and not _ENACTS.match(line.text)


def _to_heading(line: SourceLine, after: Sequence[SourceLine], lines: Sequence[SourceLine]) -> DraftHeading | None:
    whole = f"{line.label} {line.text}".strip() if line.label and split_keyword(f"{line.label} x") else line.text
    if (not line.label or whole != line.text) and (keyword := split_keyword(whole)) is not None:
        rest, words, text = keyword.rest, "", ""
        styled = line.level > 0 or (line.is_marked and not line.label)
        if not rest or (
            styled and (keyword.apart or line.level or rest[:1].isupper() or rest[:1] == "(") and line.is_short
        ):
            words = rest
        elif whole != line.text or keyword.apart or "§" in keyword.number:
            words, text = _divide(rest, line.lead - (len(whole) - len(rest)), after, "§" in keyword.number)
        elif rest[:1].isupper() and line.is_short and not rest.endswith(".") and len(whole) <= 100:
            words = rest
        else:
            return None
        return DraftHeading(keyword.kind, keyword.number, words, keyword.rank, line, text, keyword=True)
    if line.level:
        number, words = split_number(line.text) if not line.label else (labels.bare_label(line.label), line.text)
        return DraftHeading(None, number, words, 0, line)
    if not line.is_short or (line.text.endswith(".") and len(line.text) > 60) or _ENACTS.match(line.text):
        return None
    return _by_look(line, after, lines)


def _divide(rest: str, lead: int, after: Sequence[SourceLine], section: bool) -> tuple[str, str]:
    """Return the words of a heading, and the text that follows them on the same line."""
    if 3 < lead < len(rest) - 1:
        cut = rest[:lead].rstrip(" .—–:-")
        return cut, rest[lead:].lstrip(" .—–:-")
    short = len(rest) <= 120 and not rest.endswith(_OPEN)
    heads = bool(after) and not (after[0].is_plain and (after[0].in_article or split_keyword(after[0].text)))
    if short and (not rest.endswith(".") or (heads and (section or len(rest.split()) <= 6))):
        return rest.rstrip(".") if section else rest, ""
    return "", rest


def _by_look(line: SourceLine, after: Sequence[SourceLine], lines: Sequence[SourceLine]) -> DraftHeading | None:
    """Return a heading that only its look, or the numbers below it, distinguish from a paragraph, or None."""
    if line.label and line.label != "-":
        number = labels.bare_label(line.label)
        inner = any(labels.bare_label(other.label).startswith(f"{number}.") for other in after[:2])
        heads = ("b" in line.look or "u" in line.look) and not line.label.startswith("(")
        if (heads or inner) and not line.text.endswith(".") and line.text:
            return DraftHeading(None, number, line.text, _BY_LOOK, line)
        return None
    if line.label or not line.is_marked or not after or line.text.endswith("."):
        return None
    letters = sum(char.isalpha() for char in line.text)
    if letters < 4 or CLOSING.match(line.text) or (line.look == "c" and len(line.text) > 80):
        return None
    number, words = split_number(line.text)
    return DraftHeading(None, number, words, _BY_LOOK, line)


def _join_words(entries: Sequence[DraftHeading | SourceLine]) -> list[DraftHeading | SourceLine]:
    """Return the entries with each heading that is only a number joined to the short line right below it."""
    made: list[DraftHeading | SourceLine] = []
    for place, entry in enumerate(entries):
        head = made[-1] if made else None
        if isinstance(head, DraftHeading) and head.keyword and head.number and not head.text and entry is not head.line:
            line = entry if isinstance(entry, SourceLine) else entry.line
            free = isinstance(entry, SourceLine) or not (entry.keyword or entry.number)
            first = not head.words and not (head.line.level and line.level and head.line.level > line.level)
            more = bool(head.following) and line.look == head.following[-1] != "" and "c" in line.look
            plain = not (line.look or line.level) and bool(head.line.level or set(head.line.look) - {"u"})
            if (
                free
                and not plain
                and (first or (more and line.text.isupper()))
                and _heads(line, entries[place + 1 : place + 2])
            ):
                head.words = f"{head.words} {line.text}".strip()
                head.following.append(line.look)
                continue
        made.append(entry)
    return made


def _heads(line: SourceLine, after: Sequence[DraftHeading | SourceLine]) -> bool:
    if not line.is_short or line.label or not line.is_plain or not after or _ENACTS.match(line.text):
        return False
    return line.is_marked or line.level > 0 or (len(line.text) <= 120 and not line.text.endswith("."))


def _drop_front(entries: Sequence[DraftHeading | SourceLine]) -> list[DraftHeading | SourceLine]:
    """Treat marked lines before the first keyword that have no text below them as words of the preamble."""
    first = next((place for place, entry in enumerate(entries) if isinstance(entry, DraftHeading) and entry.keyword), 0)
    made: list[DraftHeading | SourceLine] = []
    for place, entry in enumerate(entries):
        if place < first and isinstance(entry, DraftHeading) and not entry.line.level and not entry.number:
            after = entries[place + 1]
            if isinstance(after, DraftHeading) or after.is_short:
                made.append(entry.line)
                continue
        made.append(entry)
    return made


def _rank(entries: Sequence[DraftHeading | SourceLine]) -> None:
    """Set the rank of headings without a keyword: by style among the keywords, else by their numbers."""
    heads = [entry for entry in entries if isinstance(entry, DraftHeading)]
    _swap_parts(heads)
    ranks = _KeywordRanks(heads)
    for head, after in pairwise([*entries, None]):
        if not isinstance(head, DraftHeading):
            continue
        ranks.seen = ranks.seen or head.keyword
        if head.keyword:
            continue
        if head.line.level:
            head.rank = ranks.by_style(head)
        elif head.number:
            head.rank = _BY_LOOK + 4 * ranks.place_of_style(head.number) + head.number.count(".")
        elif isinstance(after, DraftHeading) and after.keyword and after.rank > APPENDIX:
            head.rank = after.rank - 0.5
        else:
            head.rank = ranks.by_look(head)


class _KeywordRanks:
    """Ranks of the headings with a keyword, with which headings without one are compared."""

    def __init__(self, heads: Sequence[DraftHeading]) -> None:
        self.seen = False  # whether a keyword stands before the present heading
        self.styles: list[str] = []  # of numbers, in the order in which they appear
        self.lowest: dict[int, float] = {}  # the outermost rank at each level of style
        for head in heads:
            if head.keyword and head.rank > APPENDIX:
                level = head.line.level or _UNSTYLED
                self.lowest[level] = min(head.rank, self.lowest.get(level, head.rank))
        self.numbered = next((head for head in heads if head.number and not head.keyword and not head.line.level), None)

    def by_style(self, head: DraftHeading) -> float:
        level = head.line.level
        if level in self.lowest and not head.number:
            return self.lowest[level]
        deeper = min((rank for other, rank in self.lowest.items() if other > level), default=_FREE)
        if deeper <= ARTICLE:
            return deeper - 1 + level / 10
        return _FREE + 2 * level + head.number.count(".")

    def by_look(self, head: DraftHeading) -> float:
        """Return the rank of a heading without keyword, style and number."""
        if self.lowest:
            return _BY_LOOK + 30 if self.seen else min(self.lowest.values())
        alike = self.numbered is not None and set(self.numbered.line.look) - {"i"} == set(head.line.look) - {"i"}
        return _BY_LOOK if alike else _BY_LOOK + 30

    def place_of_style(self, number: str) -> int:
        """Return the rank of a number's style among the styles that have appeared. The first style is the outermost."""
        style = labels.readings(number.split(".")[0])[:1]
        name = style[0].style if style else ""
        if name not in self.styles:
            self.styles.append(name)
        return self.styles.index(name)


def _swap_parts(heads: Sequence[DraftHeading]) -> None:
    """Let titles contain parts if the first title precedes the first part, as in codes."""
    order = [head.rank for head in heads if head.keyword and head.rank in (10, 12)]
    if 10 in order and 12 in order and order.index(12) < order.index(10):
        for head in heads:
            head.rank = 22 - head.rank if head.keyword and head.rank in (10, 12) else head.rank
