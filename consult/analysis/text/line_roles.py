"""The role of each line of a text: words, or a part of a letter that carries no statement, such as a greeting or a
name.

Only words become statements, quotes, demands and titles; the other lines are kept with the submission. Roles are found
from word lists (`words/*.txt`), the shape of a line and its position: after a close, at the end of what a sender added
to a letter, or where other senders of the letter put their names. Pure; the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from consult.analysis.text.attachment_only import is_attachment_only
from consult.analysis.text.line_parts.identifying_lines import (
    has_office,
    has_stopword,
    is_capitalised,
    is_identifying,
    is_name,
    is_signature,
    list_words,
)
from consult.analysis.text.line_parts.letter_parts import (
    CLOSED,
    find_close,
    find_greeting,
    find_instructions,
    find_introductions,
    is_addressee,
    is_courtesy,
    is_heading,
    looks_like_name,
)
from consult.analysis.text.normalise import split_words

RULE_VERSION = 2
"""The version of these rules and of their word lists."""


class LineRole(StrEnum):
    """The role of a line in a letter."""

    WORDS = "words"
    GREETING = "greeting"
    COURTESY = "courtesy"  # thanks and the close
    IDENTIFYING = "identifying"  # a name, an address, how to reach somebody
    POINTER = "pointer"  # that the comment is in a file
    HEADING = "heading"
    INSTRUCTION = "instruction"  # of a template, to its sender


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line, or a part of a line with its own role: `text[start:end]`."""

    start: int
    end: int
    role: LineRole
    inside: bool = False
    """Whether it is a name inside a sentence: "My name is Jane Roe and I am a nurse."."""


Span = tuple[int, int]
_LINE = re.compile(r"[^\n\r\u2028]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+\s*$", re.IGNORECASE)
_LONGEST = 400
"""Characters of a line, at its start and at its end, in which a greeting and a close are looked for."""
_MOST_SIGNED = 6
"""Words of a line of a signature."""
_HEAD = 6
"""Lines of a text among which a person to whom it is sent is named."""


@lru_cache(maxsize=2048)
def read_lines(text: str, cuts: tuple[int, ...] = (), names: tuple[Span, ...] = ()) -> tuple[TextLine, ...]:
    r"""Return the lines of a text in order, without lines that have no letter or digit.

    `cuts` are positions, after a space, where words of a letter end and words of its sender begin, or the reverse. Each
    begins a line. `names` are ranges where most senders of the letter put their names.

    >>> [str(line.role) for line in read_lines("Dear all,\nPlease stop. Thank you.\nMr. Lee Roe")]
    ['greeting', 'words', 'courtesy', 'identifying']
    """
    parted = list(text)
    for at in cuts:
        if 0 < at < len(text) and text[at - 1].isspace():
            parted[at - 1] = "\n"
    text = "".join(parted)
    lines = [TextLine(*_strip(text, *span), LineRole.INSTRUCTION) for span in find_instructions(text)]
    left = _blank(text, lines)
    lines += [TextLine(*span, LineRole.IDENTIFYING, inside=True) for span in find_introductions(left)]
    left = _blank(left, lines)
    lines += [part for match in _LINE.finditer(left) for part in _split_line(text, match.start(), match.end())]
    lines.sort(key=lambda line: line.start)
    for first, last in _segments(lines, cuts):
        lines[first:last] = _read_segment(text, lines[first:last], added=bool(cuts))
    slots = bytearray(len(text))
    for start, stop in names:
        slots[start:stop] = b"\1" * (stop - start)
    return tuple(
        replace(line, role=LineRole.IDENTIFYING)
        if line.role is LineRole.WORDS
        and slots[line.start]
        and slots[line.end - 1]
        and is_name(text[line.start : line.end], strict=False)
        else line
        for line in lines
    )


def _blank(text: str, lines: Sequence[TextLine]) -> str:
    made = list(text)
    for line in lines:
        made[line.start : line.end] = "\n" * (line.end - line.start)
    return "".join(made)


