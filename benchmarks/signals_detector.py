"""The rule of alert levels on real samples.

    python -m benchmarks.signals_detector [FILE] [--from DAY] [--until DAY] [--by-town]

FILE has one drug-checking sample a line (`benchmarks.drugchecking`). Days before `--from` are history only; by default
that is the first held-out day. The samples arrive one day after another, and on each day with a sample of a series (a
place and a thing) every detector is asked, with what had arrived. The rule is `propose` of the product, with the same
observations that the product makes of samples. The place is the region, as in the product; all rows are of one region.
With `--by-town` each town is a place, as if its service were the only one in its region.

Streams: the name it was sold under; each name found; found and not sold as such; and of these the dangerous ones only.
An emergence is five findings in 28 days after at most one in the 180 before, where at least 20 samples were tested in
the 84 days before the 28. Alarms of a series within 7 or 28 days are one. `new services` counts proposals in places
whose first sample is less than 28 days old. `found` counts emergences with an alarm from their first finding until 28 days
after it, `day` is the median day of the alarm after the first finding, and `needed` the mean number of findings then. Then the
named cases: the exit status is 1 if one differs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks import ears
from benchmarks.drugchecking import FILE, HELD_OUT, CheckedSample, read_samples
from benchmarks.measure import print_table
from benchmarks.signals_cases import reach_case, read_cases
from consult import ROOT
from consult.signals.likeness.substances import SubstanceIndex
from consult.signals.rule import predictive
from consult.signals.rule.observations import DrugObservation, SubstanceConcern
from consult.signals.rule.proposal import (
    LEAST_TESTED,
    SAMPLE_BEFORE,
    SAMPLE_DAYS,
    propose,
)
from consult.signals.substances.concerns import list_concerns
from consult.signals.substances.matches import build_index
from consult.signals.substances.series import SeenSample, count_tested, list_things, observe
from consult.taxonomy.model import Term
from consult.taxonomy.skos import read_pack

PACK = ROOT / "consult" / "taxonomy" / "packs" / "drug-policy.ttl"
MONTH = timedelta(days=SAMPLE_DAYS)
FOUND, OUTBREAK = MONTH, 5
_NOTHING = frozenset({"uncertain match", "no library match", "no cuts", "unknown", ""})
"""Entries of an instrument that name no substance."""

Detector = Callable[[Sequence[DrugObservation], date, int], bool]


@dataclass
class Stream:
    """The findings of each place and substance by day, and the days of the samples of each place."""

    series: dict[tuple[str, str], list[DrugObservation]]
    tested: Mapping[str, Sequence[date]]


@dataclass
class DetectorScore:
    """Alarms by the days within which a second one counts as the same, and the emergences found."""

    alarms: dict[int, int] = field(default_factory=lambda: {7: 0, 28: 0})
    new_services: int = 0
    emergences: int = 0
    days: list[int] = field(default_factory=list)
    needed: list[int] = field(default_factory=list)


def rule(seen: Sequence[DrugObservation], at: date, tested: int) -> bool:
    """Return True if the product's rule proposes an alert or more."""
    proposed = propose(seen, at, tested)
    return proposed is not None and proposed.level != "watch"


def c2(seen: Sequence[DrugObservation], at: date, _tested: int) -> bool:
    return ears.is_alarm([one.day for one in seen], at)


def unusual(seen: Sequence[DrugObservation], at: date, _tested: int) -> bool:
    """Return True if triage shows “more than usual here”. This sets no level."""
    return predictive.find_unusual([one.day for one in seen], at) is not None


DETECTORS: dict[str, Detector] = {"rule of the product": rule, "EARS C2": c2, "hint: more than usual": unusual}


def load_vocabulary() -> tuple[SubstanceIndex, Mapping[int, SubstanceConcern]]:
    """Return the index of names and the concerns of the pack, with positions from 1 as ids."""
    [pack] = [one for one in read_pack(PACK) if one.notation == "substances"]
    numbers = {one.uri: n for n, one in enumerate(pack.concepts, 1)}
    terms = [
        Term(id=numbers[one.uri], notation=one.notation, broader_id=numbers.get(one.broader or ""), labels=one.labels,
             others=one.others)
        for one in pack.concepts
    ]  # fmt: skip
    return build_index(terms), list_concerns(terms)


