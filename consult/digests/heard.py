"""What a consultation has heard, as plain data from which its page, its charts and its CSV files are made.

Pure: no session, no clock. Breakdowns by kind of contributor, language and country keep the floor of `groups.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from consult.analysis.queries import ANY, Totals
from consult.digests import groups, quotes
from consult.digests import topics as about
from consult.digests.body import Copied, Facts, Place, books_form, copied_form
from consult.digests.groups import Target
from consult.digests.quotes import Words
from consult.documents.tags import About

RULE = 2
_AGREED = 60
"""Per cent of the submissions of a place that must take one stance for it to be told as agreed."""
QUOTED = 3
"""Of the places on which most agree, how many are shown at first, with a quote each."""


@dataclass(frozen=True)
class Heard:
    """Everything the page is made of."""

    facts: Facts
    totals: Totals
    smallest: int
    places: Sequence[Place] = ()
    said: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    copied: Sequence[Copied] = ()
    topics: Sequence[About] = ()


def summary(heard: Heard) -> dict[str, Any]:
    """The data of the page but for the quotes of what most agree on."""
    rows = rows_of(heard)
    counts, k = heard.counts, heard.smallest
    order = [row["key"] for row in rows if row["kind"] == "provision"]
    return {
        "rule": RULE,
        "upto": heard.totals.upto,
        "k": k,
        "numbers": {
            "received": heard.totals.received, "published": heard.totals.published, "texts": heard.totals.texts,
            "individual": heard.totals.individual_texts, "organisations": heard.totals.organisations,
            "countries": len(counts["country"]), "languages": len(counts["language"]),
        },
        "books": books_form(heard.totals),
        "places": rows,
        "agreed": agreed(rows, counts["at"], k),
        "differ": groups.differences(counts["at"], order, k),
        "topics": about.rows(heard.topics, rows),
        "kinds": _breakdown(counts["kind"], k),
        "languages": _breakdown(counts["language"], k),
        "countries": _breakdown(counts["country"], k),
        "heard_less": groups.heard_less(counts, heard.targets, groups.DECLARED, k),
        "targets": [vars(target) for target in heard.targets],
        "days": days(counts["day"]),
        "copied": [copied_form(one) for one in heard.copied],
        "coverage": {
            "published": heard.totals.published, "placed": counts["coverage"].get("placed", 0),
            "unplaced": counts["coverage"].get("unplaced", 0),
        },
    }  # fmt: skip


def rows_of(heard: Heard) -> list[dict[str, Any]]:
    """Places with something published, those with the most distinct texts first: copies do not decide the order."""
    texts = heard.counts["texts"]
    found = []
    for position, place in enumerate(heard.places):
        said = heard.said.get(place.key, {})
        if said.get(ANY):
            stances = {stance: n for stance, n in said.items() if stance != ANY}
            found.append({**asdict(place), "position": position, "submissions": said[ANY], "stances": stances,
                          "texts": texts.get(place.key, 0), "quotes": []})  # fmt: skip
    found.sort(key=lambda row: (row["kind"] != "provision", -row["texts"], -row["submissions"], row["position"]))
    return found


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


def with_quotes(data: dict[str, Any], words: Sequence[Words]) -> dict[str, Any]:
    """The data with a quote at each place on which most agree, of the stance they agree in."""
    chosen = quotes.choose(words, [row["key"] for row in data["agreed"][:QUOTED]])
    stances = {row["key"]: row["stance"] for row in data["agreed"]}
    for row in data["places"]:
        row["quotes"] = [one for one in chosen.get(row["key"], []) if one["stance"] == stances.get(row["key"])]
    return data


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


def _breakdown(counts: Mapping[str, int], k: int) -> dict[str, Any]:
    found = groups.floored(counts, k)
    ranked = sorted(found.shown.items(), key=lambda pair: (-pair[1], pair[0]))
    return {"shown": [list(pair) for pair in ranked], "rest": found.rest, "groups": found.groups}


_STANCES = ("support", "concern", "wording", "evidence", "")
Rows = Iterable[Sequence[Any]]


def _paragraphs(data: Mapping[str, Any]) -> Rows:
    yield ("place", "words", "submissions", "distinct_texts", *_STANCES[:4], "not_said")
    for row in data["places"]:
        yield (row["number"] or row["kind"], row["words"], row["submissions"], row["texts"],
               *(row["stances"].get(stance, 0) for stance in _STANCES))  # fmt: skip


def _topics(data: Mapping[str, Any]) -> Rows:
    yield ("topic", "label", "paragraphs", "comments", *_STANCES[:4], "not_said")
    for row in data.get("topics", ()):
        yield (row["name"], row["labels"].get("en", ""), len(row["keys"]), row["comments"],
               *(row["stances"].get(stance, 0) for stance in _STANCES))  # fmt: skip


def _groups(data: Mapping[str, Any], name: str) -> Rows:
    yield (name.removesuffix("s"), "submissions")
    yield from data[name]["shown"]
    if data[name]["rest"]:
        yield ("groups too small to show", data[name]["rest"])


def _days(data: Mapping[str, Any]) -> Rows:
    yield ("day", "comments")
    yield from data["days"]


def _agreed(data: Mapping[str, Any]) -> Rows:
    yield ("place", "stance", "submissions", "of", "kinds_of_contributors", "kinds_with_it")
    for one in data["agreed"]:
        yield (one["key"], one["stance"], one["n"], one["of"], one["kinds"], one["kinds_with"])


def _differences(data: Mapping[str, Any]) -> Rows:
    yield ("place", "kind", "per_cent_support", "of")
    for row in data["differ"]:
        yield from ((row["place"], one["kind"], one["share"], one["of"]) for one in row["rows"])


def _letters(data: Mapping[str, Any]) -> Rows:
    yield ("letter", "name", "organiser", "submissions", "word_for_word", "adding", "turning_it_round", "an_example")
    for one in data["copied"]:
        yield (one["key"], one["name"], one["organiser"], one["total"], one["exact"], one["adding"],
               one["turned"], (one["sample"] or {}).get("reference"))  # fmt: skip


def _targets(data: Mapping[str, Any]) -> Rows:
    missed = {(row["dimension"], row["key"]): row for row in data["heard_less"]["targets"]}
    yield ("group", "hoped_for", "heard")
    for one in data["targets"]:
        row = missed.get((one["dimension"], one["key"]))
        heard = "as hoped for or more" if row is None else f"fewer than {data['k']}" if row["few"] else row["n"]
        yield (one["label"] or one["key"], one["wanted"], heard)


_MADE: Mapping[str, Callable[[Mapping[str, Any]], Rows]] = {
    "paragraphs": _paragraphs, "topics": _topics, "days": _days, "agreed": _agreed, "differences": _differences,
    "letters": _letters, "targets": _targets,
    **{name: partial(_groups, name=name) for name in ("kinds", "languages", "countries")},
}  # fmt: skip
TABLES = tuple(_MADE)


def table(data: Mapping[str, Any], name: str) -> Rows:
    """The rows of a CSV file, the names of its columns first. What is under the floor is in no file either."""
    return _MADE[name](data)
