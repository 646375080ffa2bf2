"""Classifies each heading of a draft: title, part, chapter or section, and its number."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consult.documents.formats.markdown import BlockShape, MarkdownBlock, western_digits
from consult.documents.model import ProvisionKind

_PART = "part|partie|parte|title|titre|título|titulo|الجزء|الباب"
_WORD = f"{_PART}|chapter|chapitre|capítulo|capitulo|section|sección|seccion|seção|article|artículo|articulo|artigo"
_WORD += "|الفصل|القسم|المادة"
_NUMBERED = re.compile(
    rf"(?:(?P<word>{_WORD})\s+)?"
    r"(?P<number>(?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,4})*[a-z]?|[IVXLC]{1,6}|[A-Z])"
    r"(?P<mark>[.):]|\s*[—–:-])?(?:\s+|$)",
    re.IGNORECASE,
)
_IS_PART = re.compile(rf"(?:{_PART})\s", re.IGNORECASE)


@dataclass
class PlannedHeading:
    """`word` is what is printed before the number, such as `Article`; `should_be` its level where it skips one."""

    kind: ProvisionKind
    word: str
    number: str
    words: str
    should_be: int | None

    @property
    def named(self) -> bool:
        """Whether it goes by word and number, counted apart from chapters: `Part I`, or `Article 5` in a chapter."""
        return bool(self.word and self.number) and self.kind is not ProvisionKind.CHAPTER


@dataclass(frozen=True)
class HeadingPlan:
    """The headings by the place of their block, and the numbers that headings and paragraphs bring.

    `through`: paragraphs count 1, 2, 3 through all chapters.
    """

    headings: dict[int, PlannedHeading]
    numbers: set[str]
    through: bool


def split_title(found: Sequence[MarkdownBlock]) -> tuple[str, Sequence[MarkdownBlock]]:
    """The draft's title, empty where it has none, and the other blocks."""
    place = next((place for place, block in enumerate(found) if block.shape is BlockShape.HEADING), None)
    if place is None or not _is_title(found[place], found[place + 1 :]):
        return "", found
    return found[place].text, [*found[:place], *found[place + 1 :]]


def _is_title(first: MarkdownBlock, after: Sequence[MarkdownBlock]) -> bool:
    if first.level > 1 or not first.text or parse_heading(first.text)[1]:
        return False
    others = [block for block in after if block.shape is BlockShape.HEADING and block.level == 1]
    followed = bool(after) and after[0].shape is BlockShape.HEADING
    return not others or followed or any(parse_heading(block.text)[1] for block in others)


def plan_headings(found: Sequence[MarkdownBlock]) -> HeadingPlan:
    """The headings among the blocks, each with its kind and number; sections may have none."""
    places = [place for place, block in enumerate(found) if block.shape is BlockShape.HEADING]
    top = min((found[place].level for place in places), default=1)
    parts = any(found[place].level == top and _IS_PART.match(found[place].text) for place in places)
    planned: dict[int, PlannedHeading] = {}
    open_levels: list[int] = []
    for place in places:
        block = found[place]
        while open_levels and open_levels[-1] >= block.level:
            open_levels.pop()
        deepest = open_levels[-1] + 1 if open_levels else top
        kind = _kind(block, top, parts, first=not open_levels)
        word, number, words = parse_heading(block.text)
        planned[place] = PlannedHeading(kind, word, number, words, deepest if block.level > deepest else None)
        open_levels.append(block.level)
    through = _counts_through(found, planned)
    _number_chapters(found, planned, letters=through)
    numbers = {block.number for block in found} | {heading.number for heading in planned.values()}
    return HeadingPlan(planned, numbers, through)


def parse_heading(text: str) -> tuple[str, str, str]:
    """The word before a heading's number, the number, and the heading's words; empty where it has none.

    >>> parse_heading("2 Harm reduction"), parse_heading("Chapter IV: Supply")
    (('', '2', 'Harm reduction'), ('Chapter', 'IV', 'Supply'))
    >>> parse_heading("A new start"), parse_heading("Article 12")
    (('', '', 'A new start'), ('Article', '12', ''))
    """
    found = _NUMBERED.match(text)
    if found is None:
        return "", "", text
    word, number = found["word"] or "", western_digits(found["number"])
    letters = not number[0].isdecimal()
    if letters and (not number[0].isupper() or not (word or found["mark"] or "." in number)):
        return "", "", text
    return word, number, text[found.end() :].lstrip("—–:- ")


def _kind(block: MarkdownBlock, top: int, parts: bool, *, first: bool) -> ProvisionKind:
    rank = block.level - top
    if parts and rank == 0 and _IS_PART.match(block.text):
        return ProvisionKind.PART
    return ProvisionKind.CHAPTER if first or rank == 0 or (parts and rank == 1) else ProvisionKind.SECTION


def _counts_through(found: Sequence[MarkdownBlock], planned: dict[int, PlannedHeading]) -> bool:
    """Whether whole numbers run on from chapter to chapter, as in a resolution, and mean just themselves."""
    numbers = [
        block.number for block in found if block.shape is BlockShape.PARAGRAPH and block.number and block.level < 2
    ]
    if not numbers or not all(number.endswith(".") for number in numbers):
        return False
    if any(heading.number[:1].isdecimal() for heading in planned.values()):
        return False
    counted = [int(number[:-1]) for number in numbers]
    return all(before < after for before, after in itertools.pairwise(counted))


def _number_chapters(found: Sequence[MarkdownBlock], planned: dict[int, PlannedHeading], *, letters: bool) -> None:
    """Numbers the chapters that bring none: by their paragraphs, else 1, 2, 3; among numbered ones A, B, C."""
    chapters = [(place, heading) for place, heading in planned.items() if heading.kind is ProvisionKind.CHAPTER]
    taken = {heading.number for _place, heading in chapters if heading.number}
    ends = [*(place for place, _heading in chapters), len(found)][1:]
    for (place, heading), end in zip(chapters, ends, strict=False):
        if not heading.number and (named := chapter_stem(found[place + 1 : end])) and named not in taken:
            heading.number = named
            taken.add(named)
    fresh = free_labels(letters or bool(taken), taken)
    for place, heading in chapters:
        heading.number = heading.number or next(fresh)
        heading.words = heading.words or (found[place].text if heading.word else "")


def chapter_stem(inside: Sequence[MarkdownBlock]) -> str:
    """The chapter number that the first numbered paragraph names: `2` of `2.1`."""
    numbers = (
        block.number for block in inside if block.shape is BlockShape.PARAGRAPH and "." in block.number.rstrip(".")
    )
    return next(numbers, "").partition(".")[0]


def free_labels(letters: bool, taken: set[str]) -> Iterator[str]:
    """Numbers, or letters, that are not taken.

    >>> few = free_labels(True, {"B"}); next(few), next(few)
    ('A', 'C')
    """
    count = 0
    while True:
        count += 1
        label = number_to_letters(count) if letters else str(count)
        if label not in taken:
            yield label


def number_to_letters(number: int) -> str:
    """1 as A, 26 as Z, 27 as AA.

    >>> number_to_letters(1), number_to_letters(27), number_to_letters(703)
    ('A', 'AA', 'AAA')
    """
    word = ""
    while number:
        number, rest = divmod(number - 1, 26)
        word = chr(65 + rest) + word
    return word
