"""Plots of series as SVG geometry, in units of the view box. Lines break at missing values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from math import floor, log10

from consult.plans.indicators.model import PlanIndicator
from consult.plans.indicators.periods import read_periods

WIDTH, HEIGHT = 640, 280
_START, _END, _TOP, _FOOT = 72, 30, 16, 34
SPARK_WIDTH, SPARK_HEIGHT = 96, 28
MAX_LINES = 6
"""Maximum number of lines in a plot. The table has all of them."""
_TICKS = 4
_LABELS = 8


@dataclass(frozen=True)
class PlotSeries:
    """A line: its name and its values by time, None where missing."""

    name: str
    points: Sequence[tuple[str, Decimal | None]]


@dataclass(frozen=True)
class Spark:
    """A small line of an indicator with its target and last value."""

    path: str
    target: float | None
    last: str
    period: str
    dot: tuple[float, float]


@dataclass(frozen=True)
class PlotLine:
    name: str
    path: str
    dots: Sequence[tuple[float, float]]
    end: tuple[float, float]


@dataclass(frozen=True)
class PlotPicture:
    """A plot for a template: axes with labels, lines, and the positions of target and baseline."""

    lines: Sequence[PlotLine]
    ticks: Sequence[tuple[float, Decimal]]
    periods: Sequence[tuple[float, str]]
    target: float | None = None
    baseline: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    start: int = _START
    end: int = WIDTH - _END
    foot: int = field(default=HEIGHT - _FOOT)


def place_periods(periods: Sequence[str]) -> list[float]:
    """Return the positions of periods on the axis, 0 to 1: by time if all can be read, else evenly spaced.

    >>> place_periods(["2021", "2022", "2025"]), place_periods(["before", "after"])
    ([0.0, 0.25, 1.0], [0.0, 1.0])
    """
    days = read_periods(periods)
    months = [day.year * 12 + day.month + (day.day - 1) / 31 for day in days if day is not None]
    if len(months) < len(periods) or any(after <= before for before, after in pairwise(months)):
        months = [float(n) for n in range(len(periods))]
    whole = (months[-1] - months[0] if months else 0) or 1
    return [(month - months[0]) / whole for month in months]


def draw_spark(indicator: PlanIndicator) -> Spark | None:
    """Return the headline series as a small line, or None if it has fewer than two values."""
    points = [(str(period), Decimal(value) if value is not None else None) for period, value in indicator.headline]
    values = [value for _period, value in points if value is not None]
    if len(values) < 2:
        return None
    low, high = _range([*values, *([indicator.target] if indicator.target is not None else [])])
    shares = place_periods([period for period, _value in points])

    def place(value: Decimal) -> float:
        return round(SPARK_HEIGHT - 3 - (SPARK_HEIGHT - 6) * float((value - low) / (high - low)), 1)

    placed = [
        (round(3 + share * (SPARK_WIDTH - 6), 1), place(v) if v is not None else None)
        for share, (_p, v) in zip(shares, points, strict=True)
    ]
    known = [(pair, spot) for pair, spot in zip(points, placed, strict=True) if pair[1] is not None]
    last, dot = known[-1]
    target = place(indicator.target) if indicator.target is not None else None
    return Spark(_path(placed), target, f"{last[1]:f}", last[0], (dot[0], dot[1] or 0.0))


def draw_plot(
    series: Sequence[PlotSeries], *, target: Decimal | None = None, baseline: Decimal | None = None
) -> PlotPicture | None:
    """Return a plot of at most six lines on one time axis, or None if there are no values.

    >>> one = PlotSeries("all", [("2020", Decimal(1)), ("2021", None), ("2022", Decimal(3))])
    >>> drawn = draw_plot([one])
    >>> drawn.lines[0].path.count("M"), [str(value) for _y, value in drawn.ticks]
    (2, ['1', '1.5', '2', '2.5', '3'])
    """
    periods = list(dict.fromkeys(period for plotted in series for period, _value in plotted.points))
    values = [value for plotted in series for _period, value in plotted.points if value is not None]
    if not values:
        return None
    low, high = _range([*values, *(mark for mark in (target, baseline) if mark is not None)])
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    across = WIDTH - _START - _END
    spots = {
        period: round(_START + share * across, 1) for period, share in zip(periods, place_periods(periods), strict=True)
    }

    def place(value: Decimal) -> float:
        return round(HEIGHT - _FOOT - (HEIGHT - _FOOT - _TOP) * float((value - low) / (high - low)), 1)

    lines = [_line(plotted, spots, place) for plotted in series[:MAX_LINES]]
    every = -(-len(periods) // _LABELS)
    labels: list[tuple[float, str]] = []
    for period in reversed(periods[::every]):
        if not labels or labels[0][0] - spots[period] >= across / _LABELS * 0.75:
            labels.insert(0, (spots[period], period))
    return PlotPicture(
        lines,
        [(place(tick), tick) for tick in ticks],
        labels,
        place(target) if target is not None else None,
        place(baseline) if baseline is not None else None,
    )


def _line(plotted: PlotSeries, spots: dict[str, float], place: Callable[[Decimal], float]) -> PlotLine:
    placed = [(spots[period], place(value) if value is not None else None) for period, value in plotted.points]
    dots = [(x, y) for x, y in placed if y is not None]
    return PlotLine(plotted.name, _path(placed), dots, dots[-1] if dots else (0.0, 0.0))


def _path(placed: Sequence[tuple[float, float | None]]) -> str:
    """Return an SVG path with a new subpath after each gap."""
    parts, pen = [], False
    for x, y in placed:
        if y is None:
            pen = False
            continue
        parts.append(f"{'L' if pen else 'M'}{x:g} {y:g}")
        pen = True
    return "".join(parts)


def _range(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values), max(values)
    if low == high:
        half = abs(low) / 2 or Decimal("0.5")
        return low - half, high + half
    return low, high


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return round numbers that cover the range from the lowest to the highest value.

    >>> [str(tick) for tick in _ticks(Decimal("0.3"), Decimal("9"))]
    ['0', '2.5', '5', '7.5', '10']
    """
    rough = (high - low) / _TICKS
    power = Decimal(1).scaleb(floor(log10(float(rough))))
    step = next(
        power * n for n in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10)) if power * n >= rough
    )
    first = (low / step).to_integral_value("ROUND_FLOOR")
    last = (high / step).to_integral_value("ROUND_CEILING")
    return [(step * (first + n)).normalize() + 0 for n in range(int(last - first) + 1)]
