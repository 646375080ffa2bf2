"""What the checks of the queue look for in a text. They order and point; nothing is ever refused by them.

Each is a short list or a pattern that can be read here and in docs/moderation.md: no model, no learning. A
moderator who does not agree with one decides as they see fit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from consult.moderation.words import COMMON, INTRODUCTIONS, RELATIONS, ROUGH, THREATS

ROUGH_FROM = 3
"""The score from which a text takes its turn some hours later."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00)?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w,/-])")
_LINK = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NAME = r"(?:\s+\w+){0,3}?\s+[A-ZÀ-ÞΑ-ΩА-Я]\w+"
_RELATION = re.compile(rf"\b(?:{'|'.join(RELATIONS)})\b(?:{_NAME})?")
_TITLE = re.compile(rf"\b(?:{'|'.join(INTRODUCTIONS)})\s+[A-ZÀ-ÞΑ-ΩА-Я]\w+(?:\s+[A-ZÀ-Þ]\w+)?")
_RELATION_ARABIC = re.compile(r"(?<!\w)(?:ابن عمي|ابنة عمي|أخي|أختي|أمي|أبي|جاري|جارتي|صديقي|صديقتي|زوجي|زوجتي)(?!\w)")


@dataclass(frozen=True, order=True)
class Finding:
    """Words of one comment that a check points at: `[start, end)` in its characters."""

    comment: int  # its position in the submission
    start: int
    end: int
    code: str  # "email", "phone", "third_person", "link"
    words: str = ""


@dataclass(frozen=True)
class Findings:
    """What all checks found in a submission."""

    found: tuple[Finding, ...]
    score: int

    @property
    def codes(self) -> list[str]:
        """What was found, each once, in the alphabet's order."""
        return sorted({finding.code for finding in self.found})

    @property
    def rough(self) -> bool:
        return self.score >= ROUGH_FROM


def inspect(bodies: Sequence[str]) -> Findings:
    """What the checks find in the comments of a submission, in their order.

    >>> inspect(["Call ana@example.org. My cousin Pedro waits."]).codes
    ['email', 'third_person']
    >>> inspect(["People inject because services are far."]).found
    ()
    """
    found = [finding for number, body in enumerate(bodies) for finding in _in(number, body)]
    return Findings(tuple(sorted(found)), sum(abuse(body) for body in bodies))


def abuse(text: str) -> int:
    """How rough a text sounds: 1 a rough word, 3 a threat, 1 more where nearly all is capitals. For order only.

    >>> abuse("You idiots"), abuse("We will kill you"), abuse("The target is too low.")
    (1, 3, 0)
    """
    lowered = " ".join(_WORD.findall(text.casefold()))
    padded = f" {lowered} "
    score = sum(padded.count(f" {word} ") for word in ROUGH) + 3 * sum(padded.count(f" {word} ") for word in THREATS)
    letters = [letter for letter in text if letter.isalpha()]
    shouted = len(letters) > 40 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)
    return score + shouted


def language_of(text: str, said: str = "") -> str:
    """The language a text seems to be in, or nothing where that cannot be told from its script or common words.

    The author's word, `said`, is not doubted where common words of that language are there as well.

    >>> [language_of(text) for text in ("No es el número que los jueces piden", "ستون في المئة لا تكفي", "60 %")]
    ['es', 'ar', '']
    >>> mixed = "He said: no es el número que los jueces piden, and that is all of it"
    >>> language_of(mixed, "es"), language_of(mixed, "en")
    ('', '')
    """
    letters = [letter for letter in text if letter.isalpha()]
    if letters and sum("\u0600" <= letter <= "\u06ff" for letter in letters) > len(letters) / 2:
        return "ar"
    words = _WORD.findall(text.casefold())
    votes = sorted(((sum(word in common for word in words), code) for code, common in COMMON.items()), reverse=True)
    clear = votes[0][0] >= 3 and votes[0][0] > 1.3 * votes[1][0]
    doubted = votes[0][0] > 2 * {code: n for n, code in votes}.get(said, 0)
    return votes[0][1] if clear and doubted else ""


class Said(Protocol):
    """A comment, or a row of one."""

    body: Any
    language: Any
    answer: Any


def other_language(comment: Said) -> str:
    """The language a comment seems to be in, where its author said another. What was chosen is in the asker's words."""
    seems = "" if comment.answer else language_of(comment.body, comment.language)
    return "" if seems == comment.language else seems


def _in(number: int, body: str) -> list[Finding]:
    patterns = {"email": (_EMAIL,), "phone": (_PHONE,), "third_person": (_RELATION, _TITLE, _RELATION_ARABIC)}
    found = [
        Finding(number, match.start(), match.end(), code, match.group())
        for code, several in (patterns | {"link": (_LINK,)}).items()
        for pattern in several
        for match in pattern.finditer(body)
    ]
    links = [finding for finding in found if finding.code == "link"]
    return [one for one in found if one.code == "link" or not any(_inside(one, link) for link in links)]


def _inside(one: Finding, other: Finding) -> bool:
    return other.start <= one.start and one.end <= other.end
