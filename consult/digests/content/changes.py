"""Changes since the last edition, from its body and the new one's parts of the draft. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from consult.digests.content.body import Body, EditionChanges, FirstSpoken, LargestPlace, StanceShift
from consult.digests.content.rows import AMENDMENT, PlaceRow

RULE_VERSION = 2
"""The version of the rules in this file, for the manifest. In version 1 a shift has shares without numbers."""
_SHIFT = 5
"""The minimum change of a type's share in percentage points."""
_FEWEST = 5
"""The minimum number of submissions at a place to compare shares."""
_MOST = 3
AMENDMENTS_APART = 5
"""The version of the counting rules from which support of a suggested wording counts only there."""


def compare_editions(before: Body | None, rows: Sequence[PlaceRow]) -> EditionChanges | None:
    """Compare two editions: parts of the draft commented on for the first time, and types whose share changed.

    Returns None for a first edition.
    """
    if not before:
        return None
    known = {row.key: row for row in before.places}
    # Support of a suggested wording once counted as a type. The end of that is no change of views.
    amended = before.manifest.rules.get("heard", 0) >= AMENDMENTS_APART
    fresh = [
        FirstSpoken(key=row.key, number=row.number, kind=row.kind, submissions=row.submissions)
        for row in rows
        if row.key not in known
    ]
    shifts = [
        shift
        for row in rows
        if row.key in known
        for shift in find_shifts(known[row.key], row)
        if amended or AMENDMENT not in row.stances
    ]
    shifts.sort(key=lambda shift: (-_moved(shift), shift.key, shift.stance))
    return EditionChanges(
        edition=before.edition,
        first_spoken=tuple(fresh[:_MOST]),
        first_spoken_in_all=len(fresh),
        shifts=tuple(shifts[:_MOST]),
        top=_find_top(before.places, rows),
    )


def find_shifts(was: PlaceRow, row: PlaceRow) -> list[StanceShift]:
    """Return the types of comments whose share changed on a part of the draft.

    >>> from dataclasses import replace
    >>> was = PlaceRow(
    ...     key="a", kind="provision", number="1.1", address="1.1", words="", position=0, submissions=10, new=0,
    ...     stances={"concern": 2}, stances_new={}, quotes=(),
    ... )
    >>> [shift] = find_shifts(was, replace(was, submissions=20, stances={"concern": 10}))
    >>> shift.stance, shift.was_of, shift.now_of
    ('concern', (2, 10), (10, 20))
    """
    if min(was.submissions, row.submissions) < _FEWEST:
        return []
    shifts = []
    for stance in sorted(set(was.stances) | set(row.stances)):
        (n, of), (m, out) = ((one.stances.get(stance, 0), one.submissions) for one in (was, row))
        if stance and abs(m * of - n * out) * 100 >= _SHIFT * of * out:
            shifts.append(
                StanceShift(
                    key=row.key, number=row.number, kind=row.kind, stance=stance, was_of=(n, of), now_of=(m, out)
                )
            )
    return shifts


def _find_top(before: Sequence[PlaceRow], rows: Sequence[PlaceRow]) -> LargestPlace | None:
    """Return the part of the draft with more submissions than any other, if it was another one before."""
    first, second = _find_largest(before), _find_largest(rows)
    if first is None or second is None or first.key == second.key:
        return None
    return LargestPlace(key=second.key, number=second.number, kind=second.kind, was=first.number)


def _find_largest(rows: Sequence[PlaceRow]) -> PlaceRow | None:
    """Return the provision with more submissions than any other, or None in a tie or without provisions."""
    most = max((row.submissions for row in rows if row.kind == "provision"), default=0)
    found = [row for row in rows if row.kind == "provision" and row.submissions == most]
    return found[0] if len(found) == 1 else None


def _moved(shift: StanceShift) -> float:
    (n, of), (m, out) = shift.was_of or (0, 1), shift.now_of or (0, 1)
    return abs(m / out - n / of)
