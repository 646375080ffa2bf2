"""Passages for tests of the map, and drafts that are edited at random."""

from __future__ import annotations

import itertools
import random

from consult.documents.outline.reader import parse_outline
from consult.documents.versions.provision_map import Passage, ProvisionMapLine

_TEXT = """each party shall take such measures as are needed to ensure that persons who use drugs have access to health
care treatment reduction of harm without discrimination evidence based services community prison education housing"""
WORDS = _TEXT.split()


def passages(text: str, *, start: int = 0) -> list[Passage]:
    """The provisions of a draft in Markdown; ids count on from `start`."""
    return [
        Passage(
            start + piece.position, None if piece.parent is None else start + piece.parent, piece.kind, piece.number,
            f"{piece.heading}\n\n{piece.text}".strip(),
        )
        for piece in parse_outline(text).pieces
    ]  # fmt: skip


def told(before: list[Passage], after: list[Passage], lines: list[ProvisionMapLine]) -> list[tuple[str, str, str]]:
    """Each line but the unchanged ones as its change and the numbers on both sides."""
    numbers = {passage.id: passage.number for passage in (*before, *after)}
    return [
        (line.change.value, *(" ".join(numbers[one] for one in side) for side in (line.before, line.after)))
        for line in lines
        if line.change != "unchanged"
    ]


def sentence(chance: random.Random, length: int = 18) -> str:
    return f"{' '.join(chance.choices(WORDS, k=length)).capitalize()} {chance.randrange(10_000)}."


def write(chance: random.Random, chapters: int, paragraphs: int, sentences: int = 2) -> list[list[str]]:
    """Chapters of paragraphs of made-up words."""
    return [
        [" ".join(sentence(chance) for _s in range(sentences)) for _p in range(paragraphs)] for _c in range(chapters)
    ]


def markdown(chapters: list[list[str]]) -> str:
    lines = ["# Plan"]
    for number, paragraphs in enumerate(chapters, 1):
        lines.append(f"## {number} Chapter of {paragraphs[0].split()[0] if paragraphs else 'nothing'} things {number}")
        lines += [f"{number}.{place} {words}" for place, words in enumerate(paragraphs or ["Reserved."], 1)]
    return "\n\n".join(lines)


def edit(chance: random.Random, chapters: list[list[str]]) -> list[list[str]]:
    """The same draft after one change, as drafters make them."""
    edited = [list(paragraphs) for paragraphs in chapters]
    one, other = chance.choice(edited), chance.choice(edited)
    if not one:
        return edited
    place = chance.randrange(len(one))
    match chance.randrange(6):
        case 0:
            one.insert(place, sentence(chance))
        case 1:
            del one[place]
        case 2:
            other.append(one.pop(place))
        case 3:
            words = one[place].split()
            words[chance.randrange(len(words))] = "rather"
            one[place] = " ".join(words)
        case 4:
            first, _stop, rest = one[place].partition(". ")
            one[place : place + 1] = [f"{first}.", rest] if rest else [first]
        case _:
            one[place : place + 2] = [" ".join(one[place : place + 2])]
    return edited


def many(chance: random.Random, chapters: list[list[str]], edits: int) -> list[list[str]]:
    for _edit in itertools.repeat(None, edits):
        chapters = edit(chance, chapters)
    return chapters
