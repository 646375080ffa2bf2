"""Matching of substance names, as people write them, to terms of the taxonomy. Pure.

An exact name is accepted, a similar one only suggested, and anything else stays unknown.

Names are compared without case, accents, spaces, brackets, amounts, the Arabic article, and words for salts and forms
such as "HCl" and "base". Similar names have almost the same spelling, or sound alike in another one ("kokain"). A code
such as 2C-B has no similar names, because 2C-E is another substance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consult.core.lazy import LazyModule
from consult.core.text import fold_text

_fuzz: Any = LazyModule("rapidfuzz.fuzz")
_process: Any = LazyModule("rapidfuzz.process")
_osa: Any = LazyModule("rapidfuzz.distance.OSA")

NEAR = 84.0
"""Minimum similarity of a suggested name, 0 to 100."""
CLEARLY = 3.0
"""Difference to the next name that makes one clearly the most similar."""
SOUNDS = 95.0
"""Similarity assigned to a name that sounds like another."""
AMONG_WORDS = 90.0
"""Similarity assigned to a name among other words."""
LEAST_IN_WORDS = 3
"""Minimum length of a word that can be a name by itself."""
LEAST_LETTERS = 6
"""Minimum length for similar names, because MDA and MDMA are two substances. Typed names may be one letter shorter."""
MOST = 3
"""Maximum number of substances suggested for a name."""
_SALTS = re.compile(
    r"\b(?:hcl|hydrochloride|sulphate|sulfate|citrate|maleate|freebase|base|salt|trace|wet|powder|pills?|tablets?|crystals?|caps?"
    r"|chlorhydrate|clorhidrato|polvo|pastillas?|poudre|comprimés?)\b"
)
_AMOUNTS = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[mµu]?g|mcg|ml|%)(?!\w)")
_JOINTS = re.compile(r"(?<!\s)\s+(?:and|et|y|و)\s+|(?<!\s)\s*[+/,;&،]\s*")
_BRACKETS = re.compile(r"\([^)]{0,200}\)")
_ODD = re.compile(r"[^\w]+")
_ARTICLE = re.compile(r"\bال(?=\w{3})")
_ARABIC = str.maketrans("ةى", "هي")
_SPELLINGS = [
    (re.compile(spelling), letter)
    for spelling, letter in {
        "ph": "f",
        "ae|oe": "e",
        "c(?=[eiy])|z": "s",
        "qu?|c[kh]?": "k",
        "th": "t",
        "[yj]": "i",
        "w": "v",
        "h": "",
        "(?<![aeiou])[aeiou]+$": "",
        r"(.)\1+": r"\1",
    }.items()
]
"""Common letters for sounds with several spellings."""


@dataclass(frozen=True)
class SubstanceName:
    """A term's id, all its names, and its depth. If two terms share a name, the deeper one has it."""

    id: int
    names: Sequence[str]
    depth: int = 1


@dataclass(frozen=True)
class SubstanceMatch:
    """The possible meanings of a name: `certain` by exact name, `proposed` by similarity."""

    certain: tuple[int, ...] = ()
    proposed: tuple[tuple[int, float], ...] = ()  # id and similarity, most similar first
    among: bool = False  # whether each of `proposed` matches a different part of the name

    @property
    def likely(self) -> tuple[int, ...]:
        """Return the certain matches and the clearly most similar one.

        Use it to compare reports only: a similar name is not a confirmed substance.
        """
        if self.among:
            return (*self.certain, *(number for number, _likeness in self.proposed if number not in self.certain))
        if self.certain or not self.proposed:
            return self.certain
        clear = len(self.proposed) == 1 or self.proposed[0][1] >= self.proposed[1][1] + CLEARLY
        return (self.proposed[0][0],) if clear else ()


