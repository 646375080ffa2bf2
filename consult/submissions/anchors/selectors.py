"""Anchors: exact words of a provision, located from any kind of selection.

Source: W3C Web Annotation Data Model, sections 4.2.4 (text quote selector) and 4.2.5 (text position selector).
Positions count characters (code points) of the provision's text, half-open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from zlib import crc32

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import SILENT_CHARACTERS, drop_silent, drop_silent_with_offsets

CONTEXT_LENGTH = 32
"""Number of characters of context stored before and after the words."""
MAX_SELECTION = 1000
"""Maximum length of an anchor. A longer selection means the whole paragraph."""


class QuoteNotFound(Refusal):
    """The quoted words are not in the paragraph."""


@dataclass(frozen=True)
class Anchor:
    """Words in a text, with their position and context."""

    start: int
    end: int
    exact: str
    prefix: str = ""
    suffix: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """Return the form that is stored and committed to."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """Words as selected in a browser. Only the words themselves need to be correct."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int = 0


def anchor_of(record: dict[str, Any] | None) -> Anchor | None:
    """Return the anchor from its stored form, or None for a comment on a whole provision."""
    return Anchor(**record) if record else None


def to_choice(anchor: Anchor) -> str:
    """Return a span as a form value with a checksum, to detect changed text."""
    return f"{anchor.start}-{anchor.end}-{crc32(anchor.exact.encode()):08x}"


def from_choice(text: str, value: str) -> Anchor | None:
    """Return the anchor of a form value, or None if the text has changed there.

    >>> chosen = to_choice(anchor_at("Each State.", 5, 10))
    >>> from_choice("Each State.", chosen).exact, from_choice("Many States.", "5-10-00000000")
    ('State', None)
    """
    given = re.fullmatch(r"(\d{1,7})-(\d{1,7})-[0-9a-f]{8}", value)
    made = anchor_at(text, int(given[1]), int(given[2])) if given else None
    return made if made is not None and made.exact and to_choice(made) == value else None


def anchor_at(text: str, start: int, end: int) -> Anchor:
    """Return the anchor of a span, without surrounding spaces.

    >>> anchor_at("Each State shall report.", 4, 11)
    Anchor(start=5, end=10, exact='State', prefix='Each ', suffix=' shall report.')
    """
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    end = start + len(words.strip())
    return Anchor(
        start, end, text[start:end], text[max(0, start - CONTEXT_LENGTH) : start], text[end : end + CONTEXT_LENGTH]
    )


def find(text: str, wanted: Selection) -> Anchor:
    """Return the range of selected words in a text, extended to whole words. Raises QuoteNotFound.

    White space may differ, because pages show line breaks as spaces. Among several matches, those with the same context
    are preferred, then the one nearest to the selection.

    >>> find("States report. States act.", Selection("tates", prefix="report. S")).start
    15
    """
    if len(wanted.exact) > MAX_SELECTION:
        raise QuoteNotFound(
            _("Choose at most %(most)s characters, or the whole paragraph.", most=MAX_SELECTION), field="on"
        )
    spots = _occurrences(text, wanted.exact)
    if not spots:
        raise QuoteNotFound(
            _("The words that you chose are not in this paragraph. Choose the paragraph or one of its sentences."),
            field="on",
        )
    best = max(spots, key=lambda spot: (_context(text, spot, wanted), -abs(spot[0] - wanted.start)))
    return anchor_at(text, *widen_to_words(text, *best))


def _occurrences(text: str, words: str) -> list[tuple[int, int]]:
    """Return the spans of these words in a text, ignoring white space and invisible characters."""
    pattern = r"[\s|]+".join(re.escape(word) for word in drop_silent(words).split())
    sounded, places = drop_silent_with_offsets(text)
    found = re.finditer(pattern, sounded) if pattern else ()
    return [(places[one.start()], places[one.end() - 1] + 1) for one in found]


