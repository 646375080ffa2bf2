"""Parts of a letter that carry no statement: greeting, close, heading, note to the sender. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from consult.analysis.text.line_parts.identifying_lines import (
    LONGEST,
    TOKEN,
    has_stopword,
    is_name,
    is_signature,
    is_signed,
    list_words,
)
from consult.analysis.text.normalise import split_words
from consult.analysis.text.wordlists import compile_phrases, load_phrases, load_words

BULLET = re.compile(r"(?:[-*•–—·▪●]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
CLOSED = re.compile(r"[.!?…:;。！？؟][\"'”’»)\]]*$")
_BETWEEN = " ,.!;:–—-،"
"""What is between the words of a close."""
_MOST_GREETING, _MOST_HEADING = 10, 8
_NUMBERED = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,5}|[A-H])(?:\.\d{1,2})*[.)]|#{1,6}|§+\s?\d+)\s+\S|[أثرخس]\w{2,6}ا?ً?\s?[:\-]\s", re.UNICODE
)
_BEGINNING = re.compile(r"^|(?<=[.!?…,;:،؛])\s{0,2}")
"""Where a close may begin: at the head of a line, or after the end of a sentence or a comma."""
_HERE = re.compile(rf"(?<!\w)(?P<name>{TOKEN.pattern}(?: {TOKEN.pattern}){{1,3}}) here(?=[.,!])")
"""How people name themselves first: "Jane Roe here."."""
_SENTENCE = re.compile(r"[^.!?…\n؟]{0,160}")
_BRACKETED = re.compile(
    r"(?m)\[[^\[\]]{3,300}\]|\([^()]{3,300}\)|<[^<>]{3,300}>|\{[^{}\n]{3,80}\}|\*{2}[^*\n]{3,80}\*{2}|^[\[({<].{3,300}$"
)


def find_instructions(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of bracketed notes of a template to its sender, each with the sentence that contains it."""
    end = 0
    if not any(mark in text for mark in "[({<*"):
        return
    for match in _BRACKETED.finditer(text):
        inside = match.group().strip("[](){}<>* ")
        phrase = compile_phrases("instructions").search(inside)
        if phrase is None or match.start() < end or (match.group()[0] == "(" and phrase.start()):
            continue
        before = re.split(r"[.!?\n]", text[max(end, match.start() - 300) : match.start()])[-1]
        rest = re.split(r"(?<=[.!?\n])", text[match.end() : match.end() + 300], maxsplit=1)[0]
        within = before.strip() or rest.strip()[:1].islower()
        start, end = match.start() - len(before), match.end() + (len(rest) if within else 0)
        yield start, end


def find_introductions(text: str) -> list[tuple[int, int]]:
    """Return the ranges of names given in a sentence: "My name is Jane Roe and I am a nurse."

    >>> [("My name is Jane Roe and I am a nurse.")[a:b] for a, b in find_introductions("My name is Jane Roe and I am")]
    ['Jane Roe']
    """
    folded, introductions = text.casefold(), []
    if any(opening in folded for opening in load_phrases("own_names")):
        for match in _introduction().finditer(text):
            name = match["name"].rstrip(".")
            if is_name(name, strict=False):
                introductions.append((match.start("name"), match.start("name") + len(name)))
    if " here" in folded:
        introductions += [match.span("name") for match in _HERE.finditer(text) if is_name(match["name"], strict=True)]
    return sorted(introductions)


@cache
def _introduction() -> re.Pattern[str]:
    name = rf"(?P<name>{TOKEN.pattern}(?:[ ]{TOKEN.pattern}){{0,4}}?)"
    joins = "|".join(re.escape(word) for word in sorted(load_words("joins")))
    opened, after = compile_phrases("own_names").pattern, rf"[ ]?[.,;!]+(?=\s|$)|[ ](?:{joins})(?=\s)|[ ]?(?=\n|$)"
    return re.compile(rf"(?<!\w){opened}[ ]{name}(?:{after})", re.IGNORECASE)


def find_greeting(line: str) -> int:
    """Return the end of a greeting at the start of a line, or 0 if there is none."""
    opened = compile_phrases("salutations").match(line)
    following = re.compile(r"[\s,]*(\w+)").match(line, opened.end()) if opened else None
    if opened is None or (following and has_stopword(following[1]) and " " not in opened.group()):
        return 0
    mark = re.compile(r"[,:;!،؛]|\s[–—-]\s").search(line[:LONGEST], opened.end())
    stop = mark.end() if mark else len(line)
    while (more := compile_phrases("salutations").match(line[stop:].lstrip(" "))) and stop < LONGEST:
        after = stop + len(line[stop:]) - len(line[stop:].lstrip(" ")) + more.end()
        mark = re.compile(r"[,:;!،؛]").search(line[:LONGEST], after)
        stop = mark.end() if mark else len(line)
    if len(line[:stop].split()) > _MOST_GREETING:
        return 0
    return stop if mark or (not has_verb_end(line) and stop == len(line)) else 0


