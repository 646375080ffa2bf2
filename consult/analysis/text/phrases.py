"""Phrases of the word lists as patterns over normalised words: word classes, gaps, edges. See `words/en.txt`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from consult.analysis.text.wordlists import LISTED_LANGUAGES, load_words, read_lists

PHRASED_LANGUAGES = tuple(language for language in LISTED_LANGUAGES if "calls" in read_lists(language))
"""The languages with lists for letters, demands and contradiction."""
_GAPS = {"...": r"(?:\S+ ){0,6}?", "..": r"(?:\S+ ){0,3}?"}
_BEFORE = 3
_ANY = r"\S*"
_PARTICLES = r"\S{0,4}"
"""Prefixes that Arabic joins to a word: and, with, for, the."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern. If `affirmed`, it does not match with a negator in it or before it."""

    pattern: str
    affirmed: bool
    language: str
    needs: tuple[frozenset[str], ...]
    """Alternatives for each required word that is spelled out, rarest first."""

    def is_in(self, told: str, words: Sequence[str], present: frozenset[str]) -> bool:
        """Return True if the words contain the phrase. `told` has a space before, between and after them."""
        for need in self.needs:
            if need.isdisjoint(present):
                return False
        for match in _compile(self.pattern).finditer(told):
            first = told.count(" ", 0, match.start() + 1) - 1
            last = first + len(match.group().split()) - 1
            if not self.affirmed or not is_negated(words[max(0, first - _BEFORE) : last], self.language):
                return True
        return False


def has_phrase(words: Sequence[str], language: str, name: str) -> bool:
    """Return True if the words contain a phrase of a list.

    >>> has_phrase("allow them to come".split(), PHRASED_LANGUAGES[0], "admissions")
    True
    """
    present = frozenset(words)
    told = f" {' '.join(words)} "
    by_word, anywhere = _index_phrases(language, name)
    return any(
        phrase.is_in(told, words, present)
        for phrases in (anywhere, *(by_word[word] for word in present if word in by_word))
        for phrase in phrases
    )


@cache
def _index_phrases(language: str, name: str) -> tuple[dict[str, list[Phrase]], list[Phrase]]:
    """Return the phrases of a list by a word that each needs, and the phrases that need none."""
    by_word: dict[str, list[Phrase]] = {}
    anywhere = []
    for line in read_lists(language).get(name, ()):
        phrase = _read_line(language, line)
        if not phrase.needs:
            anywhere.append(phrase)
        for word in phrase.needs[0] if phrase.needs else ():
            by_word.setdefault(word, []).append(phrase)
    return by_word, anywhere


_compile = cache(re.compile)


def is_negated(words: Sequence[str], language: str) -> bool:
    """Return True if the words contain a negator of the language. English “no” is not one in Portuguese.

    >>> english = PHRASED_LANGUAGES[0]
    >>> is_negated(["don", "t"], english), is_negated(["no", "doubt"], english)
    (True, False)
    """
    told = f" {' '.join(words)} "
    negation = _compile(negation_pattern(language))
    if negation.search(told) is None:
        return False
    for idiom in read_lists(language).get("affirming_idioms", ()):
        told = told.replace(f" {idiom} ", " ")
    return negation.search(told) is not None


@cache
def negation_pattern(language: str) -> str:
    """Return the negators of a language as a pattern, including contractions."""
    lists = read_lists(language)
    apart = " ".join(lists.get("exceptions", ())).split()  # “without delay” negates only the delay
    words = " ".join([*lists.get("negators", ()), *lists.get("phrase_negators", ())]).split()
    words = [word for word in words if word not in apart]
    stems = " ".join(lists.get("before_t", ())).split()
    contracted = f"|(?:{'|'.join(stems)}) t" if stems else ""
    return rf"(?<!\S)(?:{'|'.join(map(re.escape, words))}{contracted})(?!\S)"


@cache
def list_pattern(language: str, name: str) -> str:
    """Return the words of a list as an alternation. It never matches if there is no such list."""
    return words_pattern(" ".join(read_lists(language).get(name, ())))


@cache
def words_pattern(words: str) -> str:
    """Return the words of a line as an alternation, longest first."""
    return "|".join(map(_entry, sorted(words.split(), key=len, reverse=True))) or r"(?!)"


@cache
def compile_words(language: str, name: str) -> re.Pattern[str]:
    """Return the pattern of a list's words at the start of a word, each with the following space."""
    return re.compile(rf"(?<!\S)(?:{list_pattern(language, name)}) ")


def is_listed(language: str, name: str, word: str) -> bool:
    """Return True if a word is on a list.

    >>> english = PHRASED_LANGUAGES[0]
    >>> is_listed(english, "joins", "and"), is_listed(english, "joins", "band")
    (True, False)
    """
    return _list_entries(language, name).has(word)


