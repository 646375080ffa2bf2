"""Who was heard, what most agree on, when comments came: pure, from the rows of places and the counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from consult.analysis.queries import ANY
from consult.digests import groups

_AGREED = 60
"""Per cent of the submissions of a place that must take one stance for it to be told as agreed."""


def agreed(rows: Sequence[Mapping[str, Any]], said: Mapping[str, int], k: int) -> list[dict[str, Any]]:
    """The provisions on which most take one stance, and most kinds of contributors that are large enough do too."""
    found = []
    for row in rows:
        ranked = sorted(((n, stance) for stance, n in row["stances"].items() if stance), reverse=True)
        if row["kind"] != "provision" or not ranked or row["submissions"] < k:
            continue
        n, stance = ranked[0]
        if 100 * n >= _AGREED * row["submissions"]:
            kinds = [kind for kind in groups.KINDS if said.get(f"{row['key']} {ANY} {kind}", 0) >= k]
            with_it = [kind for kind in kinds if 2 * said.get(f"{row['key']} {stance} {kind}", 0)
                       > said.get(f"{row['key']} {ANY} {kind}", 0)]  # fmt: skip
            found.append({"key": row["key"], "stance": stance, "n": n, "of": row["submissions"],
                          "kinds": len(kinds), "kinds_with": len(with_it), "texts": row["texts"]})  # fmt: skip
    found.sort(key=lambda one: (-one["kinds_with"], -one["texts"], -one["n"], one["key"]))
    return found


def days(counts: Mapping[str, int]) -> list[list[Any]]:
    """Comments by day, without gaps, from the first day to the last.

    >>> days({"2026-12-01": 3, "2026-12-03": 1})
    [['2026-12-01', 3], ['2026-12-02', 0], ['2026-12-03', 1]]
    """
    if not counts:
        return []
    first, last = date.fromisoformat(min(counts)), date.fromisoformat(max(counts))
    span = (last - first).days
    every = [(first + timedelta(days=n)).isoformat() for n in range(span + 1)]
    return [[day, counts.get(day, 0)] for day in every]


def who(counts: Mapping[str, Mapping[str, int]], rows: Sequence[Mapping[str, Any]], k: int) -> dict[str, Any]:
    """Who was heard, in groups that are large enough; where counted, what most agree on and where they differ."""
    found: dict[str, Any] = {
        "k": k, "kinds": groups.breakdown(counts.get("kind", {}), k),
        "languages": groups.breakdown(counts.get("language", {}), k),
        "countries": groups.breakdown(counts.get("country", {}), k),
    }  # fmt: skip
    if "at" in counts:
        order = [row["key"] for row in rows if row["kind"] == "provision"]
        found["agreed"] = agreed(rows, counts["at"], k)
        found["differ"] = groups.differences(counts["at"], order, k)
        found["days"] = days(counts.get("day", {}))
    return found
