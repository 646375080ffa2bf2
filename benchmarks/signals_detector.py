"""The rule of the levels beside the textbook: `python -m benchmarks.signals_detector [FILE] [--clusters 1000]`.

FILE has a row a sample, with a day, a place and a substance (`--columns Date,City/Town,"Expected Substance"`, the
names of the public file of DrugCheckingBC). Every detector is asked at each arrival, with what arrived until then and
at least a year of it. Background: how often a week it speaks in the rows as they are, all series together, where a
second alarm of a series within seven days is the same. Planted: that many clusters of reports, on random days within
seven; found is a cluster at one of whose reports the detector speaks, and `needed` is at which. They are planted in
any pair of a place and a substance of the file ("any pair": something that is new there, mostly) and, harder, in pairs
that have rows ("known series": a rule that asks for at most one report in the year before is silent by its own words
where there were more).

What triage is told is the rule, or "more than usual here". The rule is that of the protocol and was not fitted. The
window, the probability and what a day counts at most of the other were chosen on the rows before the first year was
over ("chosen on", with less than a year of history); the tables are of what came later. `--parts` prints both, each
half of the span and each place with enough rows by itself, so that a figure which only holds for one town or one
season shows. `--strain` prints what is left on rows that are changed (`strain`): without one town, a half and a quarter
of the rows, three times as many, and series that are made up, with seasons, Poisson and more dispersed than that.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import print_table
from consult import ROOT
from consult.signals.detection import ears, predictive
from consult.signals.detection.levels import SeenReport, load_levels, reach_level

FILE = ROOT.parent / "shared" / "data" / "drugchecking_bc_2018_2019.csv.gz"
COLUMNS = ("Date", "City/Town", "Expected Substance")
YEAR, WEEK = timedelta(days=365), timedelta(days=7)
SIZES = (3, 4, 5, 6, 7, 8)
SHOWN = (3, 4, 5, 8)
Days = Sequence[date]
Series = Mapping[tuple[str, str], list[date]]
Detector = Callable[[Days, date], bool]

_ALERT = [level for level in load_levels() if level.name == "alert"]


def rule(days: Days, at: date) -> bool:
    """The level alert, by reports that nobody has confirmed and that are all of different sources."""
    return reach_level([SeenReport(day, str(n)) for n, day in enumerate(days)], at, _ALERT) is not None


def first_of_year(days: Days, at: date) -> bool:
    return sum(at - YEAR <= day <= at for day in days) == 1


def unusual(days: Days, at: date) -> bool:
    return predictive.find_unusual(days, at) is not None


def told(days: Days, at: date) -> bool:
    """Return True if triage is shown the level alert by the rule, or "more than usual here"."""
    return rule(days, at) or unusual(days, at)


DETECTORS: dict[str, Detector] = {
    "two in 7 days, at most one in the year before": rule,
    "EARS C2": ears.is_alarm,
    "first in 365 days": first_of_year,
    f"more than usual here (Gamma-Poisson, α = {predictive.ALPHA})": unusual,
    "what triage is told: the rule, or more than usual here": told,
}


@dataclass(frozen=True)
class DetectorScore:
    """Alarms a week; by size of the planted clusters the share found, in any pair and in known series; reports needed."""

    alarms: float
    found: Mapping[int, float]
    needed: float
    known: Mapping[int, float]


def _mean(found: Mapping[int, float]) -> float:
    return sum(found.values()) / len(found)


def read_series(file: Path, columns: Sequence[str] = COLUMNS) -> dict[tuple[str, str], list[date]]:
    """The days of the reports of each place and substance, in order."""
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            day, place, substance = (row[name].strip() for name in columns)
            if day and place and substance:
                found[(place, substance)].append(date.fromisoformat(day[:10]))
    return {key: sorted(days) for key, days in sorted(found.items())}


def _known(days: Days, at: date) -> Days:
    """Return the reports that had arrived by a day and that a rule may read."""
    return days[bisect_left(days, at - YEAR - 2 * WEEK) : bisect_right(days, at)]


def count_alarms(series: Series, detector: Detector, since: date, until: date) -> int:
    alarms = 0
    for days in series.values():
        last = date.min
        for n in range(bisect_left(days, since), bisect_right(days, until)):
            at = days[n]
            if at - last >= WEEK and detector(_known(days[: n + 1], at), at):
                alarms += 1
                last = at
    return alarms


def plant(series: Series, since: date, until: date, clusters: int, known: bool) -> list[tuple[Days, list[date]]]:
    """For each cluster the days of its series and its own."""
    random_ = random.Random(1)
    places, substances = ({key[n] for key in series} for n in (0, 1))
    keys = (
        [key for key, days in series.items() if days]
        if known
        else [(place, one) for place in sorted(places) for one in sorted(substances)]
    )
    span = (until - since).days - 6
    found: list[tuple[Days, list[date]]] = []
    for n in range(clusters):
        begin = since + timedelta(days=random_.randrange(span))
        own = sorted(begin + timedelta(days=random_.randrange(7)) for _one in range(SIZES[n % len(SIZES)]))
        found.append((series.get(random_.choice(keys), []), own))
    return found


def find_clusters(detector: Detector, planted: Iterable[tuple[Days, list[date]]]) -> tuple[dict[int, float], float]:
    """The share of clusters found, by size, and how many of its reports a found one needed."""
    hits: dict[int, list[bool]] = defaultdict(list)
    needed = []
    for days, own in planted:
        at = next((n for n, day in enumerate(own) if detector(_known(sorted([*days, *own[: n + 1]]), day), day)), None)
        hits[len(own)].append(at is not None)
        if at is not None:
            needed.append(at + 1)
    return {size: sum(each) / len(each) for size, each in sorted(hits.items())}, sum(needed) / max(len(needed), 1)


def score(series: Series, detector: Detector, since: date, until: date, clusters: int) -> DetectorScore:
    alarms = count_alarms(series, detector, since, until) / (((until - since).days + 1) / 7)
    found, needed = find_clusters(detector, plant(series, since, until, clusters, known=False))
    known, _later = find_clusters(detector, plant(series, since, until, clusters, known=True))
    return DetectorScore(alarms, found, needed, known)


def get_span(series: Series) -> tuple[date, date]:
    """The days with a year before them."""
    first = min(days[0] for days in series.values() if days)
    return first + YEAR, max(days[-1] for days in series.values() if days)


def thin(series: Series, share: float, chance: random.Random) -> dict[tuple[str, str], list[date]]:
    return {key: [day for day in days if chance.random() < share] for key, days in series.items()}


def multiply(series: Series, times: int, chance: random.Random) -> dict[tuple[str, str], list[date]]:
    """As many services that see the same: each row again, some days before or after."""
    more = [timedelta(days=chance.randint(-3, 3)) for _n in range(1_000)]
    return {
        key: sorted([*days, *(day + chance.choice(more) for day in days for _n in range(times - 1))])
        for key, days in series.items()
    }


def make_up(since: date, chance: random.Random, *, dispersion: float) -> dict[tuple[str, str], list[date]]:
    """200 series of two years, from one report a year to one in two days, three times as many in summer as in winter.

    `dispersion` is the variance of a day's count over its mean: 1 is Poisson, more a negative binomial law.
    """
    found = {}
    for number in range(200):
        rate, days = 0.003 * 170 ** (number / 199), []
        for n in range(730):
            mean = rate * (1 + 0.5 * math.sin(2 * math.pi * n / 365))
            if dispersion > 1:
                mean = chance.gammavariate(mean / (dispersion - 1), dispersion - 1)
            count, product = 0, chance.random()
            while product > math.exp(-mean):
                count, product = count + 1, product * chance.random()
            days += [since + timedelta(days=n)] * count
        found[(f"place {number % 10}", f"substance {number}")] = days
    return found


def strain(series: Series) -> Iterable[tuple[str, Series]]:
    """The rows changed in ways that another year or region may differ, each with its name."""
    chance, first = random.Random(1), min(days[0] for days in series.values() if days)
    for place in sorted({place for place, _substance in series}):
        yield f"without {place}", {key: days for key, days in series.items() if key[0] != place}
    for name, share in (("a half of the rows", 0.5), ("a quarter of the rows", 0.25)):
        yield name, thin(series, share, chance)
    yield "three times the rows", multiply(series, 3, chance)
    for dispersion in (1.0, 2.0, 4.0):
        yield f"made up, variance {dispersion:.0f} times the mean", make_up(first, chance, dispersion=dispersion)


def _row(name: str, it: DetectorScore) -> list[str]:
    shares = [*(it.found[n] for n in SHOWN), _mean(it.found), _mean(it.known)]
    return [name, f"{it.alarms:.1f}", *(f"{share:.2f}" for share in shares), f"{it.needed:.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--columns", default=",".join(COLUMNS))
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--strain", action="store_true")
    asked = parser.parse_args()
    series = read_series(asked.file, asked.columns.split(","))
    since, until = get_span(series)
    head = ["detector", "alarms a week", *(f"found, {n}" for n in SHOWN), "any pair", "known series", "needed"]
    rows = [_row(name, score(series, one, since, until, asked.clusters)) for name, one in DETECTORS.items()]
    print_table(f"{since} to {until}, {len(series)} series", head, rows)
    if asked.parts:
        half = since + (until - since) / 2
        parts: list[list[str]] = []
        spans = (
            ("chosen on", since - YEAR + timedelta(days=predictive.BASE + 14), since - timedelta(days=1)),
            ("first half", since, half),
            ("second half", half + timedelta(days=1), until),
        )
        for name, begin, end in spans:
            parts.append(_row(name, score(series, told, begin, end, asked.clusters)))
        for place in sorted({place for place, _substance in series}):
            own = {(place, one): series.get((place, one), []) for one in sorted({one for _place, one in series})}
            if sum(map(len, own.values())) >= 100:
                parts.append(_row(place, score(own, told, since, until, asked.clusters)))
        print_table("What triage is told, by part", ["part", *head[1:]], parts)
    if asked.strain:
        strained = [
            _row(f"{name}: {what}", score(rows_, one, *get_span(rows_), asked.clusters))
            for name, rows_ in strain(series)
            for what, one in (("rule", rule), ("told", told), ("C2", ears.is_alarm))
        ]
        print_table("On changed rows", ["rows, detector", *head[1:]], strained)


if __name__ == "__main__":
    main()
