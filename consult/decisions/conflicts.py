"""Detection of visible conflicts of interest between a person and those with an interest in a statement. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consult.core.scripts.confusables import get_skeleton

_LEAST_LETTERS = 4
"""Names of one word that are shorter than this are ignored, except acronyms in capital letters."""
_ACRONYM = re.compile(r"[^\W\d_][^\W_]{1,2}")
"""A short acronym such as WHO, EU or G7, if it is also in capital letters."""
_LEAST_FAMILY_NAME = 3
_LEAST_LABEL = 9
"""Domain names from this length on are distinctive rather than two common words."""
_REGISTRIES = frozenset(
    re.findall(
        r"\w+", "ac asso co com edu gc go gob gouv gov govt gub gv info int ltd mil ne net nhs nic nom or org sch"
    )
)
"""Public second-level domains below a country: `org.pe` has many owners, `night.org.pe` one."""
_DOMAIN = re.compile(r"\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}\b")


class StakePart(StrEnum):
    """A person's part in a statement."""

    AUTHOR = "author"
    RAN = "ran"
    PAID = "paid"
    ASKED = "asked"
    SOURCE = "source"


class ConflictKind(StrEnum):
    """The kind of connection between two people."""

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
    """A person or organisation with an interest in a statement.

    `names` may be free text, such as “the city with Casa Alivio”. For `mailboxes` see `get_mailbox`.
    """

    part: StakePart
    accounts: frozenset[int] = frozenset()
    organisations: frozenset[int] = frozenset()
    bodies: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    names: Sequence[str] = ()
    mailboxes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PersonTies:
    """The known ties of a person who would decide or review. `names` includes those of their organisations and bodies.

    `declared`: the interests they declared. `person`: their own name, which may be written in other ways, for example
    in a citation. For reviewers only: `co_authors`, accounts of co-authors of other case studies; `co_author_names`,
    their names; `invited_by`, the body that appointed them, even if the role has ended.
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
    """A kind of connection, and the part of the person it is with."""

    part: StakePart
    kind: ConflictKind


def find_conflicts(
    stakeholders: Iterable[Stakeholder], ties: PersonTies, kinds: Collection[ConflictKind] = frozenset(ConflictKind)
) -> list[InterestConflict]:
    """Return the visible conflicts of these kinds without duplicates. Other kinds are not compared.

    >>> ran = Stakeholder(StakePart.RAN, names=["Port city, with Casa Alivio e.V."])
    >>> find_conflicts([ran], PersonTies(1, names=["CASA ALÍVIO"]))
    [InterestConflict(part=<StakePart.RAN: 'ran'>, kind=<ConflictKind.NAME: 'name'>)]
    """
    conflicts = (
        InterestConflict(stakeholder.part, kind)
        for stakeholder in stakeholders
        for kind, is_shared in _COMPARISONS.items()
        if kind in kinds and is_shared(stakeholder, ties)
    )
    return list(dict.fromkeys(conflicts))


def _shares_domain(stakeholder: Stakeholder, ties: PersonTies) -> bool:
    return _share_domain(stakeholder.domains, ties.domains) or _name_domain(ties.domains, stakeholder.names)


def _shares_name(stakeholder: Stakeholder, ties: PersonTies) -> bool:
    return (
        _share_name(ties.names, stakeholder.names)
        or (stakeholder.part is StakePart.AUTHOR and _share_name(stakeholder.names, ties.names))
        or _name_person(ties.person, stakeholder.names)
        or _spell_domain(ties.domains, stakeholder.names)
    )


def _shares_co_author(stakeholder: Stakeholder, ties: PersonTies) -> bool:
    return bool(stakeholder.accounts & ties.co_authors) or _share_name(ties.co_author_names, stakeholder.names)


def _is_declared(stakeholder: Stakeholder, ties: PersonTies) -> bool:
    return (
        _share_name(stakeholder.names, ties.declared)
        or _share_name(ties.declared, stakeholder.names)
        or any(domain in line.lower() for domain in stakeholder.domains for line in ties.declared)
    )


_COMPARISONS: Mapping[ConflictKind, Callable[[Stakeholder, PersonTies], bool]] = {
    ConflictKind.PERSON: lambda stakeholder, ties: ties.account in stakeholder.accounts,
    ConflictKind.ORGANISATION: lambda stakeholder, ties: bool(stakeholder.organisations & ties.organisations),
    ConflictKind.BODY: lambda stakeholder, ties: bool(stakeholder.bodies & ties.bodies),
    ConflictKind.DOMAIN: _shares_domain,
    ConflictKind.NAME: _shares_name,
    ConflictKind.CO_AUTHOR: _shares_co_author,
    ConflictKind.DECLARED: _is_declared,
    ConflictKind.MAILBOX: lambda stakeholder, ties: bool(stakeholder.mailboxes & ties.mailboxes),
    ConflictKind.INVITED: lambda stakeholder, ties: bool(stakeholder.bodies & ties.invited_by),
}


def comparable_words(name: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation, with look-alike letters replaced.

    >>> comparable_words("Casa  ALÍVIO, e.V.")
    ['casa', 'alivio', 'e', 'v']
    """
    plain = unicodedata.normalize("NFKD", get_skeleton(unicodedata.normalize("NFKC", name)).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in bare).split()


