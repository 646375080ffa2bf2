"""Names of substances as people write them, shrunk to the concepts of the taxonomy. Pure.

An exact name is taken, a near one is only proposed, and what is neither stays unknown.

Compared are names without case, accents, spaces, brackets, amounts, the Arabic article and the words for salts and
forms such as "HCl" and "base". Near are names that are spelt almost alike, or sound alike in another spelling
("kokain"). A code such as 2C-B has no near names: 2C-E is another substance.
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
"""The least likeness of a name that is proposed, 0 to 100."""
CLEARLY = 3.0
"""A name is clearly nearer than the next by so much."""
SOUNDS = 95.0
"""The likeness of a name that sounds like one."""
AMONG_WORDS = 90.0
"""The likeness of a name that has other words beside it."""
LEAST_IN_WORDS = 3
"""A shorter word names nothing by itself."""
LEAST_LETTERS = 6
"""Shorter names are near to none: MDA and MDMA are two substances. What was typed may be a letter shorter."""
MOST = 3
"""So many substances are proposed for a name."""
_SALTS = re.compile(
    r"\b(?:hcl|hydrochloride|sulphate|sulfate|citrate|maleate|freebase|base|salt|trace|wet|powder|pills?|tablets?|crystals?|caps?"
    r"|chlorhydrate|clorhidrato|polvo|pastillas?|poudre|comprimés?)\b"
)
_AMOUNTS = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[mµu]?g|mcg|ml|%)(?!\w)")
_JOINTS = re.compile(r"\s+(?:and|et|y|و)\s+|\s*[+/,;&،]\s*")
_BRACKETS = re.compile(r"\([^)]*\)")
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
        "[aeiou]+$": "",
        r"(.)\1+": r"\1",
    }.items()
]
"""Letters for the sounds that languages write in several ways."""


@dataclass(frozen=True)
class SubstanceName:
    """A concept's number, all its names, and how deep it stands: of two with one name the deeper keeps it."""

    id: int
    names: Sequence[str]
    depth: int = 1


@dataclass(frozen=True)
class SubstanceMatch:
    """What a name may mean. `certain`: one concept has this name. `proposed`: alike ones, for a person to confirm."""

    certain: tuple[int, ...] = ()
    proposed: tuple[tuple[int, float], ...] = ()  # number and likeness, the likeliest first
    among: bool = False  # each of `proposed` is of another part of the name

    @property
    def likely(self) -> tuple[int, ...]:
        """What is certain, with what is clearly nearest: enough to lay two reports side by side, and for no more."""
        if self.among:
            return (*self.certain, *(number for number, _likeness in self.proposed if number not in self.certain))
        if self.certain or not self.proposed:
            return self.certain
        clear = len(self.proposed) == 1 or self.proposed[0][1] >= self.proposed[1][1] + CLEARLY
        return (self.proposed[0][0],) if clear else ()


@dataclass
class SubstanceIndex:
    """The names of all substances, to look many up in."""

    exact: dict[str, int] = field(default_factory=dict)
    sounds: dict[str, int | None] = field(default_factory=dict)  # None: of more than one substance

    @classmethod
    def build(cls, substances: Iterable[SubstanceName]) -> SubstanceIndex:
        found = cls()
        deepest = sorted(substances, key=lambda one: -one.depth)
        for fold in (fold_letters, fold_name):  # "cocaine base" is a name of crack before it is cocaine, a base
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
        """The concepts of a name as it was typed, of several where it names several: "cocaine and ketamine"."""
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
        """By the whole name, or else by its words: "oxycodone M30". The likeliest first."""
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
    """The name without case, accents and signs.

    >>> fold_letters("Cocaïne base (crack)")
    'cocainebasecrack'
    """
    spread = unicodedata.normalize("NFKD", fold_text(name).casefold())
    return _ODD.sub("", _ARTICLE.sub("", "".join(c for c in spread if not unicodedata.combining(c)).translate(_ARABIC)))


def fold_name(name: str) -> str:
    """The name as it is compared.

    >>> fold_name("Fentanyl HCl"), fold_name("4-AcO-DMT (wet)"), fold_name("Étonitazène")
    ('fentanyl', '4acodmt', 'etonitazene')
    >>> fold_name("الفنتانيل") == fold_name("فنتانيل")
    True
    """
    spread = unicodedata.normalize("NFKD", _AMOUNTS.sub(" ", fold_text(_BRACKETS.sub(" ", name)).casefold()))
    bare = _ARTICLE.sub("", "".join(c for c in spread if not unicodedata.combining(c)).translate(_ARABIC))
    return _ODD.sub("", _SALTS.sub(" ", bare) if len(bare.split()) > 1 else bare)


def spell_alike(name: str) -> str:
    """A folded name as languages that write other letters for the same sounds share it.

    >>> {spell_alike(name) for name in ("cocaine", "kokain", "cocaina")}, spell_alike("amphetamine")
    ({'kokain'}, 'amfetamin')
    """
    for spelling, letter in _SPELLINGS:
        name = spelling.sub(letter, name)
    return name


def _is_code(name: str) -> bool:
    """A code rather than a word: it has digits, or hardly a vowel."""
    return any(c.isdigit() for c in name) or (name.isascii() and not set(name) & set("aeiouy"))


def list_names(labels: Mapping[str, str], others: Mapping[str, Sequence[str]]) -> list[str]:
    """Every name of a term in every language."""
    return [*labels.values(), *(name for names in others.values() for name in names)]
