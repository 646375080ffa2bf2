"""What changed since the last edition: pure, from its body and the new one's places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RULE = 1
_SHIFT = 5
"""Percentage points by which a stance's share must have moved to be told."""
_FEWEST = 5
"""Submissions at a place below which its shares are not compared."""
_MOST = 3


def changes(before: Mapping[str, Any] | None, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What moved between two editions: places spoken of for the first time, and stances that gained or lost.

    None for a first edition.

    >>> before = {"edition": 1, "places": [{"key": "a", "submissions": 10, "stances": {"concern": 2}}]}
    >>> rows = [{"key": "a", "number": "1.1", "kind": "provision", "submissions": 20, "stances": {"concern": 10}}]
    >>> changes(before, rows)["shifts"]
    [{'key': 'a', 'number': '1.1', 'kind': 'provision', 'stance': 'concern', 'was': 20, 'now': 50}]
    """
    if not before:
        return None
    known = {row["key"]: row for row in before.get("places", ())}
    fresh = [_named(row) | {"submissions": row["submissions"]} for row in rows if row["key"] not in known]
    shifts = [shift for row in rows if row["key"] in known for shift in _shifts(known[row["key"]], row)]
    shifts.sort(key=lambda shift: (-abs(shift["now"] - shift["was"]), shift["key"], shift["stance"]))
    return {
        "edition": before.get("edition", 0), "first_spoken": fresh[:_MOST], "first_spoken_in_all": len(fresh),
        "shifts": shifts[:_MOST], "top": _top(before, rows),
    }  # fmt: skip


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": row["key"], "number": row["number"], "kind": row["kind"]}


def _shifts(was: Mapping[str, Any], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if min(was["submissions"], row["submissions"]) < _FEWEST:
        return []
    found = []
    for stance in sorted(set(was["stances"]) | set(row["stances"])):
        before, after = (round(100 * one["stances"].get(stance, 0) / one["submissions"]) for one in (was, row))
        if stance and abs(after - before) >= _SHIFT:
            found.append({**_named(row), "stance": stance, "was": before, "now": after})
    return found


def _top(before: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The place most spoke to in all, if it is another one than before."""
    first, second = (
        max(known, key=lambda row: (row["submissions"], row["key"]), default=None)
        for known in ([row for row in before.get("places", ()) if row["kind"] == "provision"],
                      [row for row in rows if row["kind"] == "provision"])
    )  # fmt: skip
    if first is None or second is None or first["key"] == second["key"]:
        return None
    return {**_named(second), "was": first["number"]}
