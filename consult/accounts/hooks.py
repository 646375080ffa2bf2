"""Hooks that upper packages register at assembly.

They cover accepted invitations, the loss of a role, permitted sign-in methods, and names on staff pages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts.model import Account, LinkToken


@dataclass(frozen=True)
class Place:
    """A body where a person works, and their role there, as shown on pages."""

    slug: str
    name: str
    role: str


JOINED: dict[str, Callable[[Session, Account, LinkToken], None]] = {}
"""Functions called when an account has used an invitation link."""
OFFERED: dict[str, Callable[[Session, LinkToken], str | None]] = {}
"""Functions that return what else an invitation link offers, by name, for example a role at a body."""
LEFT: dict[str, Callable[[Session, Account], None]] = {}
"""Functions called, in order of their names, before an account is erased or loses a role that may run a consultation.
"""
ERASED: dict[str, Callable[[Session, Account], None]] = {}
"""Functions called, in order of their names, before an account is erased."""
MEANS: dict[str, Callable[[Session, Account, str | None], None]] = {}
"""Functions called after the first step of a sign-in, with the single sign-on provider if there is one.

They raise a Refusal if the account may not sign in this way.
"""


NAMES: dict[str, Callable[[Session, Collection[int]], Mapping[int, str]]] = {}
"""Functions that return the names of the subjects of ledger entries by ID, keyed by the first word of the entry's kind.
"""
PLACES: dict[str, Callable[[Session, Collection[int]], Mapping[int, Sequence[Place]]]] = {}
"""Functions that return the bodies where accounts work, by account ID, in the current language."""
LABELS: dict[str, Callable[[str], str | None]] = {}
"""Functions that return the label of a key, or None if they do not know it."""


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


def call_erased(session: Session, account: Account) -> None:
    for name in sorted(ERASED):
        ERASED[name](session, account)


def find_names(session: Session, area: str, ids: Collection[int]) -> Mapping[int, str]:
    return NAMES[area](session, ids) if ids and area in NAMES else {}


def find_places(session: Session, ids: Collection[int]) -> dict[int, list[Place]]:
    places_by_id: dict[int, list[Place]] = {}
    for name in sorted(PLACES):
        for number, places in PLACES[name](session, ids).items():
            places_by_id.setdefault(number, []).extend(places)
    return places_by_id


def find_label(key: str) -> str:
    """Return the label of a key, or the key itself if no hook knows it."""
    return next(filter(None, (LABELS[name](key) for name in sorted(LABELS))), key)
