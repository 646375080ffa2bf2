"""Maps each number of a digest to the list behind it. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consult.digests.content import topics as content_topics
from consult.digests.content.body import (
    Body,
    BooksSection,
    ContributorSection,
    CoverageSection,
    GroupBreakdown,
    HeardLess,
    MissedTarget,
    NewAndTotal,
    NewsSection,
)
from consult.digests.content.rows import ArgumentRow, CampaignRow, CountedPlace, PlaceRow, TopicRow
from consult.digests.lists.names import CLASS_BY_LIST, REST, ListSelector, list_not_found
from consult.digests.sides.section import SidesSection

_BOOKS = {"individually": "published_individually", "in-campaigns": "published_in_campaigns"}
_COVERED = {"unplaced": "unplaced", "placed": "placed", "spoken": "spoken", "by-letter": "letter", "told": "either"}


@dataclass(frozen=True, kw_only=True)
class ListNumbers:
    """The numbers of a digest or of “What we heard”, for looking up their lists."""

    numbers: Mapping[str, NewAndTotal]
    news: NewsSection | None
    books: BooksSection
    places: Sequence[CountedPlace]
    topics: Sequence[TopicRow]
    copied: Sequence[CampaignRow]
    arguments: Sequence[ArgumentRow]
    coverage: CoverageSection | None
    who: ContributorSection | None
    heard_less: HeardLess | None
    sides: SidesSection | None = None


def find_numbers(body: Body | ListNumbers | None) -> ListNumbers:
    """Return the numbers of a body. Raises NotFound for an empty edition."""
    if body is None:
        raise list_not_found()
    if isinstance(body, ListNumbers):
        return body
    return ListNumbers(
        numbers=vars(body.numbers),
        news=body.news,
        books=body.books,
        places=body.places,
        topics=body.topics,
        copied=body.copied,
        arguments=body.arguments,
        coverage=body.coverage,
        who=body.who,
        heard_less=body.heard_less,
        sides=body.sides,
    )


def get_number(of: ListNumbers, what: ListSelector) -> int:
    """Return the number of a list. Raises NotFound if there is none."""
    if what.kind in of.numbers:
        return of.numbers[what.kind].total if what.all else of.numbers[what.kind].new
    number = _find_number(of, what)
    if number is None:
        raise list_not_found()
    return number


def _find_number(of: ListNumbers, what: ListSelector) -> int | None:
    if what.kind in _READERS:
        return _READERS[what.kind](of, what)
    if what.kind in CLASS_BY_LIST:
        return of.books.classes.get(CLASS_BY_LIST[what.kind])
    counts: Mapping[str, int | None]
    if what.kind in _COVERED:
        counts = vars(of.coverage) if of.coverage else {}
        return counts.get(_COVERED[what.kind])
    if what.all:
        counts = vars(of.books)
        return counts.get(_BOOKS.get(what.kind, what.kind))
    counts = vars(of.news) if of.news else {}
    n = counts.get(what.kind)
    return None if what.kind == "replied" and not n else n  # not mentioned in a digest if there are none


def _campaign_number(of: ListNumbers, what: ListSelector) -> int | None:
    row = next((row for row in of.copied if row.key == what.key), None)
    if row is None or not what.part:
        return row.total if row else None
    parts = {"exact": row.exact, "own": row.own, "changed": row.changed}
    return parts[what.part]


def find_place(of: ListNumbers, what: ListSelector) -> CountedPlace | None:
    """Return the part of the draft of a list, or None."""
    return next((row for row in of.places if row.key == what.place), None)


def _place_number(of: ListNumbers, what: ListSelector) -> int | None:
    row = find_place(of, what)
    if row is None:
        return None
    if what.all:
        return row.submissions if what.stance == "any" else row.stances.get(what.stance)
    if not isinstance(row, PlaceRow):
        return None
    return row.new if what.stance == "any" else row.stances_new.get(what.stance)


def find_breakdown(who: ContributorSection | None, dimension: str) -> GroupBreakdown | None:
    """Return the breakdown of a dimension, or None if the body has none."""
    return who.breakdowns.get(dimension) if who else None


def shown_groups(of: ListNumbers, dimension: str) -> dict[str, int]:
    """Return the groups whose number is shown. None is below the minimum or reveals one by subtraction."""
    breakdown = find_breakdown(of.who, dimension)
    return dict(breakdown.shown) if breakdown else {}


def _group_number(of: ListNumbers, what: ListSelector) -> int | None:
    if what.keys == (REST,):
        breakdown = find_breakdown(of.who, what.dimension)
        return (breakdown.rest or None) if breakdown else None
    there = shown_groups(of, what.dimension)
    return sum(there[key] for key in what.keys) if there.keys() >= set(what.keys) else None


def _side_number(of: ListNumbers, what: ListSelector) -> int | None:
    differ = (of.who.differ if of.who else None) or ()
    rows = [row for one in differ if one.place == what.place for row in one.rows]
    return next((row.of for row in rows if row.kind in what.keys), None)


def _target_number(of: ListNumbers, what: ListSelector) -> int | None:
    row = get_target(of, what)
    return row.n if row.dimension == "group" and row.n else None


def get_target(of: ListNumbers, what: ListSelector) -> MissedTarget:
    """Return the missed target of a list. Raises NotFound."""
    rows = of.heard_less.targets if of.heard_less else ()
    if int(what.key) >= len(rows):
        raise list_not_found()
    return rows[int(what.key)]


def _day_number(of: ListNumbers, what: ListSelector) -> int | None:
    days = (of.who.days if of.who else None) or ()
    return next((n for day, n in days if day == what.key and n), None)


def _argument_number(of: ListNumbers, what: ListSelector) -> int | None:
    return next((argument.new for argument in of.arguments if str(argument.id) == what.key), None)


def _topic_number(of: ListNumbers, what: ListSelector) -> int | None:
    row = content_topics.find_topic(of.topics, what.key)
    if row is None:
        return None
    return row.comments if what.all else row.new


def _wanted_number(of: ListNumbers, what: ListSelector) -> int | None:
    if of.sides is None:
        return None
    return {**of.sides.sides, "unread": of.sides.unread, "elsewhere": of.sides.elsewhere}.get(what.key)


_READERS: Mapping[str, Callable[[ListNumbers, ListSelector], int | None]] = {
    "copies": _campaign_number,
    "letter": _campaign_number,
    "at": _place_number,
    "about": _topic_number,
    "of": _group_number,
    "side": _side_number,
    "met": _target_number,
    "day": _day_number,
    "argued": _argument_number,
    "wants": _wanted_number,
}


def list_keys(of: ListNumbers, what: ListSelector) -> list[str]:
    """Return the keys of a list's submissions: the parts of the draft of a topic, or groups of contributors."""
    if what.kind == "about":
        topic = content_topics.find_topic(of.topics, what.key)
        return list(topic.keys) if topic else []
    return list(shown_groups(of, what.dimension)) if what.keys == (REST,) else list(what.keys)


def get_group(of: ListNumbers, what: ListSelector) -> str:
    """Return the group of contributors of a list at meetings, or an empty string."""
    return get_target(of, what).key if what.kind == "met" else ""
