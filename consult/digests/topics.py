"""What was said about a topic: the places of the draft that a term of the taxonomy is set for, and what they drew.

Pure. A topic counts a submission once at each of its places, as the places themselves do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from consult.documents.tags import About

Rows = Sequence[Mapping[str, Any]]


def rows(topics: Sequence[About], places: Rows) -> list[dict[str, Any]]:
    """The topics of which something was said, those with most distinct new texts first.

    >>> place = {"key": "a", "submissions": 7, "new": 2, "texts": 4, "texts_new": 1, "stances": {"concern": 7}}
    >>> [row] = rows([About("rights", "health", {"en": "Right to health"}, ["a", "b"], True)], [place])
    >>> row["name"], row["comments"], row["new"], row["keys"], row["stances"]
    ('rights:health', 7, 2, ['a'], {'concern': 7})
    """
    by_key = {place["key"]: place for place in places}
    found = [_row(topic, [by_key[key] for key in topic.wids if key in by_key]) for topic in topics]
    found = [row for row in found if row["comments"]]
    order = sorted(enumerate(found), key=lambda pair: (-pair[1]["texts_new"], -pair[1]["texts"], pair[0]))
    return [row for _position, row in order]


def _row(topic: About, here: Rows) -> dict[str, Any]:
    stances: Counter[str] = Counter()
    for place in here:
        stances.update(place["stances"])
    return {
        "name": f"{topic.scheme}:{topic.notation}", "scheme": topic.scheme, "notation": topic.notation,
        "labels": dict(topic.labels), "keys": [place["key"] for place in here], "direct": topic.direct,
        "comments": sum(place["submissions"] for place in here), "new": sum(place.get("new", 0) for place in here),
        "texts": sum(place["texts"] for place in here), "texts_new": sum(place.get("texts_new", 0) for place in here),
        "stances": dict(stances),
    }  # fmt: skip


def named(data: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The topic of this name, of a digest or of what was heard; None where nothing was said about it."""
    return next((row for row in data.get("topics", ()) if row["name"] == name), None)


def through(data: Mapping[str, Any], topic: Mapping[str, Any]) -> dict[str, Any]:
    """The data seen through a topic: only its places, what most agree on there, and where groups differ there."""
    keys = set(topic["keys"])
    seen = {**data, "places": [{**row} for row in data["places"] if row["key"] in keys]}
    for part, key in (("agreed", "key"), ("differ", "place")):
        if part in data:
            seen[part] = [row for row in data[part] if row[key] in keys]
    return seen
