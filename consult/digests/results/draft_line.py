"""The whole draft as one chart: keep above the axis, change and delete below, a column per paragraph. Pure.

If a draft has more paragraphs than fit, a column is a chapter. If a stack would be too high, a square stands for
several submissions. Right-to-left layouts are computed here, since mirroring would mirror text too.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from consult.core.text import excerpt
from consult.digests.content.rows import StanceCounts

MAX_COLUMNS = 60
MAX_SQUARES = 22
"""The maximum number of squares of a stack on one side of the axis."""
MAX_OUTLIERS = 3
SIDES = (("support", "evidence"), ("drop", "wording", "concern"))
"""The types above and below the axis, from the axis outwards."""
_FAR = 3
"""A column can be labelled if it has at least this many more comments than the median of its side."""
_WIDTH, _GAP, _EDGE = 690.0, 15.0, 2.0
_LINE, _CHARACTER = 16.5, 6.9
"""The height of a line of a label, and the approximate width of a character."""
_CHAPTER_CHARACTER, _CHAPTER_LINES = 6.2, 3


@dataclass(frozen=True)
class LineColumn:
    """A column: a paragraph, or a chapter with everything in it."""

    key: str
    label: str
    title: str
    stances: StanceCounts
    copied: StanceCounts
    counted: bool = True  # a paragraph, no heading and no point
    address: str = ""
    words: str = ""

    def count(self, side: int) -> int:
        return sum(self.stances.get(kind, 0) for kind in SIDES[side])

    def count_copies(self, side: int) -> int:
        return sum(self.copied.get(kind, 0) for kind in SIDES[side])


@dataclass(frozen=True)
class LineGroup:
    """A chapter: its label, title and columns."""

    key: str
    label: str
    title: str
    columns: Sequence[LineColumn]


@dataclass(frozen=True)
class LineText:
    """A text in the chart with its CSS class. `end` means that it ends at its point."""

    kind: str
    x: float
    y: float
    words: str
    end: bool = False
    language: str = ""


LabelLines = Sequence[tuple[str, str, str]]
"""Lines of a label: CSS class, words and their language, empty for the page's."""
Describe = Callable[[LineColumn, int], LabelLines]
Points = Sequence[tuple[float, float]]
Turn = Callable[[float], float]
"""A function that maps a horizontal position, mirrored for right-to-left layouts."""


@dataclass(frozen=True)
class DraftLine:
    """The chart in its own units: the shapes, and the number of submissions per square."""

    width: float
    height: float
    unit: int
    by_chapter: bool
    squares: Mapping[tuple[str, bool], str]  # paths by kind, and whether they are of copies
    axis: str
    rules: str  # over the names of chapters
    leaders: str  # from outliers to their labels
    texts: Sequence[LineText]
    near: float  # the side where lines begin
    above: float  # where the words on what is above stand
    below: float


@dataclass(frozen=True)
class _Box:
    """Occupied space on one side of the axis, measured outwards."""

    start: float
    stop: float
    depth: float


def fold_chapters(groups: Sequence[LineGroup]) -> Sequence[LineGroup]:
    """Return the groups, each folded into one column if there are too many columns."""
    if sum(len(group.columns) for group in groups) <= MAX_COLUMNS:
        return groups
    return [replace(group, columns=[_fold(group)]) for group in groups]


def _fold(group: LineGroup) -> LineColumn:
    stances, copied = (_sum_counts(group.columns, name) for name in ("stances", "copied"))
    return LineColumn(group.key, group.label, group.title, stances, copied)


def _sum_counts(columns: Sequence[LineColumn], name: str) -> StanceCounts:
    counts: dict[str, int] = defaultdict(int)
    for column in columns:
        for kind, n in getattr(column, name).items():
            counts[kind] += n
    return counts


def choose_unit(most: int) -> int:
    """Return how many submissions a square represents: the smallest round number for which the highest stack fits.

    >>> [choose_unit(n) for n in (0, 22, 23, 200, 9000)]
    [1, 1, 2, 10, 500]
    """
    unit = 1
    while most > unit * MAX_SQUARES:
        first = int(str(unit)[0])
        unit = unit * 5 // 2 if first == 2 else unit * 2
    return unit


def find_outliers(columns: Sequence[LineColumn]) -> list[tuple[LineColumn, int]]:
    """Return the columns furthest from the median of a side, with the side. Of tied columns, all or none are included.

    >>> def one(key, n): return LineColumn(key, key, "", {"concern": n}, {})
    >>> [column.key for column, side in find_outliers([one("a", 9), one("b", 1), one("c", 1), one("d", 1)])]
    ['a']
    """
    middle = [median([column.count(side) for column in columns]) for side in (0, 1)] if columns else []
    far = [
        (column.count(side) - middle[side], column, side)
        for column in columns
        for side in (0, 1)
        if column.count(side) - middle[side] >= _FAR
    ]
    far.sort(key=lambda row: -row[0])
    if len(far) > MAX_OUTLIERS:
        cut = far[MAX_OUTLIERS][0]
        far = [row for row in far[:MAX_OUTLIERS] if row[0] > cut]
    return [(column, side) for _distance, column, side in far]


