"""Matching of term names in a text, as suggestions with the matching words.

A text is split into normalised words, and at each word the longest name that begins there matches. The cost grows with
the text, not with the number of terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consult.core.languages import find_language
from consult.core.text import fold_text, fold_text_with_offsets

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")


@dataclass(frozen=True)
class TermMatch:
    """A match of a term in a text: `text[start:end]`."""

    term_id: int
    start: int
    end: int


def stem_word(word: str, code: str) -> str:
    """Return a word without case, accents, a prefix of its language and a plural “s”, so that forms match.

    >>> stem_word("Services", "en"), stem_word("l’éradication", "fr"), stem_word("والسجون", "ar")
    ('service', 'eradication', 'سجون')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    language = find_language(code)
    bare = language.prefixes.sub("", bare)
    return bare[:-1] if language.plural_s and len(bare) > 3 and bare.endswith("s") else bare


class TermFinder:
    """An index of many terms' names in one language, for searching all at once."""

    def __init__(self, code: str, names: Iterable[tuple[int, str]]) -> None:
        """Build the index from pairs of term id and name. If two terms share a name, the first keeps it."""
        self.code = code
        self._terms: dict[tuple[str, ...], int] = {}
        self._acronyms: dict[str, int] = {}
        for term_id, name in names:
            if name.isupper() and name.isalpha() and name.isascii():  # WHO is not the word "who"
                self._acronyms.setdefault(name, term_id)
                continue
            words = tuple(stem_word(match[0], code) for match in _WORD.finditer(fold_text(name)))
            if words and (len(words) > 1 or len(words[0]) > 2):
                self._terms.setdefault(words, term_id)
        self._longest = max(map(len, self._terms), default=0)
        self._first = {words[0] for words in self._terms}

    def find(self, text: str) -> list[TermMatch]:
        """Return all matches from left to right, the longest at each place, without overlap.

        >>> TermFinder("en", [(1, "Harm reduction"), (2, "Treatment")]).find("Harm reduction and treatments")
        [TermMatch(term_id=1, start=0, end=14), TermMatch(term_id=2, start=19, end=29)]
        """
        sounded, at = fold_text_with_offsets(text)
        words = [(stem_word(word[0], self.code), *word.span()) for word in _WORD.finditer(sounded)]
        return [
            TermMatch(match.term_id, at[match.start], at[match.end - 1] + 1) for match in self._find(sounded, words)
        ]

    def _find(self, text: str, words: Sequence[tuple[str, int, int]]) -> Iterator[TermMatch]:
        at = 0
        while at < len(words):
            taken, term_id = self._at(words, at) if words[at][0] in self._first else (0, None)
            if term_id is None:
                taken, term_id = 1, self._acronyms.get(text[slice(*words[at][1:])])
            if term_id is not None:
                yield TermMatch(term_id, words[at][1], words[at + taken - 1][2])
            at += taken

    def _at(self, words: Sequence[tuple[str, int, int]], at: int) -> tuple[int, int | None]:
        """Return the length in words and the term of the longest name beginning here.

        Without a match the term is None.
        """
        for length in range(min(self._longest, len(words) - at), 0, -1):
            matches = self._terms.get(tuple(word for word, _start, _end in words[at : at + length]))
            if matches is not None:
                return length, matches
        return 0, None


def build_term_finder(
    terms: Iterable[tuple[int, Mapping[str, str], Mapping[str, Sequence[str]]]], code: str
) -> TermFinder:
    """Return a finder for terms (id, labels, other names) in a language. Text in brackets in a label is ignored."""
    names: list[tuple[int, str]] = []
    for term_id, labels, others in terms:
        if code in labels:
            names.append((term_id, re.sub(r"\([^)]{0,200}\)|（[^）]{0,200}）", "", labels[code]).strip()))
        names += [(term_id, other) for other in others.get(code, ())]
    return TermFinder(code, names)
