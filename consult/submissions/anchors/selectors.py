"""Anchors: exact words of a provision, found in its text from any kind of selection.

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
"""How many characters before and after the words are kept with them."""
MAX_SELECTION = 1000
"""The most characters that an anchor may hold; more than that is the whole paragraph."""


class QuoteNotFound(Refusal):
    """The quoted words are not in the paragraph that they are said to be in."""


@dataclass(frozen=True)
class Anchor:
    """Words of a text: where they stand, and what stands around them."""

    start: int
    end: int
    exact: str
    prefix: str = ""
    suffix: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """As it is stored and committed to."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """Words as a reader's browser gives them: only the words themselves need be right."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int = 0


def anchor_of(record: dict[str, Any] | None) -> Anchor | None:
    """The anchor that was stored; None where a comment is on the whole of its place."""
    return Anchor(**record) if record else None


def to_choice(anchor: Anchor) -> str:
    """A span as the value of a form's choice, which also detects a changed text."""
    return f"{anchor.start}-{anchor.end}-{crc32(anchor.exact.encode()):08x}"


def from_choice(text: str, value: str) -> Anchor | None:
    """The anchor that a form's choice names; None where the text has other words there by now.

    >>> chosen = to_choice(anchor_at("Each State.", 5, 10))
    >>> from_choice("Each State.", chosen).exact, from_choice("Many States.", "5-10-00000000")
    ('State', None)
    """
    given = re.fullmatch(r"(\d{1,7})-(\d{1,7})-[0-9a-f]{8}", value)
    made = anchor_at(text, int(given[1]), int(given[2])) if given else None
    return made if made is not None and made.exact and to_choice(made) == value else None


def anchor_at(text: str, start: int, end: int) -> Anchor:
    """The anchor of a span of a text, without the space around it.

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
    """The range of selected words in a text, widened to whole words. Raises WordsNotThere.

    White space may differ: a page shows line ends as spaces. Of words that occur more than once, those with the same
    words around them are meant, then those nearest to where the selection was.

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
    """The spans of a text that are these words, whatever the white space and what is not seen."""
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
    """How many characters two texts have in common from their start."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_word_character(character: str) -> bool:
    """Whether a character stands within words: letters, figures, the marks that Arabic writes above letters,
    and what is not seen between them."""
    letter = character.isalnum() or character == "_" or character in SILENT_CHARACTERS
    return letter or unicodedata.category(character)[0] == "M"


def widen_to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the rest of the words that it cuts.

    >>> widen_to_words("harm reduction", 2, 7)
    (0, 14)
    """
    while 0 < start < len(text) and is_word_character(text[start]) and is_word_character(text[start - 1]):
        start -= 1
    while 0 < end < len(text) and is_word_character(text[end]) and is_word_character(text[end - 1]):
        end += 1
    return start, end


def visible_text(text: str) -> str:
    """The characters that leave ink on a page: no white space, and no bars between the cells of a table."""
    return "".join(text.replace("|", " ").split())


def visible_span(text: str, anchor: Anchor) -> tuple[int, int]:
    """The span in characters that leave ink, by which a page finds its place among its own elements.

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
"""Words that end in a full stop which does not end a sentence."""
_ENDS = re.compile(r"[.!?…؟۔]+[\s\u00a0\u202f]?[»”’\"')\]]*(?=\s|$)|\n+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a text, in English, Spanish, French and Arabic.

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
        rest = text[found.end() :].lstrip()
        if "\n" in found[0] or not rest or _really_ends(text[: found.start()], found[0], rest):
            yield found.end()


def _really_ends(before: str, mark: str, rest: str) -> bool:
    """Whether a mark ends a sentence: no small letter follows, and it is not the dot of a shortened word."""
    if rest[0].islower() or rest[0] in ",;:،؛»”":
        return False
    if mark[0] != "." or mark.startswith(".."):
        return True
    *earlier, last = re.split(r"[\s(«“\"'\[]+", before)
    initial = len(last) == 1 and last.isalpha() and last.isupper()
    previous = earlier[-1] if earlier else ""
    number = last.isdigit() and (not previous or (previous[-1] in ".!?؟" and previous[:-1].lower() not in _SHORTENED))
    return not (last.lower() in _SHORTENED or initial or number)