def _strip(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _split_line(text: str, start: int, end: int) -> Iterator[TextLine]:
    """Yield the parts of a line: a greeting before its words, and the close and a name after them."""
    start, end = _strip(text, start, end)
    part = text[start:end]
    if not any(character.isalnum() for character in part):
        return
    if len(part) < _LONGEST and (is_attachment_only(split_words(part)) or _LINK.match(part)):
        yield TextLine(start, end, LineRole.POINTER)
        return
    if is_courtesy(part):
        yield TextLine(start, end, LineRole.COURTESY)
        return
    if greeting := find_greeting(part[:_LONGEST]):
        yield TextLine(start, start + greeting, LineRole.GREETING)
        yield from _split_line(text, start + greeting, end)
        return
    tail = max(0, len(part) - _LONGEST)
    close, signed = find_close(part[tail:])
    if close:
        first, last = _strip(text, start, start + tail + close)
        named = is_identifying(text[first:last])
        yield TextLine(first, last, LineRole.IDENTIFYING if named else LineRole.WORDS)
    for begin, stop, role in (
        (tail + close, tail + signed, LineRole.COURTESY),
        (tail + signed, len(part), LineRole.IDENTIFYING),
    ):
        first, last = _strip(text, start + begin, start + stop)
        if any(character.isalnum() for character in text[first:last]):
            yield TextLine(first, last, role)


def _segments(lines: Sequence[TextLine], cuts: Sequence[int]) -> Iterator[Span]:
    """Yield the ranges of lines between cuts."""
    first, begun = 0, frozenset(cuts)
    for at, line in enumerate(lines):
        if at > first and line.start in begun:
            yield first, at
            first = at
    yield first, len(lines)


def _read_segment(text: str, lines: Sequence[TextLine], *, added: bool) -> list[TextLine]:
    """Set the roles that depend on position: headings, recipients, and names after a close, at the end or next to an
    address.
    """
    found = list(lines)
    _read_forwards(text, found)
    _read_backwards(text, found, added=added)
    if len(found) == 1 and not added and found[0].role is LineRole.IDENTIFYING:
        line = text[found[0].start : found[0].end]
        if not is_identifying(line) and not is_name(line, strict=True, nouns=True):
            return list(lines)
    return found


def _read_forwards(text: str, lines: list[TextLine]) -> None:
    closed = False
    greeted = any(line.role is LineRole.GREETING for line in lines[:_HEAD])
    for at, line in enumerate(lines):
        part = text[line.start : line.end]
        if closed and line.role is LineRole.GREETING and not CLOSED.search(part) and is_name(part, strict=True):
            lines[at] = replace(line, role=LineRole.IDENTIFYING)
            continue
        if line.role in (LineRole.COURTESY, LineRole.GREETING):
            closed = line.role is LineRole.COURTESY
            greeted = greeted and line.role is not LineRole.GREETING
        elif line.role is LineRole.WORDS:
            following = text[lines[at + 1].start : lines[at + 1].end] if at + 1 < len(lines) else ""
            if closed and is_signature(part):
                lines[at] = replace(line, role=LineRole.IDENTIFYING)
                continue
            closed = False
            if is_heading(part, following, first=at == 0):
                lines[at] = replace(line, role=LineRole.HEADING)
            elif (greeted or at == 0) and len(lines) > 1 and is_addressee(part, greeted=greeted):
                lines[at] = replace(line, role=LineRole.GREETING)


def _read_backwards(text: str, lines: list[TextLine], *, added: bool) -> None:
    last = True
    _read_signature_block(text, lines)
    for at in range(len(lines) - 1, -1, -1):
        if lines[at].role is not LineRole.WORDS:
            continue
        part = text[lines[at].start : lines[at].end]
        near = [lines[other].role for other in (at - 1, at + 1) if 0 <= other < len(lines)]
        beside = LineRole.IDENTIFYING in near or (LineRole.GREETING in near[-1:] and added)
        begun = at > 0 and lines[at - 1].role is LineRole.WORDS
        before = text[lines[at - 1].start : lines[at - 1].end] if begun else ""
        goes_on = begun and not CLOSED.search(before) and part[0].islower()
        if (last or beside) and not goes_on and _is_signed_off(text, part, before, beside=beside, added=added):
            lines[at] = replace(lines[at], role=LineRole.IDENTIFYING)
        else:
            last = False


def _read_signature_block(text: str, lines: list[TextLine]) -> None:
    """Set the roles of short last lines: the lines under a name belong to the signature."""
    first = len(lines)
    while first > 1 and lines[first - 1].role in (LineRole.WORDS, LineRole.IDENTIFYING):
        part = text[lines[first - 1].start : lines[first - 1].end]
        if CLOSED.search(part) or len(part.split()) > _MOST_SIGNED or part[0].islower():
            break
        first -= 1
    parts = [text[line.start : line.end] for line in lines[first:]]
    reached = [line.role is LineRole.IDENTIFYING for line in lines[first:]]
    signed = False
    for at, part in enumerate(parts):
        addressed = any(reached[at + 1 :]) and is_name(part, strict=False) and is_capitalised(part)
        signed = signed or addressed or looks_like_name(text, part)
        if signed and not reached[at]:
            lines[first + at] = replace(lines[first + at], role=LineRole.IDENTIFYING)


def _is_signed_off(text: str, part: str, before: str, *, beside: bool, added: bool) -> bool:
    """Return True if a line is a name, an office, or a place below one.

    The line is at the end of the text, or next to (`beside`) a name or address.
    """
    if looks_like_name(text, part) or (beside and is_name(part, strict=True)):
        return True
    single = part.strip(".").casefold() in list_words("given_names") and part[0].isupper()
    if single and (before or added):
        return True
    if not is_name(part, strict=False):
        grammar = has_stopword(part) and not all(word[0].isupper() for word in part.split() if len(word) > 3)
        return beside and has_office(part) and len(part.split()) <= 6 and not CLOSED.search(part) and not grammar
    under = bool(before) and is_name(before, strict=True, nouns=True) and len(part.split()) <= 2
    return (beside or under) and is_capitalised(part)
