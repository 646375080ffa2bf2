"""Text checks of the queue. They sort and highlight submissions, and do not refuse any.

Each is a short list or a pattern, documented in docs/moderation.md: no model, no learning. Moderators decide as they
see fit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from consult.core.text import fold_text, fold_text_with_offsets
from consult.core.text_language import UNKNOWN, list_possible
from consult.moderation.checks.word_lists import (
    COMMON_WORDS,
    INTRODUCTIONS,
    RELATIONS,
    RELATIONS_IN_A_WORD,
    ROUGH_WORDS,
    THREATS,
)

ROUGH_FROM = 3
"""The score from which a text moves back in the queue by some hours."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00)?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w,/-])")
_LINK = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NAME = r"(?:\s+\w+){0,3}?(?:\s+[A-ZÀ-ÞΑ-ΩА-Я]\w+){1,3}"
_RELATION = re.compile(rf"\b(?:{'|'.join(RELATIONS)})\b(?:{_NAME})?")
_TITLE = re.compile(rf"\b(?:{'|'.join(INTRODUCTIONS)})\s+[A-ZÀ-ÞΑ-ΩА-Я]\w+(?:\s+[A-ZÀ-Þ]\w+)?")
_RELATION_IN_A_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(RELATIONS_IN_A_WORD))})(?!\w)")


@dataclass(frozen=True, order=True)
class TextFinding:
    """Words in a comment found by a check: characters `[start, end)`."""

    comment: int  # position in the submission
    start: int
    end: int
    code: str  # "email", "phone", "third_person", "link"
    words: str = ""


@dataclass(frozen=True)
class TextFindings:
    """The findings of all checks in a submission."""

    findings: tuple[TextFinding, ...]
    score: int

    @property
    def codes(self) -> list[str]:
        """Return the codes of the findings, without duplicates, sorted."""
        return sorted({finding.code for finding in self.findings})

    @property
    def rough(self) -> bool:
        return self.score >= ROUGH_FROM


def check_texts(bodies: Sequence[str]) -> TextFindings:
    """Check the comments of a submission, in their order.

    >>> check_texts(["Call ana@example.org. My cousin Pedro waits."]).codes
    ['email', 'third_person']
    >>> check_texts(["People inject because services are far."]).findings
    ()
    """
    found = [finding for number, body in enumerate(bodies) for finding in _find_in(number, body)]
    return TextFindings(tuple(sorted(found)), sum(roughness_score(body) for body in bodies))


def roughness_score(text: str) -> int:
    """Score offensive language: 1 for each word, 3 for each threat, 1 more if most letters are capitals.

    The score only affects the order of the queue.

    >>> roughness_score("You idiots"), roughness_score("We will kill you"), roughness_score("The target is too low.")
    (1, 3, 0)
    """
    text = fold_text(text)
    lowered = " ".join(_WORD.findall(text.casefold()))
    padded = f" {lowered} "
    score = sum(padded.count(f" {word} ") for word in ROUGH_WORDS) + 3 * sum(
        padded.count(f" {word} ") for word in THREATS
    )
    letters = [letter for letter in text if letter.isalpha()]
    shouted = len(letters) > 40 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)
    return score + shouted


def find_rough_words(number: int, text: str) -> list[TextFinding]:
    """Find offensive words and threats in a comment, for highlighting.

    >>> [found.words for found in find_rough_words(0, "You Idiots, we will kill you.")]
    ['Idiots', 'kill you']
    """
    sounded, at = fold_text_with_offsets(text)
    words = [(match.group().casefold(), match.start(), match.end()) for match in _WORD.finditer(sounded)]
    found = []
    for first, (_word, start, _end) in enumerate(words):
        for last in range(first, min(first + _LONGEST, len(words))):
            said = " ".join(word for word, _from, _to in words[first : last + 1])
            if said in ROUGH_WORDS or said in THREATS:
                begins, ends = at[start], at[words[last][2] - 1] + 1
                code = "threat" if said in THREATS else "rough"
                found.append(TextFinding(number, begins, ends, code, text[begins:ends]))
    return found


_LONGEST = max((phrase.count(" ") + 1 for phrase in ROUGH_WORDS | THREATS), default=0)


def detect_language(text: str, said: str = "") -> str:
    """Detect the language of a text: empty if undecided, `und` if its script rules out all languages of drafts.

    The author's choice `said` is kept if the text also contains common words of that language.

    >>> [detect_language(text) for text in ("No es el número que los jueces piden", "ستون في المئة لا تكفي", "60 %")]
    ['es', 'ar', '']
    >>> mixed = "He said: no es el número que los jueces piden, and that is all of it"
    >>> detect_language(mixed, "es"), detect_language(mixed, "en")
    ('', '')
    """
    text = fold_text(text)
    possible = list_possible(text)
    if possible and set(possible).isdisjoint(COMMON_WORDS):  # A script that none of the word lists covers.
        return said if said in possible else possible[0] if len(possible) == 1 else UNKNOWN
    words = _WORD.findall(text.casefold())
    votes = sorted(
        ((sum(word in common for word in words), code) for code, common in COMMON_WORDS.items()), reverse=True
    )
    clear = votes[0][0] >= 3 and votes[0][0] > 1.3 * votes[1][0]
    doubted = votes[0][0] > 2 * {code: n for n, code in votes}.get(said, 0)
    return votes[0][1] if clear and doubted else ""


class CommentText(Protocol):
    """A comment, or a database row of one."""

    body: Any
    language: Any
    answer: Any


def detect_other_language(comment: CommentText) -> str:
    """Return the detected language of a comment if it differs from the stated one, else "".

    Chosen answers are skipped, because their text was written by the consultation owner.
    """
    seems = "" if comment.answer else detect_language(comment.body, comment.language)
    return "" if seems == comment.language else seems


def _find_in(number: int, body: str) -> list[TextFinding]:
    patterns = {"email": (_EMAIL,), "phone": (_PHONE,), "third_person": (_RELATION, _TITLE, _RELATION_IN_A_WORD)}
    sounded, at = fold_text_with_offsets(body)
    found = [
        TextFinding(number, start, end, code, body[start:end])
        for code, several in (patterns | {"link": (_LINK,)}).items()
        for pattern in several
        for match in pattern.finditer(sounded)
        for start, end in [(at[match.start()], at[match.end() - 1] + 1)]
    ]
    links = [finding for finding in found if finding.code == "link"]
    return [one for one in found if one.code == "link" or not any(_inside(one, link) for link in links)]


def _inside(one: TextFinding, other: TextFinding) -> bool:
    return other.start <= one.start and one.end <= other.end