def has_verb_end(line: str) -> bool:
    """Return True if a line ends with the mark of a sentence and has at least five words."""
    return line.endswith((".", "!", "?", "؟")) and len(line.split()) > 4


def is_addressee(line: str, *, greeted: bool) -> bool:
    """Return True if a line at the head of a letter names its recipient: "To the Department of Labor".

    `greeted`: a greeting follows, so that "Department of Labor" is recognised too.
    """
    words = split_words(line[:LONGEST])
    if not 1 < len(words) <= _MOST_GREETING or len(line) > LONGEST or CLOSED.search(line.rstrip(":")):
        return False
    plain = list_words("subjects", "speakers").isdisjoint(words) and not line[0].islower()
    small = words[0] in list_words("prepositions", "articles")
    return plain and (small or greeted) and not list_words("addressees").isdisjoint(words)


def is_heading(line: str, following: str, *, first: bool) -> bool:
    """Return True if a line is a heading or states the subject of a letter. `following` is the next line."""
    if len(line) > LONGEST:
        return False
    if compile_phrases("heading_labels").match(line):
        return True
    words = split_words(line)
    if not 1 <= len(words) <= _MOST_HEADING or CLOSED.search(line.rstrip(":")):
        return False
    if _NUMBERED.match(line):
        return bool(following) and not _NUMBERED.match(following) and not line.endswith((",", ";"))
    named = words[0] in list_words("heading_words") or words[-1] in list_words("heading_words")
    return named and (first or line.endswith(":") or len(words) <= 3) and not line[0].islower()


def find_close(line: str) -> tuple[int, int]:
    """Return the start of a closing phrase in a line and the start of the name after it.

    Returns the length of the line twice if there is no closing phrase.
    """
    for begun in _BEGINNING.finditer(line):
        match = _close().match(line, begun.end())
        if match is None:
            continue
        end = _end_of_close(line, match)
        rest = line[end:].strip(_BETWEEN)
        if not rest or (is_name(rest, strict=True) if line[end : end + 1] == " " else is_signature(rest)):
            named = len(line) - len(line[end:].lstrip(_BETWEEN))
            return match.start(), (named if rest else len(line))
    return len(line), len(line)


def is_courtesy(line: str) -> bool:
    """Return True if a short line consists of words of closing phrases and small words.

    >>> is_courtesy("With all my respect and gratitude"), is_courtesy("Respect our workers")
    (True, False)
    """
    words = split_words(line[:LONGEST]) if len(line) <= LONGEST else []
    courtesies, small = list_words("courtesy_words"), list_words("stopwords", "name_particles")
    if not 0 < len(words) <= _MOST_HEADING:
        return False
    led = len(words) <= 5 and words[0] in list_words("prepositions", "courtesy_openers") and words[-1] in courtesies
    known = led or all(word in courtesies or word in small for word in words)
    return known and not courtesies.isdisjoint(words) and "?" not in line


def _end_of_close(line: str, match: re.Match[str]) -> int:
    """Return the end of a closing phrase, including the sentences that follow it."""
    end = match.end()
    again: re.Match[str] | None = match
    while again:
        if again["open"]:
            sentence = _SENTENCE.match(line, end)
            stop = sentence.end() if sentence else end
            comma = line.rfind(",", end, stop)
            named = comma > 0 and is_name(line[comma + 1 : stop], strict=True)
            end = comma if named else stop
        after = line[end:]
        again = _close().match(after.lstrip(_BETWEEN))
        if again:
            end += len(after) - len(after.lstrip(_BETWEEN)) + again.end()
    return end


@cache
def _close() -> re.Pattern[str]:
    whole, opened = compile_phrases("valedictions").pattern, compile_phrases("valediction_openings").pattern
    longest = rf"(?P<open>{opened})|{whole}"
    return re.compile(longest, re.IGNORECASE)


def writes_nouns_large(text: str) -> bool:
    """Return True if a text seems to be in German, which writes nouns with a capital."""
    marks = list_words("noun_capitals")
    return sum(word in marks for word in split_words(text[:2000])) > 1 or "ß" in text


def looks_like_name(text: str, part: str) -> bool:
    """Return True if a line of a text looks like a name, also in a language that writes nouns with a capital."""
    sure = is_signed(part) or is_name(part, strict=True, nouns=True)
    return sure or (is_name(part, strict=True) and not writes_nouns_large(text))
