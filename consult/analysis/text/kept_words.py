"""The words of a text: other lines blanked out, sentences joined over line ends, names masked. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from consult.analysis.text.line_parts.identifying_lines import is_name, is_signed, list_words
from consult.analysis.text.line_parts.letter_parts import BULLET, CLOSED, find_introductions
from consult.analysis.text.line_roles import LineRole, Span, TextLine, read_lines
from consult.analysis.text.normalise import normal_form, split_words, text_hash


def keep_words(text: str, lines: Sequence[TextLine] | None = None) -> str:
    r"""Return the text with lines to ignore blanked out and line ends inside sentences replaced by spaces.

    Positions do not change.

    >>> letter = "Dear Minister,\nPlease fund clinics for\nall of us.\nSincerely,\nJane Roe\nReno, NV 89501"
    >>> keep_words(letter).strip(), len(keep_words(letter)) == len(letter)
    ('Please fund clinics for all of us.', True)
    """
    made = list(text)
    before: TextLine | None = None
    for line in read_lines(text) if lines is None else lines:
        if line.role is not LineRole.WORDS:
            made[line.start : line.end] = (" " if line.inside else "\n") * (line.end - line.start)
            before = before if line.inside else None
            continue
        if before and _goes_on(text, before, line):
            made[before.end : line.start] = " " * (line.start - before.end)
        before = line
    return "".join(made)


LineChoices = tuple[tuple[bytes, LineRole], ...]
"""Roles that people gave to lines, by the hash of the line's words, in the order of the hashes."""


def apply_choices(text: str, lines: Sequence[TextLine], choices: LineChoices) -> Sequence[TextLine]:
    """Return the lines with the roles that people gave them.

    >>> chosen = ((hash_line("Let kids play"), LineRole.HEADING),)
    >>> [str(line.role) for line in apply_choices("Let Kids play!", read_lines("Let Kids play!"), chosen)]
    ['heading']
    """
    if not choices:
        return lines
    roles = dict(choices)
    return [replace(line, role=roles.get(hash_line(text[line.start : line.end]), line.role)) for line in lines]


def hash_line(line: str) -> bytes:
    """Return a key of a line that does not depend on its spacing and punctuation."""
    return text_hash(normal_form(line))


def find_words(text: str, start: int, end: int, lines: Sequence[TextLine] | None = None) -> list[Span]:
    """Return the ranges of words within a range of the text, without surrounding spaces.

    >>> find_words("Jane Roe, Reno, NV We ask for clinics.", 0, 18, read_lines("Jane Roe, Reno, NV We ask.", (19,)))
    []
    """
    kept = keep_words(text, lines)
    found = []
    for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", kept[start:end]):
        if any(character.isalnum() for character in match.group()):
            first = start + match.start() + len(match.group()) - len(match.group().lstrip())
            found.append((first, first + len(match.group().strip())))
    return found


def has_name(part: str) -> bool:
    r"""Return True if the first or last line of a part looks like a name wherever it is.

    >>> has_name("Jane Roe\nReno, NV"), has_name("I am a nurse.")
    (True, False)
    """
    lines = [line.strip() for line in part.splitlines() if line.strip()]
    return any(is_name(line, strict=True) or is_signed(line) for line in (*lines[:1], *lines[-1:]))


@lru_cache(maxsize=512)
def find_identifying(text: str) -> Sequence[Span]:
    r"""Return the ranges of names, addresses and contact details. Consecutive lines are one range.

    Returns nothing if the text has no other statement.

    >>> letter = "Please fund clinics.\nSincerely,\nJane Roe\nReno, NV 89501"
    >>> [letter[start:end] for start, end in find_identifying(letter)]
    ['Jane Roe\nReno, NV 89501']
    """
    lines = read_lines(text)
    if not any(line.role is LineRole.WORDS for line in lines):
        return []
    found: list[Span] = []
    for line in lines:
        if line.role is LineRole.IDENTIFYING:
            joined = found and not any(character.isalnum() for character in text[found[-1][1] : line.start])
            found.append((found.pop()[0] if joined else line.start, line.end))
    return found


def mask_names(words: str) -> str:
    """Return words to quote, with the name that their author gives replaced by “[name]”.

    >>> mask_names("My name is Jane Roe and I am a nurse.")
    'My name is [name] and I am a nurse.'
    """
    for start, end in reversed(find_introductions(words)):
        words = f"{words[:start]}[name]{words[end:]}"
    return words


def _goes_on(text: str, before: TextLine, line: TextLine) -> bool:
    """Return True if a sentence continues from one line to the next."""
    part, following = text[before.start : before.end], text[line.start : line.end]
    gap = text[before.end : line.start].count("\n")
    if CLOSED.search(part) or BULLET.match(following) or gap > 2:
        return False
    last = split_words(part)[-1:]
    if following[0].islower() or part.endswith((",", "،")) or (last and last[0] in list_words("stopwords")):
        return True
    return gap <= 1 and len(part) >= 60
