"""What packages above do when somebody takes up an invitation, or stops working here. They register at assembly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts.model import Account, LinkToken


@dataclass(frozen=True)
class Place:
    """A body where somebody works, and as what, as pages say it."""

    slug: str
    name: str
    role: str


JOINED: dict[str, Callable[[Session, Account, LinkToken], None]] = {}
"""Called once an account has used the link of an invitation."""
OFFERED: dict[str, Callable[[Session, LinkToken], str | None]] = {}
"""What else the link of an invitation offers, by name: a place in a body."""
LEFT: dict[str, Callable[[Session, Account], None]] = {}
"""Called before an account loses a role that lets it answer for a consultation, or is erased; in order of the names."""

MEANS: dict[str, Callable[[Session, Account, str | None], None]] = {}
"""Asked once the first step of a sign-in was right; with the provider of single sign-on that somebody comes from.

Raises a Refusal where the account may not use these means.
"""


NAMES: dict[str, Callable[[Session, Collection[int]], Mapping[int, str]]] = {}
"""By the first word of a kind of ledger entries: what its subjects are called, for administrators; by their ids."""
PLACES: dict[str, Callable[[Session, Collection[int]], Mapping[int, Sequence[Place]]]] = {}
"""Where people work besides their role on the site, by their ids, in the current language."""
LABELS: dict[str, Callable[[str], str | None]] = {}
"""What the key of something that the site says or keeps is called on pages."""


def check_means(session: Session, account: Account, provider: str | None) -> None:
    for name in sorted(MEANS):
        MEANS[name](session, account, provider)


def find_offer(session: Session, link: LinkToken) -> str | None:
    return next(filter(None, (OFFERED[name](session, link) for name in sorted(OFFERED))), None)


def call_joined(session: Session, account: Account, link: LinkToken) -> None:
    for name in sorted(JOINED):
        JOINED[name](session, account, link)


def call_left(session: Session, account: Account) -> None:
    for name in sorted(LEFT):
        LEFT[name](session, account)


def find_names(session: Session, area: str, ids: Collection[int]) -> Mapping[int, str]:
    return NAMES[area](session, ids) if ids and area in NAMES else {}


def find_places(session: Session, ids: Collection[int]) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    for name in sorted(PLACES):
        for number, places in PLACES[name](session, ids).items():
            found.setdefault(number, []).extend(places)
    return found


def find_label(key: str) -> str:
    """The label of a key; the key itself where nobody knows one."""
    return next(filter(None, (LABELS[name](key) for name in sorted(LABELS))), key)
