"""Letters that many sent, as a digest tells them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consult.digests import quotes
from consult.digests.quotes import Words


@dataclass(frozen=True)
class Said:
    """What a member says beside its letter: words of a published comment, and where they stand in it."""

    words: Words
    start: int
    end: int


@dataclass(frozen=True)
class Copied:
    """A letter that many sent: how many as it is, with words of their own, and turning a sentence of it round."""

    key: str  # the campaign's number
    total: int
    new: int
    sample: Words | None  # a published copy
    name: str = ""
    organiser: str = ""
    declared: bool = False
    exact: int = 0
    adding: int = 0
    turned: int = 0
    contrary: Sequence[Said] = ()
    added: Sequence[Said] = ()


def copied_form(copied: Copied) -> dict[str, Any]:
    """A letter with its sample, what some of its senders add, and those who turn it round beside it."""
    numbers = ("key", "total", "new", "name", "organiser", "declared", "exact", "adding", "turned")
    return {
        **{name: getattr(copied, name) for name in numbers},
        "sample": quotes.quote(copied.sample) if copied.sample else None,
        "contrary": [quotes.quote(said.words, (said.start, said.end)) for said in copied.contrary],
        "added": [quotes.quote(said.words, (said.start, said.end)) for said in copied.added],
    }