def draw(groups: Sequence[LineGroup], describe: Describe, *, mirrored: bool) -> DraftLine:
    """Draw the chart of these chapters. `describe` returns the lines of an outlier's label."""
    folded = fold_chapters(groups)
    by_chapter = folded is not groups
    columns = [column for group in folded for column in group.columns]
    unit = choose_unit(max((column.count(side) for column in columns for side in (0, 1)), default=0))
    gap = 6.0 if by_chapter else _GAP
    pitch = min(max((_WIDTH - gap * (len(folded) - 1)) / max(len(columns), 1), 10.0), 13.0)
    places = _place_columns(folded, pitch, gap)
    width = max(_WIDTH, max((x + pitch for x in places.values()), default=0.0) + _EDGE)
    plan = _Plan(places, pitch, width, unit, {column.key: column for column in columns})
    texts, leaders = plan.label(find_outliers(columns), describe)
    return plan.finish(folded, texts, leaders, mirrored=mirrored, by_chapter=by_chapter)


def _place_columns(groups: Sequence[LineGroup], pitch: float, gap: float) -> dict[str, float]:
    x, places = _EDGE, {}
    for group in groups:
        for column in group.columns:
            places[column.key] = x
            x += pitch
        x += gap
    return places


class _Plan:
    """Columns with positions, while labels are placed between them."""

    def __init__(
        self, places: dict[str, float], pitch: float, width: float, unit: int, columns: Mapping[str, LineColumn]
    ) -> None:
        self.places, self.pitch, self.width, self.unit, self.columns = places, pitch, width, unit, columns
        self.size = pitch - 2.4
        self.taken = [
            [_Box(x, x + pitch, self._depth(columns[key], side)) for key, x in places.items()] for side in (0, 1)
        ]

    def _stack(self, column: LineColumn, side: int) -> list[tuple[str, bool]]:
        """Return the squares of a side from the axis outwards: of each type individual comments first, then copies."""
        found = []
        for kind in SIDES[side]:
            copies = min(column.copied.get(kind, 0), column.stances.get(kind, 0))
            for n, copied in ((column.stances.get(kind, 0) - copies, False), (copies, True)):
                found += [(kind, copied)] * -(-n // self.unit)
        return found

    def _depth(self, column: LineColumn, side: int) -> float:
        return len(self._stack(column, side)) * self.pitch + 5

    def label(
        self, outliers: Iterable[tuple[LineColumn, int]], describe: Describe
    ) -> tuple[list[LineText], list[Points]]:
        """Place each outlier's label in free space, and return the labels and lines to them. The axis is at 0.

        Labels of columns on the right come first, so that others are placed beyond them. A line that would cross a
        label is left out.
        """
        texts: list[LineText] = []
        leaders: list[Points] = []
        labels: list[tuple[int, _Box]] = []
        described = [(column, side, describe(column, side)) for column, side in outliers]
        for column, side, lines in sorted(described, key=lambda row: -self.places[row[0].key]):
            x, sign = self.places[column.key], 1 if side else -1
            box, after = self._find_room(x, side, lines)
            self.taken[side].append(_Box(box.start, box.stop, box.depth + len(lines) * _LINE - 6))
            first = box.depth if side else -box.depth - len(lines) * _LINE + _LINE
            at = box.start if after else box.stop
            texts += [
                LineText(kind, at, first + n * _LINE, words, not after, language)
                for n, (kind, words, language) in enumerate(lines)
            ]
            lead = self._lead(x, self._depth(column, side), box.depth - 4, at, after=after)
            if not any(other == side and _is_crossed(label, lead) for other, label in labels):
                leaders.append([(place, sign * down) for place, down in lead])
                self.taken[side].append(_Box(x, x + self.pitch, box.depth))
            labels.append((side, box))
        return texts, leaders

    def _find_room(self, x: float, side: int, lines: LabelLines) -> tuple[_Box, bool]:
        """Return where the label of a column at `x` begins, and whether it is after the column rather than before."""
        width = max(len(words) for _kind, words, _language in lines) * _CHARACTER
        after = x + self.pitch + 20 + width <= self.width
        start = x + self.pitch + 18 if after else max(x - 18 - width, 0.0)
        under = [box.depth for box in self.taken[side] if box.start < start + width and box.stop > start]
        return _Box(start, start + width, max(under, default=5.0) + 14), after

    def _lead(self, x: float, stack: float, depth: float, at: float, *, after: bool) -> Points:
        """Return a line from a column to its label: from its side if it is high enough, else from its end."""
        to = (at - 5 if after else at + 5, depth)
        if stack > depth:
            return [(x + self.pitch if after else x - 3, depth), to]
        middle = x + self.size / 2
        return [(middle, stack + 1), (middle, depth), to]

    def finish(
        self,
        groups: Sequence[LineGroup],
        texts: Sequence[LineText],
        leaders: Sequence[Points],
        *,
        mirrored: bool,
        by_chapter: bool,
    ) -> DraftLine:
        """Return the complete chart, measured from the top, with chapters below."""
        top, bottom = (max((box.depth for box in side), default=0.0) for side in self.taken)
        axis = top + 26
        foot = axis + bottom + 30
        chapters = _name_chapters(groups, self.places, self.pitch, foot + 17, width=self.width)
        moved = [replace(text, y=text.y + axis) for text in texts] + chapters
        spans = _spans(groups, self.places, self.pitch)
        turn = _mirror(self.width) if mirrored else _keep
        return DraftLine(
            width=self.width,
            height=max((one.y for one in moved), default=foot) + 6,
            unit=self.unit,
            by_chapter=by_chapter,
            squares={key: "".join(paths) for key, paths in self._squares(axis, turn).items()},
            axis=_path([[(a, axis), (b, axis)] for a, b in spans], turn),
            rules=_path([[(a, foot), (b, foot)] for a, b in spans], turn),
            leaders=_path([[(x, y + axis) for x, y in leader] for leader in leaders], turn),
            texts=[replace(one, x=turn(one.x)) for one in moved],
            near=turn(0.0),
            above=14.0,
            below=foot - 10,
        )

    def _squares(self, axis: float, turn: Turn) -> dict[tuple[str, bool], list[str]]:
        squares: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for key, x in self.places.items():
            left = min(turn(x), turn(x + self.size))
            for side in (0, 1):
                for n, (kind, copied) in enumerate(self._stack(self.columns[key], side)):
                    away = 4 + n * self.pitch
                    y = axis + away if side else axis - away - self.size
                    inset = 0.75 if copied else 0.0  # half the stroke of a hollow one
                    side_length = self.size - 2 * inset
                    squares[kind, copied].append(
                        f"M{left + inset:.1f} {y + inset:.1f}h{side_length:.1f}v{side_length:.1f}h-{side_length:.1f}z"
                    )
        return squares


def _is_crossed(label: _Box, lead: Points) -> bool:
    """Return True if a line from a column passes the first line of a label on its way outwards."""
    (x, begin), (_x, end) = lead[0], lead[-1]
    return label.start < x < label.stop and begin < label.depth < end


def _keep(x: float) -> float:
    return x


def _mirror(width: float) -> Turn:
    return lambda x: width - x


def _path(lines: Iterable[Points], turn: Turn) -> str:
    return "".join("M" + "L".join(f"{turn(x):.1f} {y:.1f}" for x, y in points) for points in lines)


def _spans(groups: Sequence[LineGroup], places: Mapping[str, float], pitch: float) -> list[tuple[float, float]]:
    return [
        (places[group.columns[0].key], places[group.columns[-1].key] + pitch - 2.4) for group in groups if group.columns
    ]


def _shorten(lines: list[str]) -> list[str]:
    """Return the first lines, with an ellipsis if there are more."""
    kept = lines[:_CHAPTER_LINES]
    return kept if len(lines) <= _CHAPTER_LINES else [*kept[:-1], f"{kept[-1]}…"]


def _name_chapters(
    groups: Sequence[LineGroup], places: Mapping[str, float], pitch: float, y: float, *, width: float
) -> list[LineText]:
    """Return the number of each chapter, and its title if it fits."""
    chapters = []
    kept = [group for group in groups if group.columns]
    spans = _spans(groups, places, pitch)
    for group, (start, _stop), after in zip(kept, spans, [*spans[1:], (width, width)], strict=True):
        number = group.label or ""
        chapters.append(LineText("t-chapter", start, y, number))
        indent = len(number) * 8 + 5 if number else 0
        room = int((after[0] - start - indent - 6) / _CHAPTER_CHARACTER)
        if room < 6:
            continue
        lines = textwrap.wrap(group.title, room, break_long_words=False)
        chapters += [
            LineText("t-quiet", start + indent, y + n * 15, excerpt(line, room), language="draft")
            for n, line in enumerate(_shorten(lines))
        ]
    return chapters
