"""The proposed alert level. Triage, the queue, e-mails to people on call and the benchmark call `propose`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from consult.signals.rule.harms import Harm, count_harm, find_incidents
from consult.signals.rule.observations import LABORATORIES, DrugObservation, drop_copies
from consult.signals.rule.voices import count_halves, count_most

REPORT_DAYS, REPORT_BEFORE = 7, 365
SAMPLE_DAYS, SAMPLE_BEFORE = 28, 180
TESTED_DAYS, LEAST_TESTED = 84, 20
HARM_DAYS, DEATHS, OVERDOSES = 3, 2, 10
ENOUGH = 4
"""Two voices, in halves."""


class LevelReason(StrEnum):
    """A condition of the rule that holds."""

    SEEN = "seen"
    REPORTS = "reports"
    SAMPLES = "samples"
    LABORATORY = "laboratory"
    DEATHS = "deaths"
    OVERDOSES = "overdoses"


@dataclass(frozen=True)
class Proposal:
    """A proposed level with its reasons.

    `voices` counts independent sources in halves, and `most_voices` in whole sources. `urgent` means that deaths, or
    ten overdoses, are reported but not counted.
    """

    level: str
    reasons: tuple[LevelReason, ...]
    voices: int
    most_voices: int
    deaths: Harm
    overdoses: Harm
    urgent: bool

    @property
    def least_voices(self) -> int:
        """Return the smallest number of independent sources, rounded down."""
        return self.voices // 2


def propose(observations: Sequence[DrugObservation], at: date, tested: int) -> Proposal | None:
    """Return the level that observations of one thing in one region reach on a day, or None if there are none.

    `tested` is the number of samples of anything tested in the region in the TESTED_DAYS before the last SAMPLE_DAYS.
    With fewer than LEAST_TESTED, samples propose nothing, because all is new to a service that has just opened.
    """
    seen = [observation for observation in observations if observation.day <= at]
    if not seen:
        return None
    week = _within(seen, at, REPORT_DAYS)
    incidents = find_incidents([observation for observation in _within(seen, at, HARM_DAYS) if not observation.sample])
    deaths, overdoses = count_harm(incidents, "deaths"), count_harm(incidents, "overdoses")
    emergency = [
        reason
        for reason, holds in (
            (LevelReason.DEATHS, deaths.counted >= DEATHS),
            (LevelReason.OVERDOSES, overdoses.counted >= OVERDOSES),
        )
        if holds
    ]
    alert = _find_alerts(seen, week, at, tested)
    reasons = (*emergency, *alert) or (LevelReason.SEEN,)
    return Proposal(
        "emergency" if emergency else "alert" if alert else "watch",
        reasons,
        count_halves(week),
        count_most(week),
        deaths,
        overdoses,
        urgent=deaths.least > deaths.counted or overdoses.least >= OVERDOSES > overdoses.counted,
    )


def _find_alerts(
    seen: Sequence[DrugObservation], week: Sequence[DrugObservation], at: date, tested: int
) -> list[LevelReason]:
    """Return the reasons for an alert that hold."""
    reasons = []
    reported = any(not observation.sample for observation in week)
    if reported and count_halves(week) >= ENOUGH and _count_before(seen, at, REPORT_DAYS, REPORT_BEFORE) <= 1:
        reasons.append(LevelReason.REPORTS)
    month = _within(seen, at, SAMPLE_DAYS)
    if _count_before(seen, at, SAMPLE_DAYS, SAMPLE_BEFORE) > 1:
        return reasons
    samples = [observation for observation in month if observation.sample and observation.is_grave]
    repeated = (
        len({observation.day for observation in samples}) > 1
        or len({(observation.source, observation.site) for observation in samples}) > 1
    )
    if repeated and tested >= LEAST_TESTED:
        reasons.append(LevelReason.SAMPLES)
    if any(_is_laboratory_alert(observation, tested) for observation in month):
        reasons.append(LevelReason.LABORATORY)
    return reasons


def _is_laboratory_alert(observation: DrugObservation, tested: int) -> bool:
    """Return whether a laboratory finding of an organisation is enough for an alert, where the substance is new.

    A report by a verified organisation needs no tested samples, because it was written about this finding.
    """
    finding = observation.basis in LABORATORIES and bool(observation.source)
    known = tested >= LEAST_TESTED or (observation.verified and not observation.sample)
    return finding and known and (observation.watched or (not observation.as_sold and observation.is_grave))


def _within(seen: Sequence[DrugObservation], at: date, days: int) -> list[DrugObservation]:
    return [observation for observation in seen if at - timedelta(days=days) < observation.day <= at]


def _count_before(seen: Sequence[DrugObservation], at: date, days: int, before: int) -> int:
    """Return the number of observations in `before` days before the last `days`, without copies."""
    until = at - timedelta(days=days)
    return len(
        drop_copies([observation for observation in seen if until - timedelta(days=before) < observation.day <= until])
    )
