"""CSV tables of “What we heard”, without suppressed groups. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import percentage
from consult.digests.content.body import DIMENSIONS, Body, ContributorSection, GroupBreakdown
from consult.digests.content.rows import AMENDMENT, CountedPlace
from consult.digests.figures.summary import Summary
from consult.digests.render import phrases
from consult.submissions import stances

_ONE = {key: dimension for dimension, key in DIMENSIONS.items()}
_STANCES = (*stances.FILED, "")
TableRows = Iterable[Sequence[object]]
PlaceCells = Callable[[CountedPlace], Sequence[object]]
"""A function that returns the cells of a place for `PLACE_COLUMNS`."""
PLACE_COLUMNS = ("place", "place_kind", "place_number", "place_id", "version", "page")


def _paragraphs(data: Summary, cells: PlaceCells) -> TableRows:
    copies = (f"copies_{name or 'not_said'}" for name in _STANCES)
    yield (*PLACE_COLUMNS, "words", "submissions", "distinct_texts", *stances.FILED, "not_said", *copies, AMENDMENT)
    for row in data.places:
        yield (
            *cells(row),
            row.words,
            row.submissions,
            row.texts,
            *(row.stances.get(stance, 0) for stance in _STANCES),
            *((row.copied or {}).get(stance, 0) for stance in _STANCES),
            row.stances.get(AMENDMENT, 0),
        )


def _topics(data: Summary) -> TableRows:
    yield ("topic", "label", "paragraphs", "comments", *stances.FILED, "not_said", AMENDMENT)
    for row in data.topics:
        yield (
            row.name,
            row.labels.get(DEFAULT_LANGUAGE, ""),
            len(row.keys),
            row.comments,
            *(row.stances.get(stance, 0) for stance in _STANCES),
            row.stances.get(AMENDMENT, 0),
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
    """Yield the contributors in one table: by kind, then by each counted field."""
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
            one.sample.reference if one.sample else None,
            one.published,
        )


def _targets(data: Summary) -> TableRows:
    missed = {(row.dimension, row.key): row for row in data.heard_less.targets}
    yield ("group", "hoped_for", "heard")
    for target in data.targets:
        row = missed.get((target.dimension, target.key))
        heard = "as hoped for or more" if row is None else f"fewer than {data.k}" if row.few else row.n
        yield (target.label or target.key, target.wanted, heard)


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
    """Return the rows of a CSV file, starting with column names. Suppressed groups are not included."""
    return _AT_PLACES[name](data, cells) if name in _AT_PLACES else _MADE[name](data)


def place_cells(slug: str, place: CountedPlace, version: int | None) -> tuple[object, ...]:
    """Return the cells of a part of the draft for `PLACE_COLUMNS`. `version` is the counted version of the draft."""
    kind, number, address = place.kind, place.number, place.address
    if kind == "provision":
        page = public_url("submissions.place", slug=slug, number=address, version=version)
        return phrases.place_heading(place), kind, number, place.key, version, page
    if kind == "former":
        return _("In an earlier version of the draft"), kind, "", place.key, "", ""
    if kind == "question":
        page = public_url("submissions.published", slug=slug, question=address)
        return phrases.place_heading(place), kind, number, f"question-{number}", "", page
    return phrases.place_heading(place), kind, "", "", "", public_url("submissions.published", slug=slug, on="whole")


def build_count_rows(body: Body, version: int | None) -> Iterator[list[object]]:
    """Yield the table of all counts as rows, starting with column names."""
    yield [*PLACE_COLUMNS, "words", "new", "in_all", "distinct_texts", *stances.FILED, "not_said", AMENDMENT]
    slug = body.consultation.slug
    for place in body.places:
        numbers = (place.new, place.submissions, "" if place.texts is None else place.texts)
        counts = (place.stances.get(stance, 0) for stance in (*_STANCES, AMENDMENT))
        yield [*place_cells(slug, place, version), place.words, *numbers, *counts]