@dataclass
class SubstanceIndex:
    """An index of the names of all substances."""

    exact: dict[str, int] = field(default_factory=dict)
    sounds: dict[str, int | None] = field(default_factory=dict)  # None if ambiguous

    @classmethod
    def build(cls, substances: Iterable[SubstanceName]) -> SubstanceIndex:
        found = cls()
        deepest = sorted(substances, key=lambda one: -one.depth)
        # "cocaine base" is a name of crack first, and only then cocaine as a base.
        for fold in (fold_letters, fold_name):
            for one in deepest:
                for name in one.names:
                    found.exact.setdefault(fold(name), one.id)
        found.exact.pop("", None)
        for name, number in found.exact.items():
            if len(name) >= LEAST_LETTERS and not _is_code(name):
                sound = spell_alike(name)
                found.sounds[sound] = number if found.sounds.get(sound, number) == number else None
        return found

    def match(self, typed: str) -> SubstanceMatch:
        """Return the matches of a typed name, or of each part if it names several: "cocaine and ketamine"."""
        whole = self._find_exact(typed)
        if whole is not None:
            return SubstanceMatch((whole,))
        parts = [part for part in _JOINTS.split(typed) if fold_name(part)]
        known = {part: self._find_exact(part) for part in parts}
        certain = tuple(dict.fromkeys(number for number in known.values() if number is not None))
        if parts and None not in known.values():
            return SubstanceMatch(certain)
        if len(parts) == 1 or not certain:
            return SubstanceMatch(certain, self._find_near(typed))
        near = [self._find_near(part) for part, number in known.items() if number is None]
        return SubstanceMatch(certain, tuple(dict(one[0] for one in near if one).items())[:MOST], among=True)

    def _find_exact(self, typed: str) -> int | None:
        return self.exact.get(fold_letters(typed), self.exact.get(fold_name(typed)))

    def _find_near(self, typed: str) -> tuple[tuple[int, float], ...]:
        """Return matches by the whole name, else by its words ("oxycodone M30"), most similar first."""
        if found := self._find_spelt(fold_name(typed)):
            return found
        words = {fold_letters(word) for word in _BRACKETS.sub(" ", typed).split()}
        named = {self.exact[word]: AMONG_WORDS for word in words if len(word) >= LEAST_IN_WORDS and word in self.exact}
        for word in words if not named else ():
            named |= {number: AMONG_WORDS for number, _likeness in self._find_spelt(word)[:1]}
        return tuple(named.items())[:MOST]

    def _find_spelt(self, name: str) -> tuple[tuple[int, float], ...]:
        if len(name) < LEAST_LETTERS - 1 or _is_code(name):
            return ()
        found: dict[int, float] = {}
        if (heard := self.sounds.get(spell_alike(name))) is not None:
            found[heard] = SOUNDS
        names = list(self.exact)
        slips = _process.extract(name, names, scorer=_osa.distance, score_cutoff=1, limit=MOST * 3)
        alike = _process.extract(name, names, scorer=_fuzz.ratio, score_cutoff=NEAR, limit=MOST * 3)
        for near, likeness in [*((it[0], 100 - 100 / len(name)) for it in slips), *((it[0], it[1]) for it in alike)]:
            if len(near) >= LEAST_LETTERS and not _is_code(near):
                found[self.exact[near]] = max(found.get(self.exact[near], 0.0), float(likeness))
        return tuple(sorted(found.items(), key=lambda pair: -pair[1])[:MOST])


def fold_letters(name: str) -> str:
    """Return the name without case, accents and punctuation.

    >>> fold_letters("Cocaïne base (crack)")
    'cocainebasecrack'
    """
    spread = unicodedata.normalize("NFKD", fold_text(name).casefold())
    return _ODD.sub("", _ARTICLE.sub("", "".join(c for c in spread if not unicodedata.combining(c)).translate(_ARABIC)))


def fold_name(name: str) -> str:
    """Return the name in the form used for comparison.

    >>> fold_name("Fentanyl HCl"), fold_name("4-AcO-DMT (wet)"), fold_name("Étonitazène")
    ('fentanyl', '4acodmt', 'etonitazene')
    >>> fold_name("الفنتانيل") == fold_name("فنتانيل")
    True
    """
    spread = unicodedata.normalize("NFKD", _AMOUNTS.sub(" ", fold_text(_BRACKETS.sub(" ", name)).casefold()))
    bare = _ARTICLE.sub("", "".join(c for c in spread if not unicodedata.combining(c)).translate(_ARABIC))
    return _ODD.sub("", _SALTS.sub(" ", bare) if len(bare.split()) > 1 else bare)


def spell_alike(name: str) -> str:
    """Return a folded name in a spelling shared by languages that write the same sounds differently.

    >>> {spell_alike(name) for name in ("cocaine", "kokain", "cocaina")}, spell_alike("amphetamine")
    ({'kokain'}, 'amfetamin')
    """
    for spelling, letter in _SPELLINGS:
        name = spelling.sub(letter, name)
    return name


def _is_code(name: str) -> bool:
    """Return whether the name is a code rather than a word: it has digits or hardly a vowel."""
    return any(c.isdigit() for c in name) or (name.isascii() and not set(name) & set("aeiouy"))


def list_names(labels: Mapping[str, str], others: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every name of a term in every language."""
    return [*labels.values(), *(name for names in others.values() for name in names)]