def may_hold(language: str, name: str, word: str) -> bool:
    """Return True if an entry of a list, of one word or more, may contain the word."""
    return _list_words(language, name).has(word)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The words of a list for lookup: complete words, and prefixes by length."""

    whole: frozenset[str]
    beginnings: tuple[tuple[int, frozenset[str]], ...]
    others: re.Pattern[str] | None

    def has(self, word: str) -> bool:
        if word in self.whole or any(word[:size] in words for size, words in self.beginnings):
            return True
        return self.others is not None and self.others.fullmatch(word) is not None


@cache
def _list_entries(language: str, name: str) -> _Entries:
    return _split_entries(" ".join(read_lists(language).get(name, ())))


@cache
def _list_words(language: str, name: str) -> _Entries:
    return _split_entries(re.sub("[|_-]", " ", " ".join(read_lists(language).get(name, ()))))


def _split_entries(line: str) -> _Entries:
    entries = [entry for entry in line.split() if "_" not in entry]
    bare = {entry[:-1] for entry in entries if entry.endswith("*") and "*" not in entry[:-1]}
    others = [entry for entry in entries if "*" in entry[:-1]]
    sizes = sorted({len(entry) for entry in bare})
    beginnings = tuple((size, frozenset(entry for entry in bare if len(entry) == size)) for size in sizes)
    pattern = re.compile("|".join(map(_entry, others))) if others else None
    return _Entries(frozenset(entry for entry in entries if "*" not in entry), beginnings, pattern)


def _read_line(language: str, line: str) -> Phrase:
    affirmed = line.startswith("!")
    made: list[str] = []
    needs = []
    for part in line.removeprefix("!").split():
        if part in _GAPS:
            made.append(_GAPS[part])
        elif part == "^":
            made.append(r"(?<=\A )")
        elif part == "$":
            made.append(r"(?=\Z)")
        else:
            made.append(f"(?:{'|'.join(_resolve(language, one) for one in part.split('/'))}) ")
            needs.append(_first_words(language, part))
    small = frozenset(" ".join(read_lists(language).get("stopwords", ())).split())
    written = tuple(sorted((need for need in needs if need), key=lambda need: (len(need & small), len(need))))
    return Phrase(rf"(?<= ){''.join(made)}", affirmed, language, written)


def _first_words(language: str, part: str) -> frozenset[str]:
    """Return the possible first words of a part of a phrase. Empty if some are not spelled out."""
    lists = read_lists(language)
    words: set[str] = set()
    for one in part.split("/"):
        names = ("negators", "phrase_negators", "before_t") if one == "<not>" else (one.strip("<>"),)
        entries = " ".join(line for name in names for line in lists.get(name, ())).split() if one[0] == "<" else [one]
        words.update(entry.split("_")[0] for entry in entries)
    return frozenset() if any("*" in word for word in words) else frozenset(words)


def _resolve(language: str, part: str) -> str:
    if part == "<not>":
        return negation_pattern(language)
    return list_pattern(language, part[1:-1]) if part.startswith("<") else _entry(part)


def _entry(entry: str) -> str:
    """Return the pattern of a list entry, with its endings and joined prefixes."""
    words = []
    for word in entry.split("_"):
        bare = re.escape(word.strip("*"))
        before = "" if not word.startswith("*") else _ANY if bare.isascii() else _PARTICLES
        after = _ANY if word.endswith("*") else ""
        words.append(f"{before}{bare}{after}")
    return " ".join(words)


@cache
def compile_openers(language: str) -> re.Pattern[str]:
    """Return the pattern of words that may precede a request.

    It is possessive. List entries can be made of other entries, and an entry can be in two lists. So backtracking over
    40 times “please” would take 2**40 steps.
    """
    openers = f"{list_pattern(language, 'openers')}|{'|'.join(load_words('please'))}"
    return re.compile(rf" (?:(?:{openers}) )*+")


@cache
def compile_calls(language: str) -> re.Pattern[str]:
    """Return the pattern of a language's calls. The name of the matching group gives line and side."""
    groups = []
    for axis, line in enumerate(read_lists(language)["calls"]):
        for side, words in zip("fa", line.split("|"), strict=True):
            groups.append(f"(?P<{side}{axis}>{words_pattern(words)})")
    return re.compile(rf"(?<= )(?:{'|'.join(groups)}) ")


@cache
def compile_concepts(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the things of a language by number (“0:”), with the pattern of their names."""
    lines = read_lists(language)["concepts"]
    return [(f"{at}:", re.compile(rf"(?<= )(?:{words_pattern(line)}) ")) for at, line in enumerate(lines)]
