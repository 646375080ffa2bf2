# mypy: disable-error-code="no-any-return"
"""Sections that only a report has: what most agree on, where groups differ, who was heard, comments per day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from consult.core.i18n import _
from consult.core.templates import number
from consult.digests import contributors, phrases, telling

Block = dict[str, Any]
Body = Mapping[str, Any]
_MOST = 10


def points(body: Body, way: Callable[[int], str], **extra: int) -> Iterator[Block]:
    """One line for each side of the places where views divide; `way` gives the address of an argument."""
    if found := telling.points(body, 3):
        yield {"is": "heading", "text": telling.points_title(body), **extra}
        yield {"is": "list", "items": [_point(one, way) for one in found], **extra}


def _point(one: telling.Point, way: Callable[[int], str]) -> Block:
    return {"text": telling.placed(one), "url": way(one.argument)}


def agreement(body: Body, way: Callable[[str], str]) -> Iterator[Block]:
    """What most agree on, and where kinds of contributors differ; `way` gives the address of a list by its name."""
    found, places = body.get("who", {}), {place["key"]: place for place in body["places"]}
    if found.get("agreed"):
        yield {"is": "heading", "text": _("What most agree on")}
        yield {"is": "list", "items": [_agreed(one, places[one["key"]], way) for one in found["agreed"][:_MOST]]}
    if found.get("differ"):
        yield {"is": "heading", "text": _("Where groups differ")}
        for one in found["differ"][:_MOST]:
            place = places[one["place"]]
            yield {"is": "place", "text": phrases.place_heading(place), "words": place["words"],
                   "lang": body["consultation"]["language"], "url": way(f"all-at:{place['key']}")}  # fmt: skip
            rows = [
                [_cell(contributors.group_title("kind", row["kind"])),
                 _cell(_("%(share)s%% of %(n)s", share=number(row["share"]), n=number(row["of"])),
                       way(contributors.side_list(place["key"], row["kind"])))]
                for row in one["rows"]
            ]  # fmt: skip
            yield _table([_("Kind of contributor"), _("Support")], rows)
        yield {"is": "quiet", "text": _("Of those who support or raise concerns; only kinds with at least %(k)s.",
                                        k=number(found["k"]))}  # fmt: skip


def _agreed(one: Mapping[str, Any], place: Mapping[str, Any], way: Callable[[str], str]) -> Block:
    stance = str(phrases.STANCES[one["stance"]])
    text = f"{phrases.place_heading(place)} · {stance}: {telling.agreed(one)}"
    return {"text": text, "url": way(f"all-at:{place['key']}:{one['stance']}")}


def who(body: Body, way: Callable[[str], str]) -> Iterator[Block]:
    """Who was heard, in groups that are large enough, and when; each number with its list."""
    found = body.get("who")
    if not found:
        return
    yield {"is": "heading", "text": _("Who was heard")}
    yield {"is": "quiet", "text": _("A group of fewer than %(k)s is never shown by itself.", k=number(found["k"]))}
    for title, _name, groups in contributors.breakdowns(found):
        if groups:
            rows = [[_cell(name), _cell(number(n), way(what))] for name, n, what in groups]
            yield _table([title, _("Submissions")], rows, [n for _name, n, _what in groups])
    if found.get("days"):
        yield {"is": "heading", "text": _("Comments per day")}
        yield {"is": "columns", "parts": [n for _day, n in found["days"]], "text": telling.peak(found["days"]).text}
        days = [[_cell(telling.a_day(day)), _cell(number(n), way(f"all-day:{day}") if n else "")]
                for day, n in found["days"]]  # fmt: skip
        yield _table([_("Day"), _("Comments")], days, [n for _day, n in found["days"]])


def _cell(text: str, url: str = "") -> Block:
    return {"text": text, "url": url}


def _table(head: list[str], rows: list[list[Block]], sizes: Sequence[int] = ()) -> Block:
    """A table; with `sizes` each row has a bar, the longest of which is whole."""
    most = max(sizes, default=0) or 1
    return {"is": "table", "head": head, "rows": rows, "bars": [n / most for n in sizes]}
