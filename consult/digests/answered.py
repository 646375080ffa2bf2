"""Answers to arguments as a digest tells them: what was answered in its window, and what each came to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST = 10


@dataclass(frozen=True)
class Answered:
    """An argument that was answered, or whose answer came to something else. `name` is empty where it has none."""

    id: int
    name: str
    place: str
    voices: int
    outcome: str


def told(found: Sequence[Answered], places: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says of answers, those to what most argue first; nothing where there are none.

    An argument without a name is told by its place: no words of a contributor are kept here that may be erased later.

    >>> told([Answered(7, "Pay for it", "chp_1", 3, "accepted")], {})["answered"]["arguments"]
    [{'id': 7, 'name': 'Pay for it', 'outcome': 'accepted', 'place': None}]
    """
    if not found:
        return {}
    ranked = sorted(found, key=lambda one: (-one.voices, one.id))
    return {"answered": {"n": len(ranked), "arguments": [_row(one, places.get(one.place)) for one in ranked[:_MOST]]}}


def _row(one: Answered, place: Any) -> dict[str, Any]:
    where = {"key": place.key, "kind": place.kind, "number": place.number} if place else None
    return {"id": one.id, "name": one.name, "outcome": one.outcome, "place": where}
