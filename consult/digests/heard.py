"""What a consultation has heard, as plain data from which its page, its charts and its CSV files are made.

Pure: no session, no clock. Breakdowns by kind of contributor, language and country keep the floor of `groups.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from consult.analysis.queries import ANY, Totals
from consult.digests import findings, groups, quotes
from consult.digests import topics as about
from consult.digests.body import Facts, Place, books_form
from consult.digests.copied import Copied, copied_form
from consult.digests.groups import Target
from consult.digests.quotes import Words
from consult.documents.tags import About

RULE = 2
PRESSED = 12
"""Places of the table that is shown at first, each with what most argue there."""
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
        "agreed": findings.agreed(rows, counts["at"], k),
        "differ": groups.differences(counts["at"], order, k),
        "topics": about.rows(heard.topics, rows),
        "kinds": groups.breakdown(counts["kind"], k),
        "languages": groups.breakdown(counts["language"], k),
        "countries": groups.breakdown(counts["country"], k),
        "heard_less": groups.heard_less(counts, heard.targets, groups.DECLARED, k),
        "targets": [vars(target) for target in heard.targets],
        "days": findings.days(counts["day"]),
        "copied": [copied_form(one) for one in heard.copied],
        "coverage": {
            "published": heard.totals.published, "placed": counts["coverage"].get("placed", 0),
            "unplaced": counts["coverage"].get("unplaced", 0),
        },
    }  # fmt: skip


def finding(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The finding of the page, as that of a digest: what most agree on, where there is a place on which most do."""
    return next(({**one, "place": one["key"]} for one in data["agreed"]), {})


def rows_of(heard: Heard) -> list[dict[str, Any]]:
    """Places with something published, those with the most distinct texts first: copies do not decide the order."""
    texts = heard.counts["texts"]
    found = []
    for position, place in enumerate(heard.places):
        said = heard.said.get(place.key, {})
        if said.get(ANY):
            stances = {stance: n for stance, n in said.items() if stance != ANY}
            found.append({**vars(place), "position": position, "submissions": said[ANY], "stances": stances,
                          "texts": texts.get(place.key, 0), "quotes": []})  # fmt: skip
    found.sort(key=lambda row: (row["kind"] != "provision", -row["texts"], -row["submissions"], row["position"]))
    return found


def with_quotes(data: dict[str, Any], words: Sequence[Words]) -> dict[str, Any]:
    """The data with a quote at each place on which most agree, of the stance they agree in."""
    chosen = quotes.choose(words, [row["key"] for row in data["agreed"][:QUOTED]])
    stances = {row["key"]: row["stance"] for row in data["agreed"]}
    for row in data["places"]:
        row["quotes"] = [one for one in chosen.get(row["key"], []) if one["stance"] == stances.get(row["key"])]
    return data


_ONE = {"kinds": "kind", "languages": "language", "countries": "country"}
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
    yield (_ONE[name], "submissions")
    yield from data[name]["shown"]
    if data[name]["rest"]:
        yield ("groups too small to show", data[name]["rest"])


def breakdown_rows(who: Mapping[str, Any]) -> Rows:
    """Who was heard in one table: by kind of contributor, by language and by country."""
    yield ("by", "group", "submissions")
    for name in [name for name in _ONE if name in who]:
        yield from ((_ONE[name], *row) for row in list(_groups(who, name))[1:])


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
    **{name: partial(_groups, name=name) for name in _ONE},
}  # fmt: skip
TABLES = tuple(_MADE)


def table(data: Mapping[str, Any], name: str) -> Rows:
    """The rows of a CSV file, the names of its columns first. What is under the floor is in no file either."""
    return _MADE[name](data)
