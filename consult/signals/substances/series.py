"""Series: the findings of one thing in one region as observations of the rule. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from consult.signals.likeness.substances import SubstanceIndex, fold_name
from consult.signals.rule.observations import DrugObservation, SubstanceConcern
from consult.signals.rule.proposal import SAMPLE_DAYS, TESTED_DAYS


@dataclass(frozen=True)
class SeenSample:
    """A sample. Things are ids of substances as text, or folded names of what is in no vocabulary."""

    day: date
    source: str
    site: str
    town: str
    basis: str
    sold_as: frozenset[str]
    things: frozenset[str]


def list_things(words: str, index: SubstanceIndex) -> frozenset[str]:
    """Return the things that a name means, or its folded form if the vocabulary has none."""
    known = index.match(words).likely
    return frozenset(map(str, known)) or frozenset(filter(None, (fold_name(words),)))


def observe(
    samples: Collection[SeenSample], thing: str, concerns: Mapping[int, SubstanceConcern], watched: Collection[str] = ()
) -> list[DrugObservation]:
    """Return the findings of a thing. One that is in no vocabulary raises the concern of an unknown class."""
    concern = concerns.get(int(thing), SubstanceConcern.DANGEROUS) if thing.isdecimal() else SubstanceConcern.DANGEROUS
    return [
        DrugObservation(
            day=it.day,
            source=it.source,
            sample=True,
            site=it.site,
            town=it.town,
            basis=it.basis,
            concern=concern,
            as_sold=thing in it.sold_as,
            watched=thing in watched,
        )
        for it in samples
        if thing in it.things
    ]


def count_tested(days: Sequence[date], at: date) -> int:
    """Return the number of samples tested in the days that the rule looks at for a day. `days` are sorted."""
    last = at - timedelta(days=SAMPLE_DAYS)
    return bisect_right(days, last) - bisect_left(days, last - timedelta(days=TESTED_DAYS - 1))