def build_streams(samples: Sequence[CheckedSample], *, by_town: bool) -> dict[str, Stream]:
    index, concerns = load_vocabulary()
    tested: dict[str, list[date]] = defaultdict(list)
    by_place: dict[str, list[SeenSample]] = defaultdict(list)
    names: dict[str, frozenset[str]] = {}
    for it in samples:
        for words in (it.sold_as, *it.found):
            names.setdefault(words, list_things(words, index) if words.casefold() not in _NOTHING else frozenset())
        place = it.town if by_town else ""
        tested[place].append(it.day)
        found = frozenset[str]().union(*(names[words] for words in it.found))
        by_place[place].append(SeenSample(it.day, it.site, it.site, it.town, "ftir", names[it.sold_as], found))
    series = {
        (place, thing): observe(seen, thing, concerns)
        for place, seen in by_place.items()
        for thing in sorted(frozenset[str]().union(*(it.things for it in seen)))
    }
    sold = {
        (place, thing): observe([replace(it, things=it.sold_as) for it in seen], thing, {})
        for place, seen in by_place.items()
        for thing in sorted(frozenset[str]().union(*(it.sold_as for it in seen)))
    }
    every = {key: [replace(one, concern=SubstanceConcern.DANGEROUS) for one in seen] for key, seen in series.items()}
    other = {key: [one for one in seen if not one.as_sold] for key, seen in every.items()}
    grave = {
        key: [one for one in seen if not one.as_sold]
        for key, seen in series.items()
        if seen[0].concern is SubstanceConcern.DANGEROUS
    }
    named = {
        "sold as": sold,
        "found": every,
        "found, not sold as such": other,
        "dangerous, not sold as such": grave,
        "as the product observes": series,
    }
    return {name: Stream({key: it for key, it in rows.items() if it}, tested) for name, rows in named.items()}


def score(stream: Stream, detector: Detector, since: date, until: date) -> DetectorScore:
    """Ask a detector once a day and series, and compare its alarms with the emergences."""
    found = DetectorScore()
    for (place, _thing), seen in stream.series.items():
        days, tested = [one.day for one in seen], stream.tested[place]
        asked = sorted({day for day in days if since <= day <= until})
        alarms = [day for day in asked if detector(seen[: bisect_right(days, day)], day, count_tested(tested, day))]
        for apart in found.alarms:
            found.alarms[apart] += _count_apart(alarms, apart)
        found.new_services += sum((day - tested[0]).days < SAMPLE_DAYS for day in alarms)
        for begin in find_emergences(days, tested, since, until):
            found.emergences += 1
            alarm = next((day for day in alarms if begin <= day <= begin + FOUND), None)
            if alarm is not None:
                found.days.append((alarm - begin).days)
                found.needed.append(bisect_right(days, alarm) - bisect_left(days, begin))
    return found


def _count_apart(alarms: Sequence[date], apart: int) -> int:
    count, last = 0, date.min
    for day in alarms:
        if (day - last).days >= apart:
            count, last = count + 1, day
    return count


def find_emergences(days: Sequence[date], tested: Sequence[date], since: date, until: date) -> list[date]:
    """Return the first days of emergences of a series that begin in a span."""
    found: list[date] = []
    for n, day in enumerate(days):
        month = bisect_left(days, day + MONTH) - n
        before = bisect_left(days, day) - bisect_left(days, day - timedelta(days=SAMPLE_BEFORE))
        # The 84 days are those before the 28 days of the emergence, which begin on this day.
        enough = count_tested(tested, day + MONTH - timedelta(days=1)) >= LEAST_TESTED
        new = not found or (day - found[-1]).days > SAMPLE_BEFORE
        if since <= day <= until and month >= OUTBREAK and before <= 1 and enough and new:
            found.append(day)
    return found


def _row(name: str, it: DetectorScore, weeks: float) -> list[str]:
    hits = f"{len(it.days)} of {it.emergences}"
    day = f"{statistics.median(it.days):g}" if it.days else "–"
    needed = f"{statistics.fmean(it.needed):.1f}" if it.needed else "–"
    alarms = (f"{count / weeks:.2f}" for count in it.alarms.values())
    return [name, *alarms, hits, day, needed, str(it.new_services)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--from", dest="since", type=date.fromisoformat, default=HELD_OUT)
    parser.add_argument("--until", type=date.fromisoformat)
    parser.add_argument("--by-town", action="store_true")
    asked = parser.parse_args()
    until = asked.until or date.max
    samples = [it for it in read_samples(asked.file) if it.day <= until]
    last = samples[-1].day
    weeks = ((last - asked.since).days + 1) / 7
    head = ["detector", "a week (7)", "a week (28)", "emergences found", "median day", "needed", "at new services"]
    for name, stream in build_streams(samples, by_town=asked.by_town).items():
        rows = [_row(one, score(stream, detector, asked.since, last), weeks) for one, detector in DETECTORS.items()]
        print_table(f"{name}: {asked.since} to {last}, {len(stream.series)} series", head, rows)
    cases = read_cases()
    wrong = [case["name"] for case in cases if reach_case(case) != case["expect"]]
    print(f"Named cases: {len(cases) - len(wrong)} of {len(cases)}", *wrong, sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