def names_in(name: str, text: str) -> bool:
    """Return True if a text contains the words of a name in a row. Short acronyms must be in capital letters there.

    >>> names_in("Casa Alivio", "the city, with Casa Alivio"), names_in("Casa Alivio", "a casa; alivios")
    (True, False)
    >>> names_in("WHO", "the WHO, with EU money"), names_in("WHO", "those who paid")
    (True, False)
    """
    bare = name.replace("(sample)", "").strip()
    wanted = comparable_words(bare)
    if len(wanted) == 1 and len(wanted[0]) < _LEAST_LETTERS:
        return _has_acronym(unicodedata.normalize("NFKC", bare), unicodedata.normalize("NFKC", text))
    words = comparable_words(text)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))


def _has_acronym(acronym: str, text: str) -> bool:
    """Return True if a text contains an acronym of two or three capital letters or digits as a word of its own.

    Between other words of a line in capital letters it may be an ordinary word, so it does not count there.

    >>> [_has_acronym("WHO", text) for text in ("WHO; UNODC", "WHO's plan", "Who?", "WHOLE", "TO THOSE WHO PAID")]
    [True, True, False, False, False]
    """
    if not (_ACRONYM.fullmatch(acronym) and acronym.isupper()):
        return False
    word = re.compile(rf"(?<!\w){re.escape(acronym)}(?!\w)")
    beside = re.compile(rf"\w {re.escape(acronym)}(?!\w)|(?<!\w){re.escape(acronym)} \w")
    return any(word.search(line) and not (line.isupper() and beside.search(line)) for line in text.splitlines())


def _share_name(names: Iterable[str], texts: Sequence[str]) -> bool:
    return any(names_in(name, text) for name in names for text in texts)


def _share_domain(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return True if two domains have the same owner, judged by name."""
    owners = {own_domain(domain) for domain in others}
    return any(own_domain(domain) in owners for domain in some)


def own_domain(domain: str) -> str:
    """Return the registered part of a domain.

    >>> own_domain("mail.night.example"), own_domain("post.night.org.pe"), own_domain("health.gov.ke")
    ('night.example', 'night.org.pe', 'health.gov.ke')
    """
    labels = domain.lower().strip(".").split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3 if shared else -2 :])


def _name_domain(domains: Iterable[str], texts: Sequence[str]) -> bool:
    """Return True if a text contains one of these domains, for example in a URL."""
    named = {own_domain(it) for text in texts for it in _DOMAIN.findall(text.lower())}
    return any(own_domain(domain) in named for domain in domains)


def _spell_domain(domains: Iterable[str], texts: Sequence[str]) -> bool:
    """Return True if at least two consecutive words of a text form one of these domain names.

    >>> [_spell_domain(["x.night-line.example"], [said]) for said in ("Night Line, Accra", "The line at night")]
    [True, False]
    >>> _spell_domain(["nightline.example"], ["the city with Night Line"]), _spell_domain(["the-dr.org"], ["The Dr."])
    (True, False)
    """
    labels = {"".join(comparable_words(own_domain(domain).partition(".")[0])) for domain in domains}
    wanted = {label for label in labels if len(label) >= _LEAST_LABEL}
    return bool(wanted) and any(not wanted.isdisjoint(_join_words(comparable_words(text))) for text in texts)


def _join_words(words: Sequence[str]) -> set[str]:
    """Return each sequence of at least two words, joined without separators."""
    return {"".join(words[at:end]) for at in range(len(words)) for end in range(at + 2, len(words) + 1)}


def get_mailbox(address: str) -> str:
    """Return a normal form of an e-mail address: lower case, without a +tag and, at Gmail, without dots.

    Addresses with the same form are treated as one mailbox.

    >>> get_mailbox("Amara.N+night@GoogleMail.com") == get_mailbox("amaran@gmail.com")
    True
    """
    local, _at, domain = address.lower().rpartition("@")
    name = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def _name_person(person: str, texts: Sequence[str]) -> bool:
    """Return True if a text names a person in another form: family name first, or with initials.

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
