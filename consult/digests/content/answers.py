"""The digest's section on arguments answered in its window. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.digests.content.body import AnsweredSection
from consult.digests.content.rows import AnsweredRow, NamedPlace, PlaceReference

_MOST = 10


@dataclass(frozen=True)
class AnsweredArgument:
    """An argument that was answered, or whose answer changed. `name` is empty if it has none.

    It is `suggested` until a person has named it, unless it is a demand of a letter.
    """

    id: int
    name: str
    place: str
    voices: int
    outcome: str
    suggested: bool = False


def build_section(found: Sequence[AnsweredArgument], places: Mapping[str, NamedPlace]) -> AnsweredSection | None:
    """Return the section on answers, largest arguments first, or None.

    An argument without a name is identified by its part of the draft, since words of an author may be erased later.

    >>> build_section([AnsweredArgument(7, "Pay for it", "chp_1", 3, "accepted")], {}).arguments
    (AnsweredRow(id=7, name='Pay for it', outcome='accepted', place=None, suggested=False),)
    """
    if not found:
        return None
    ranked = sorted(found, key=lambda one: (-one.voices, one.id))
    rows = tuple(_build_row(one, places.get(one.place)) for one in ranked[:_MOST])
    return AnsweredSection(n=len(ranked), arguments=rows)


def _build_row(one: AnsweredArgument, place: NamedPlace | None) -> AnsweredRow:
    where = PlaceReference(key=one.place, kind=place.kind, number=place.number) if place else None
    return AnsweredRow(id=one.id, name=one.name, outcome=one.outcome, place=where, suggested=one.suggested)