def _context(text: str, spot: tuple[int, int], wanted: Selection) -> int:
    before, after = visible_text(text[: spot[0]])[-CONTEXT_LENGTH:], visible_text(text[spot[1] :])[:CONTEXT_LENGTH]
    return _common_prefix_length(before[::-1], visible_text(wanted.prefix)[::-1]) + _common_prefix_length(
        after, visible_text(wanted.suffix)
    )


def _common_prefix_length(one: str, other: str) -> int:
    """Return the length of the common beginning of two texts."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_word_character(character: str) -> bool:
    """Return whether a character is part of a word: letters, digits, combining marks and invisible characters."""
    letter = character.isalnum() or character == "_" or character in SILENT_CHARACTERS
    return letter or unicodedata.category(character)[0] == "M"


def widen_to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span extended to whole words.

    >>> widen_to_words("harm reduction", 2, 7)
    (0, 14)
    """
    while 0 < start < len(text) and is_word_character(text[start]) and is_word_character(text[start - 1]):
        start -= 1
    while 0 < end < len(text) and is_word_character(text[end]) and is_word_character(text[end - 1]):
        end += 1
    return start, end


def visible_text(text: str) -> str:
    """Return the visible characters: without white space and the bars between table cells."""
    return "".join(text.replace("|", " ").split())


def visible_span(text: str, anchor: Anchor) -> tuple[int, int]:
    """Return the span in visible characters, by which a page finds it among its elements.

    >>> visible_span("a b\\n\\nc d", anchor_at("a b\\n\\nc d", 5, 8))
    (2, 4)
    """
    before = len(visible_text(text[: anchor.start]))
    return before, before + len(visible_text(text[anchor.start : anchor.end]))


_SHORTENED = frozenset(
    re.split(
        " ",
        "art arts no nos nr núm num par para paras p pp cf vol vols ch sec fig ed eds resp approx inc ltd st dr mr mrs "
        "ms vs e.g i.e etc al sr sra dra ud uds pág págs ej lit mme mm mgr av n n.b ex env chap ss م ص د أ ط ج ق هـ",
    )
)
"""Abbreviations whose full stop does not end a sentence."""
_ENDS = re.compile(r"(?<![.!?…؟۔])[.!?…؟۔]++[\s\u00a0\u202f]?[»”’\"')\]]*(?=\s|$)|\n+")
_SEEN = re.compile(r"\S")
_LOOKED_BACK = 200
"""Characters in which the last two words before a mark are looked for."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of sentences in English, Spanish, French and Arabic.

    >>> text = "See Art. 5 of it. « Oui ! » Fin."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['See Art. 5 of it.', '« Oui ! »', 'Fin.']
    """
    sounded, places = drop_silent_with_offsets(text)
    spans, start = [], 0
    for end in [*_ends(sounded), len(sounded)]:
        words = sounded[start:end]
        if words.strip():
            first = start + len(words) - len(words.lstrip())
            spans.append((places[first], places[first + len(words.strip()) - 1] + 1))
        start = end
    return spans


def _ends(text: str) -> Iterator[int]:
    for found in _ENDS.finditer(text):
        at = len(text) if (follows := _SEEN.search(text, found.end())) is None else follows.start()
        before = text[max(0, found.start() - _LOOKED_BACK) : found.start()]
        if "\n" in found[0] or at == len(text) or _really_ends(before, found[0], text[at]):
            yield found.end()


def _really_ends(before: str, mark: str, after: str) -> bool:
    """Return whether a mark ends a sentence: no lower-case letter follows, and it does not end an abbreviation."""
    if after.islower() or after in ",;:،؛»”":
        return False
    if mark[0] != "." or mark.startswith(".."):
        return True
    *earlier, last = re.split(r"[\s(«“\"'\[]+", before)
    initial = len(last) == 1 and last.isalpha() and last.isupper()
    previous = earlier[-1] if earlier else ""
    number = last.isdigit() and (not previous or (previous[-1] in ".!?؟" and previous[:-1].lower() not in _SHORTENED))
    return not (last.lower() in _SHORTENED or initial or number)
