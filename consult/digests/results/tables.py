"""CSV tables of "What we heard". Suppressed groups appear in no file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.template_filters import percentage
from consult.digests.content.body import DIMENSIONS, ContributorSection, GroupBreakdown
from consult.digests.content.rows import CountedPlace
from consult.digests.results.summary import Summary

_ONE = {key: dimension for dimension, key in DIMENSIONS.items()}
_STANCES = ("support", "concern", "wording", "evidence", "")
TableRows = Iterable[Sequence[object]]
PlaceCells = Callable[[CountedPlace], Sequence[object]]
"""What a file says of a place, by `PLACE_COLUMNS`."""
PLACE_COLUMNS = ("place", "place_kind", "place_number", "place_id", "version", "page")


def _paragraphs(data: Summary, cells: PlaceCells) -> TableRows:
    copies = (f"copies_{name or 'not_said'}" for name in _STANCES)
    yield (*PLACE_COLUMNS, "words", "submissions", "distinct_texts", *_STANCES[:4], "not_said", *copies)
    for row in data.places:
        yield (
            *cells(row),
            row.words,
            row.submissions,
            row.texts,
            *(row.stances.get(stance, 0) for stance in _STANCES),
            *((row.copied or {}).get(stance, 0) for stance in _STANCES),
        )


def _topics(data: Summary) -> TableRows:
    yield ("topic", "label", "paragraphs", "comments", *_STANCES[:4], "not_said")
    for row in data.topics:
        yield (
            row.name,
            row.labels.get(DEFAULT_LANGUAGE, ""),
            len(row.keys),
            row.comments,
            *(row.stances.get(stance, 0) for stance in _STANCES),
        )


def _group_rows(found: GroupBreakdown) -> TableRows:
    yield from found.shown
    if found.rest:
        yield ("groups too small to show", found.rest)


def _groups(data: Summary, name: str) -> TableRows:
    yield (_ONE[name], "submissions")
    if found := data.breakdowns.get(_ONE[name]):
        yield from _group_rows(found)


def build_breakdown_table(who: ContributorSection | None) -> TableRows:
    """Who was heard in one table: by kind of contributor, then by each field that is counted."""
    yield ("by", "group", "submissions")
    for dimension in DIMENSIONS:
        if who and (found := who.breakdowns.get(dimension)):
            yield from ((dimension, *row) for row in _group_rows(found))


def _days(data: Summary) -> TableRows:
    yield ("day", "comments")
    yield from data.days


def _agreed(data: Summary, cells: PlaceCells) -> TableRows:
    yield (*PLACE_COLUMNS, "stance", "submissions", "of", "kinds_of_contributors", "kinds_with_it")
    places = {row.key: row for row in data.places}
    for one in data.agreed:
        yield (*cells(places[one.key]), one.stance, one.n, one.of, one.kinds, one.kinds_with)


def _differences(data: Summary, cells: PlaceCells) -> TableRows:
    yield (*PLACE_COLUMNS, "kind", "per_cent_support", "of")
    places = {row.key: row for row in data.places}
    for row in data.differ:
        where = cells(places[row.place])
        yield from ((*where, one.kind, float(percentage(one.n or 0, one.of)), one.of) for one in row.rows)


def _letters(data: Summary) -> TableRows:
    yield (
        "letter",
        "name",
        "organiser",
        "submissions",
        "word_for_word",
        "adding",
        "turning_it_round",
        "of_these_confirmed",
        "an_example",
        "published",
    )
    for one in data.copied:
        yield (
            one.key,
            one.name,
            one.organiser,
            one.total,
            one.exact,
            one.adding,
            one.turned,
            one.confirmed or 0,
            one.sample.reference if one.sample else None,
            one.published,
        )


def _targets(data: Summary) -> TableRows:
    missed = {(row.dimension, row.key): row for row in data.heard_less.targets}
    yield ("group", "hoped_for", "heard")
    for one in data.targets:
        row = missed.get((one.dimension, one.key))
        heard = "as hoped for or more" if row is None else f"fewer than {data.k}" if row.few else row.n
        yield (one.label or one.key, one.wanted, heard)


_AT_PLACES: Mapping[str, Callable[[Summary, PlaceCells], TableRows]] = {
    "paragraphs": _paragraphs,
    "agreed": _agreed,
    "differences": _differences,
}
_MADE: Mapping[str, Callable[[Summary], TableRows]] = {
    "topics": _topics,
    "days": _days,
    "letters": _letters,
    "targets": _targets,
    **{name: partial(_groups, name=name) for name in _ONE},
}
TABLES = (*_AT_PLACES, *_MADE)


def build_table(data: Summary, name: str, cells: PlaceCells) -> TableRows:
    """The rows of a CSV file, the names of its columns first. What is under the floor is in no file either."""
    return _AT_PLACES[name](data, cells) if name in _AT_PLACES else _MADE[name](data)
