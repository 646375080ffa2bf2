"""Names of substances as people write them, shrunk to the concepts of the taxonomy. Pure.

An exact name is taken, a near one is only proposed, and what is neither stays unknown.

Compared are names without case, accents, spaces, brackets and the words for salts and forms ("HCl", "base", "trace"). A
code such as 2C-B has no near names: 2C-E is another substance.
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

NEAR = 84.0
"""The least likeness of a name that is proposed, 0 to 100."""
LEAST_LETTERS = 6
"""Shorter names have no near ones: MDA and MDMA are two substances."""
MOST = 3
"""So many substances are proposed for a name."""
_SALTS = re.compile(
    r"\b(?:hcl|hydrochloride|sulphate|sulfate|citrate|maleate|freebase|base|salt|trace|wet|powder|pills?|tablets?|crystals?|caps?"
    r"|chlorhydrate|clorhidrato|polvo|pastillas?|poudre|comprimés?)\b"
)
_JOINTS = re.compile(r"\s+(?:and|et|y|و)\s+|\s*[+/,;&،]\s*")
_BRACKETS = re.compile(r"\([^)]*\)")
_ODD = re.compile(r"[^\w]+")


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
    proposed: tuple[tuple[int, float], ...] = ()  # number and likeness


@dataclass
class SubstanceIndex:
    """The names of all substances, to look many up in."""

    exact: dict[str, int] = field(default_factory=dict)

    @classmethod
    def build(cls, substances: Iterable[SubstanceName]) -> SubstanceIndex:
        found = cls()
        for one in sorted(substances, key=lambda one: -one.depth):
            for name in one.names:
                found.exact.setdefault(fold_name(name), one.id)
        found.exact.pop("", None)
        return found

    def match(self, typed: str) -> SubstanceMatch:
        """The concepts of a name as it was typed, of several where it names several: "cocaine and ketamine"."""
        whole = self.exact.get(fold_name(typed))
        if whole is not None:
            return SubstanceMatch((whole,))
        parts = [part for part in _JOINTS.split(typed) if fold_name(part)]
        known = [self.exact.get(fold_name(part)) for part in parts]
        if parts and None not in known:
            return SubstanceMatch(tuple(dict.fromkeys(number for number in known if number is not None)))
        return SubstanceMatch(tuple(dict.fromkeys(n for n in known if n is not None)), self._find_near(typed))

    def _find_near(self, typed: str) -> tuple[tuple[int, float], ...]:
        name = fold_name(typed)
        if len(name) < LEAST_LETTERS:
            return ()
        found: dict[int, float] = {}
        for near, likeness, _place in _process.extract(
            name, list(self.exact), scorer=_fuzz.ratio, score_cutoff=NEAR, limit=MOST * 3
        ):
            if len(near) >= LEAST_LETTERS and _digits(near) == _digits(name) and not _is_code(near):
                found.setdefault(self.exact[near], float(likeness))
        return tuple(list(found.items())[:MOST])


def fold_name(name: str) -> str:
    """The name as it is compared.

    >>> fold_name("Fentanyl HCl"), fold_name("4-AcO-DMT (wet)"), fold_name("Étonitazène")
    ('fentanyl', '4acodmt', 'etonitazene')
    """
    spread = unicodedata.normalize("NFKD", fold_text(_BRACKETS.sub(" ", name)).casefold())
    bare = "".join(c for c in spread if not unicodedata.combining(c))
    return _ODD.sub("", _SALTS.sub(" ", bare) if len(bare.split()) > 1 else bare)


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def _is_code(name: str) -> bool:
    """A code rather than a word: it has digits, or hardly a vowel."""
    return any(c.isdigit() for c in name) or (name.isascii() and not set(name) & set("aeiouy"))


def list_names(labels: Mapping[str, str], others: Mapping[str, Sequence[str]]) -> list[str]:
    """Every name of a term in every language."""
    return [*labels.values(), *(name for names in others.values() for name in names)]
