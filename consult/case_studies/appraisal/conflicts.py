"""Conflicts of interest that can be seen: what an appraiser shares with whoever has a stake in a case study. Pure.

An appraiser with any of them is refused. What cannot be seen is declared by the appraiser, and published.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consult.core.scripts.confusables import get_skeleton

_LEAST_LETTERS = 4
"""A name of one word that is shorter than this is no sign of anything."""
_LEAST_FAMILY_NAME = 3
_LEAST_LABEL = 9
"""Letters from which on the name of a domain is somebody's own rather than two common words."""
_REGISTRIES = frozenset(
    re.findall(
        r"\w+", "ac asso co com edu gc go gob gouv gov govt gub gv info int ltd mil ne net nhs nic nom or org sch"
    )
)
"""Below a country, names under which anybody registers: `org.pe` is nobody's own, `night.org.pe` is."""
_DOMAIN = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b")


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
    MAILBOX = "mailbox"
    INVITED = "invited"


@dataclass(frozen=True)
class Stakeholder:
    """Somebody with a part in a case study. `names` may be free text, such as “the city with Casa Alivio”.

    `mailboxes`: see `get_mailbox`.
    """

    part: StakePart
    accounts: frozenset[int] = frozenset()
    organisations: frozenset[int] = frozenset()
    bodies: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    names: Sequence[str] = ()
    mailboxes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AppraiserTies:
    """What is known of an appraiser. `names`: their own, of their organisations and bodies; `declared`: their lines.

    `co_authors`: accounts they wrote another case study with; `co_author_names`: the same, by name. `person`: their own
    name, where it may be written in other ways, as in a citation. `invited_by`: the body that gave them the
    role, also once it has ended.
    """

    account: int
    organisations: frozenset[int] = frozenset()
    bodies: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    names: Sequence[str] = ()
    declared: Sequence[str] = ()
    co_authors: frozenset[int] = frozenset()
    co_author_names: Sequence[str] = ()
    person: str = ""
    mailboxes: frozenset[str] = frozenset()
    invited_by: frozenset[int] = frozenset()


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
            ConflictKind.DOMAIN: _share_domain(one.domains, ties.domains) or _name_domain(ties.domains, one.names),
            ConflictKind.NAME: _share_name(ties.names, one.names)
            or _name_person(ties.person, one.names)
            or _spell_domain(ties.domains, one.names),
            ConflictKind.CO_AUTHOR: bool(one.accounts & ties.co_authors)
            or _share_name(ties.co_author_names, one.names),
            ConflictKind.DECLARED: _share_name(one.names, ties.declared)
            or _share_name(ties.declared, one.names)
            or any(domain in line.lower() for domain in one.domains for line in ties.declared),
            ConflictKind.MAILBOX: bool(one.mailboxes & ties.mailboxes),
            ConflictKind.INVITED: bool(one.bodies & ties.invited_by),
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
    """Whether two domains are of one owner, so far as their names say."""
    owners = {own_domain(one) for one in others}
    return any(own_domain(one) in owners for one in some)


def own_domain(domain: str) -> str:
    """The part of a domain that somebody registered.

    >>> own_domain("mail.night.example"), own_domain("post.night.org.pe"), own_domain("health.gov.ke")
    ('night.example', 'night.org.pe', 'health.gov.ke')
    """
    labels = domain.lower().strip(".").split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3 if shared else -2 :])


def _name_domain(domains: Iterable[str], texts: Sequence[str]) -> bool:
    """Whether a text names one of these domains, as an address of a page does."""
    found = {own_domain(it) for text in texts for it in _DOMAIN.findall(text.lower())}
    return any(own_domain(one) in found for one in domains)


def _spell_domain(domains: Iterable[str], texts: Sequence[str]) -> bool:
    """Whether words of a text, two at least, are those of which one of these domains is made.

    >>> [_spell_domain(["x.night-line.example"], [said]) for said in ("Night Line, Accra", "The line at night")]
    [True, False]
    >>> _spell_domain(["nightline.example"], ["the city with Night Line"]), _spell_domain(["the-dr.org"], ["The Dr."])
    (True, False)
    """
    labels = {"".join(comparable_words(own_domain(one).partition(".")[0])) for one in domains}
    wanted = {label for label in labels if len(label) >= _LEAST_LABEL}
    return bool(wanted) and any(not wanted.isdisjoint(_join_words(comparable_words(text))) for text in texts)


def _join_words(words: Sequence[str]) -> set[str]:
    """Each row of words, two at least, without what stands between them."""
    return {"".join(words[at:end]) for at in range(len(words)) for end in range(at + 2, len(words) + 1)}


def get_mailbox(address: str) -> str:
    """What is the same in all addresses of one mailbox.

    >>> get_mailbox("Amara.N+night@GoogleMail.com") == get_mailbox("amaran@gmail.com")
    True
    """
    local, _at, domain = address.lower().rpartition("@")
    name = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def _name_person(person: str, texts: Sequence[str]) -> bool:
    """Whether a text names somebody in another way than they do: family name first, or with initials.

    >>> [_name_person("Amara W. Njeri", [said]) for said in ("Njeri, Amara. Survey", "Njeri AW et al.", "A. Njeri")]
    [True, True, True]
    >>> [_name_person("Amara W. Njeri", [said]) for said in ("Njeri B, 2024", "Amara Otieno", "Njeri Fund")]
    [False, False, False]
    """
    words = comparable_words(person.replace("(sample)", ""))
    full = [word for word in words if len(word) > 1]
    if len(full) < 2:
        return False
    ways = {
        (first, last) for first in full for last in full if first != last and (first in full[:1] or last in full[:1])
    }
    for family in full:
        if len(family) >= _LEAST_FAMILY_NAME:
            others = "".join(word[0] for word in words if word != family)
            initials = {others[: n + 1] for n in range(len(others))}
            ways |= {way for initial in initials for way in ((family, initial), (initial, family))}
            ways |= {(*others, family), (family, *others)}
    return any(_has_way(ways, comparable_words(text)) for text in texts)


def _has_way(ways: Iterable[tuple[str, ...]], words: Sequence[str]) -> bool:
    return any(tuple(words[at : at + len(way)]) == way for way in ways for at in range(len(words) - len(way) + 1))
