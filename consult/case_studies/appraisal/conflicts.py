"""Conflicts of interest that can be seen: what an appraiser shares with whoever has a stake in a case study. Pure.

An appraiser with any of them is refused. What cannot be seen is declared by the appraiser, and published.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consult.core.scripts.confusables import get_skeleton

_LEAST_LETTERS = 4
"""A name of one word that is shorter than this is no sign of anything."""


class StakePart(StrEnum):
    """What part somebody has in a case study."""

    AUTHOR = "author"
    RAN = "ran"
    PAID = "paid"
    ASKED = "asked"
    SOURCE = "source"


class ConflictKind(StrEnum):
    """What is shared."""

    PERSON = "person"
    ORGANISATION = "organisation"
    BODY = "body"
    DOMAIN = "domain"
    NAME = "name"
    CO_AUTHOR = "co_author"
    DECLARED = "declared"


@dataclass(frozen=True)
class Stakeholder:
    """Somebody with a part in a case study. `names` may be free text, such as “the city with Casa Alivio”."""

    part: StakePart
    accounts: frozenset[int] = frozenset()
    organisations: frozenset[int] = frozenset()
    bodies: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    names: Sequence[str] = ()


@dataclass(frozen=True)
class AppraiserTies:
    """What is known of an appraiser. `names`: their own, of their organisations and bodies; `declared`: their lines.

    `co_authors`: accounts they wrote another case study with; `co_author_names`: the same, by name.
    """

    account: int
    organisations: frozenset[int] = frozenset()
    bodies: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    names: Sequence[str] = ()
    declared: Sequence[str] = ()
    co_authors: frozenset[int] = frozenset()
    co_author_names: Sequence[str] = ()


@dataclass(frozen=True, order=True)
class InterestConflict:
    """What an appraiser shares, and with whom."""

    part: StakePart
    kind: ConflictKind


def find_conflicts(stakeholders: Iterable[Stakeholder], ties: AppraiserTies) -> list[InterestConflict]:
    """Every visible conflict, each once.

    >>> ran = Stakeholder(StakePart.RAN, names=["Port city, with Casa Alivio e.V."])
    >>> find_conflicts([ran], AppraiserTies(1, names=["CASA ALÍVIO"]))
    [InterestConflict(part=<StakePart.RAN: 'ran'>, kind=<ConflictKind.NAME: 'name'>)]
    """
    found: dict[InterestConflict, None] = {}
    for one in stakeholders:
        shared = {
            ConflictKind.PERSON: ties.account in one.accounts,
            ConflictKind.ORGANISATION: bool(one.organisations & ties.organisations),
            ConflictKind.BODY: bool(one.bodies & ties.bodies),
            ConflictKind.DOMAIN: _share_domain(one.domains, ties.domains),
            ConflictKind.NAME: _share_name(ties.names, one.names),
            ConflictKind.CO_AUTHOR: bool(one.accounts & ties.co_authors)
            or _share_name(ties.co_author_names, one.names),
            ConflictKind.DECLARED: _share_name(one.names, ties.declared)
            or _share_name(ties.declared, one.names)
            or any(domain in line.lower() for domain in one.domains for line in ties.declared),
        }
        found |= {InterestConflict(one.part, kind): None for kind, is_shared in shared.items() if is_shared}
    return list(found)


def comparable_words(name: str) -> list[str]:
    """The words of a name without case, accents, punctuation and letters that only look different.

    >>> comparable_words("Casa  ALÍVIO, e.V.")
    ['casa', 'alivio', 'e', 'v']
    """
    plain = unicodedata.normalize("NFKD", get_skeleton(unicodedata.normalize("NFKC", name)).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in bare).split()


def names_in(name: str, text: str) -> bool:
    """Whether a text holds a name, word for word.

    >>> names_in("Casa Alivio", "the city, with Casa Alivio"), names_in("Casa Alivio", "a casa; alivios")
    (True, False)
    """
    wanted, words = comparable_words(name.replace("(sample)", "")), comparable_words(text)
    if not wanted or (len(wanted) == 1 and len(wanted[0]) < _LEAST_LETTERS):
        return False
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))


def _share_name(names: Iterable[str], texts: Sequence[str]) -> bool:
    return any(names_in(name, text) for name in names for text in texts)


def _share_domain(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two domains are the same, or one is within the other."""
    theirs = list(others)
    return any(f".{one}".endswith(f".{two}") or f".{two}".endswith(f".{one}") for one in some for two in theirs)
