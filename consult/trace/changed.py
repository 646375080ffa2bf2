"""What became of the words that a submission is about, from the version it was filed on to the present one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents import diff
from consult.documents import queries as documents
from consult.documents.diff import Mark, Run
from consult.documents.mapping import Line
from consult.documents.model import Version
from consult.submissions import lists
from consult.submissions.model import Comment, Submission
from consult.submissions.places import Place, Places


@dataclass(frozen=True)
class Changed:
    """One place with its points, as it was called when it was commented on; `now` is empty where it is gone."""

    place: Place
    now: Sequence[Place]
    runs: Sequence[Run]


@dataclass(frozen=True)
class Since:
    """The places of a submission whose words changed between two versions."""

    older: int
    newer: int
    at: datetime | None
    places: Sequence[Changed]


@dataclass(frozen=True)
class _Way:
    """Between two published versions, which never change: so a process finds it out once."""

    older: int
    newer: int
    at: datetime | None
    lines: Sequence[Line]


_ways: dict[tuple[int, int], _Way] = {}
_MOST_WAYS = 16


def since(
    session: Session, consultation: Consultation, submission: Submission, said: Iterable[Comment]
) -> Since | None:  # fmt: skip
    """What changed in what these comments are on; None while the draft is the one they were filed on, or alike."""
    present = consultation.version_id
    if present is None or present == submission.version_id:
        return None
    on = dict.fromkeys(comment.provision_id for comment in said if comment.provision_id)
    if not on:
        return None
    way = _way(session, submission.version_id, present)
    sides = lists.places(session, submission.version_id), lists.places(session, present)
    found = {one.place.id: one for number in on if (one := _changed(number, way.lines, *sides))}
    return Since(way.older, way.newer, way.at, list(found.values())) if found else None


def _way(session: Session, older_id: int, newer_id: int) -> _Way:
    if (known := _ways.get((older_id, newer_id))) is not None:
        return known
    older, newer = (session.get_one(Version, one) for one in (older_id, newer_id))
    if len(_ways) >= _MOST_WAYS:
        _ways.clear()
    made = _Way(older.number, newer.number, newer.published_at, documents.between(session, older, newer))
    _ways[older_id, newer_id] = made
    return made


def _changed(number: int, lines: Sequence[Line], older: Places, newer: Places) -> Changed | None:
    """By the lines of the map that a place and its points stand in, on whichever side the comment stands now."""
    place = older.by_id.get(number) or newer.by_id.get(number)
    if place is None:
        return None
    parts = {part.id for part in place.parts}
    met = [line for line in lines if parts.intersection((*line.before, *line.after))]
    was, now = _those(older, [line.before for line in met]), _those(newer, [line.after for line in met])
    runs = diff.words(_words(was), _words(now))
    if not was or all(run.mark is Mark.SAME or not run.text.strip() for run in runs):
        return None
    return Changed(place if number in older.by_id else was[0], now, runs)


def _those(places: Places, groups: Iterable[Sequence[int]]) -> list[Place]:
    wanted = {number for group in groups for number in group}
    return [place for place in places.by_id.values() if place.id in wanted]


def _words(places: Iterable[Place]) -> str:
    return "\n\n".join(f"{place.heading}\n\n{place.text}".strip() for place in places)
