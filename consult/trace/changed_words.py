"""Changes to the provisions that a submission comments on, from its version to the current one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.documents.model import Version
from consult.documents.versions import diff
from consult.documents.versions.diff import DiffMark, DiffRun
from consult.documents.versions.provision_map import ProvisionMapLine
from consult.submissions.anchors.provisions import ProvisionNode, ProvisionTree
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment, Submission


@dataclass(frozen=True)
class ChangedProvision:
    """A changed provision with its points, named as when commented on. `now` is empty if it was removed."""

    place: ProvisionNode
    now: Sequence[ProvisionNode]
    runs: Sequence[DiffRun]


@dataclass(frozen=True)
class ChangesSinceFiling:
    """The commented provisions that changed between two versions."""

    older: int
    newer: int
    at: datetime | None
    places: Sequence[ChangedProvision]


@dataclass(frozen=True)
class _VersionChanges:
    """The changes between two published versions. They are cached, because published versions do not change."""

    older: int
    newer: int
    at: datetime | None
    lines: Sequence[ProvisionMapLine]


_version_changes: dict[tuple[int, int], _VersionChanges] = {}
_MOST_VERSION_CHANGES = 16


def get_changes(
    session: Session, consultation: Consultation, submission: Submission, said: Iterable[Comment]
) -> ChangesSinceFiling | None:
    """Return changes to the commented provisions since filing, or None if there are none."""
    present = consultation.version_id
    if present is None or present == submission.version_id:
        return None
    on = dict.fromkeys(comment.provision_id for comment in said if comment.provision_id)
    if not on:
        return None
    way = _get_version_changes(session, submission.version_id, present)
    sides = (
        comments_queries.get_provision_tree(session, submission.version_id),
        comments_queries.get_provision_tree(session, present),
    )
    changes = {one.place.id: one for number in on if (one := _changed(number, way.lines, *sides))}
    return ChangesSinceFiling(way.older, way.newer, way.at, list(changes.values())) if changes else None


def _get_version_changes(session: Session, older_id: int, newer_id: int) -> _VersionChanges:
    if (known := _version_changes.get((older_id, newer_id))) is not None:
        return known
    older, newer = (session.get_one(Version, one) for one in (older_id, newer_id))
    if len(_version_changes) >= _MOST_VERSION_CHANGES:
        _version_changes.clear()
    made = _VersionChanges(
        older.number, newer.number, newer.published_at, documents.get_map_between(session, older, newer)
    )
    _version_changes[older_id, newer_id] = made
    return made


def _changed(
    number: int, lines: Sequence[ProvisionMapLine], older: ProvisionTree, newer: ProvisionTree
) -> ChangedProvision | None:
    """Return the change of a provision with its points, or None.

    The provision may belong to either version.
    """
    place = older.by_id.get(number) or newer.by_id.get(number)
    if place is None:
        return None
    parts = {part.id for part in place.parts}
    met = [line for line in lines if parts.intersection((*line.before, *line.after))]
    was, now = _those(older, [line.before for line in met]), _those(newer, [line.after for line in met])
    runs = diff.diff_words(_words(was), _words(now))
    if not was or all(run.mark is DiffMark.SAME or not run.text.strip() for run in runs):
        return None
    return ChangedProvision(place if number in older.by_id else was[0], now, runs)


def _those(places: ProvisionTree, groups: Iterable[Sequence[int]]) -> list[ProvisionNode]:
    wanted = {number for group in groups for number in group}
    return [place for place in places.by_id.values() if place.id in wanted]


def _words(places: Iterable[ProvisionNode]) -> str:
    return "\n\n".join(f"{place.heading}\n\n{place.text}".strip() for place in places)
