"""Assessment of signals: certainty, deadlines, and the level proposed by the rule. People decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.signals.model import (
    CONFIDENCE_ORDER,
    LABORATORY_BASES,
    LEVEL_ORDER,
    Basis,
    Confidence,
    ReportStanding,
    Signal,
    SignalLevel,
    SignalLink,
    SignalReport,
    Urgency,
)
from consult.signals.rule.levels import LevelRule, load_levels
from consult.signals.rule.observations import DrugObservation, SubstanceConcern
from consult.signals.rule.proposal import (
    HARM_DAYS,
    REPORT_BEFORE,
    REPORT_DAYS,
    SAMPLE_DAYS,
    TESTED_DAYS,
    Proposal,
    propose,
)
from consult.signals.sample_model import DrugSample, SampleFinding
from consult.signals.substances.concerns import list_concerns
from consult.signals.substances.matches import list_terms, load_index, match_words

_LOOKED_BACK = timedelta(days=REPORT_BEFORE + REPORT_DAYS)
_MOST_HARMED = 400
"""Maximum number of reports whose harms are compared with a new one, those of organisations first."""


def rule_of(level: SignalLevel) -> LevelRule:
    """Return the rule of an alert level: its deadlines in hours."""
    return next(rule for rule in load_levels() if rule.name == level)


def assess_due(received_at: datetime) -> datetime:
    """Return the time by which a report must be assessed."""
    return received_at + timedelta(hours=rule_of(SignalLevel.WATCH).assess_within_hours)


def warning_due(level: SignalLevel, since: datetime) -> datetime | None:
    """Return the time by which a warning must be published at a level, or None."""
    hours = rule_of(level).warn_within_hours
    return since + timedelta(hours=hours) if hours is not None else None


def is_higher(observation: SignalLevel, other: SignalLevel) -> bool:
    """Return whether the first level is higher than the second.

    >>> is_higher(SignalLevel.ALERT, SignalLevel.WATCH), is_higher(SignalLevel.ALERT, SignalLevel.ALERT)
    (True, False)
    """
    return LEVEL_ORDER.index(observation) > LEVEL_ORDER.index(other)


def list_reports(session: Session, signal_id: int) -> Sequence[SignalReport]:
    """Return the reports of a signal in the order of events."""
    rows = select(SignalReport).join(SignalLink, SignalLink.report_id == SignalReport.id)
    return session.scalars(
        rows.where(SignalLink.signal_id == signal_id).order_by(SignalReport.happened_on, SignalReport.id)
    ).all()


def propose_level(session: Session, signal: Signal, *, at: datetime) -> Proposal | None:
    """Return the level proposed for the substance and place of a signal, or for its own reports without a substance."""
    rows = _select_observed().join(Signal, Signal.id == SignalLink.signal_id)
    rows = rows.where(
        SignalLink.standing == ReportStanding.LINKED, SignalReport.happened_on >= (at - _LOOKED_BACK).date()
    )
    same = Signal.id == signal.id
    if signal.substance_id is not None:
        alike = (Signal.substance_id == signal.substance_id) & (Signal.country == signal.country)
        same = same | (alike & (Signal.region == signal.region))
    linked_rows = session.execute(rows.where(same)).all()
    if not linked_rows:
        return None
    terms = list_terms(session)
    index, concern = (
        load_index(session, terms),
        list_concerns(terms).get(signal.substance_id or 0, SubstanceConcern.DANGEROUS),
    )
    seen = [
        to_observation(
            report,
            link,
            verified=verified,
            concern=concern,
            as_sold=signal.substance_id is not None and signal.substance_id in index.match(report.product).likely,
        )
        for report, link, verified in linked_rows
    ]
    day = max(observation.day for observation in seen)
    if signal.substance_id is None:
        return propose(seen, day, 0)
    return propose([*seen, *_list_samples(session, signal, day, concern)], day, _count_tested(session, signal, day))


def _list_samples(session: Session, signal: Signal, day: date, concern: SubstanceConcern) -> list[DrugObservation]:
    """Return the findings of a signal's substance in its region, as far back as the rule looks."""
    rows = (
        select(DrugSample)
        .join(SampleFinding, SampleFinding.sample_id == DrugSample.id)
        .where(
            SampleFinding.term_id == signal.substance_id,
            DrugSample.country == signal.country,
            DrugSample.region == signal.region,
            DrugSample.day.between(day - _LOOKED_BACK, day),
        )
    )
    return [
        DrugObservation(
            day=row.day,
            source=str(row.organisation_id),
            sample=True,
            site=row.site,
            town=row.town.casefold(),
            basis=row.method,
            concern=concern,
            as_sold=row.sold_as_id == signal.substance_id,
        )
        for row in session.scalars(rows)
    ]


def _count_tested(session: Session, signal: Signal, day: date) -> int:
    """Return the number of samples tested in the region in the days that the rule asks about."""
    last = day - timedelta(days=SAMPLE_DAYS)
    rows = select(func.count()).where(
        DrugSample.country == signal.country,
        DrugSample.region == signal.region,
        DrugSample.day > last - timedelta(days=TESTED_DAYS),
        DrugSample.day <= last,
    )
    return session.scalar(rows) or 0


def measure_urgency(session: Session, report: SignalReport) -> Urgency:
    """Return the urgency of a report, from the deaths and overdoses reported in its region within HARM_DAYS of its day.

    VERIFIED: the rule proposes an emergency, and either a verified organisation reports it or the rule proposes none
    without this report. UNVERIFIED: other reports of deaths, or of ten overdoses.
    """
    if not (report.deaths or report.overdoses):
        return Urgency.USUAL
    near = timedelta(days=HARM_DAYS - 1)
    rows = _select_observed().where(
        SignalReport.country == report.country,
        SignalReport.region == report.region,
        SignalReport.happened_on.between(report.happened_on - near, report.happened_on + near),
        SignalLink.standing.in_((ReportStanding.WAITING, ReportStanding.LINKED)),
        or_(SignalReport.deaths > 0, SignalReport.overdoses > 0),
    )
    first = (SignalReport.id != report.id, SignalReport.organisation_id.is_(None), SignalReport.id.desc())
    linked_rows = session.execute(rows.order_by(*first).limit(_MOST_HARMED)).all()
    index = load_index(session)
    things = {
        row[0].id: set(map(str, match_words(row[0], index).likely)) or {row[0].product.casefold()}
        for row in linked_rows
    }
    seen = [to_observation(it, link, verified=v) for it, link, v in linked_rows if things[it.id] & things[report.id]]
    at = max(observation.day for observation in seen)
    proposed, without = propose(seen, at, 0), propose(seen[1:], at, 0)
    was = without is not None and without.level == SignalLevel.EMERGENCY
    if proposed is not None and proposed.level == SignalLevel.EMERGENCY and (seen[0].verified or not was):
        return Urgency.VERIFIED
    return Urgency.UNVERIFIED if report.deaths or (proposed and proposed.urgent) else Urgency.USUAL


def _select_observed() -> Select[SignalReport, SignalLink, bool]:
    """Select reports with their links, and whether their organisation is verified."""
    return (
        select(SignalReport, SignalLink, func.coalesce(Organisation.proven_domain.is_not(None), False))
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .outerjoin(Organisation, Organisation.id == SignalReport.organisation_id)
    )


def to_observation(
    report: SignalReport,
    link: SignalLink,
    *,
    verified: bool,
    concern: SubstanceConcern = SubstanceConcern.DANGEROUS,
    as_sold: bool = False,
) -> DrugObservation:
    """Return the parts of a report that the rule uses."""
    return DrugObservation(
        day=report.happened_on,
        source=str(report.organisation_id or ""),
        verified=verified,
        town=report.place.casefold(),
        basis=report.basis,
        concern=concern,
        as_sold=as_sold,
        text=bytes(report.content_mark),
        arrival=report.arrival,
        deaths=report.deaths or 0,
        overdoses=report.overdoses or 0,
        incident=link.incident,
    )


def measure_confidence(reports: Iterable[SignalReport]) -> Confidence:
    """Return the certainty of the most certain basis of these reports, or TWO_LABORATORIES if two laboratories have
    findings.

    Laboratories are distinguished by name, else by the organisation that sent the finding.
    """
    rows = list(reports)
    linked_rows = [row for row in rows if row.basis in LABORATORY_BASES]
    named = {(row.laboratory.casefold() or f"organisation {row.organisation_id}") for row in linked_rows}
    if len(named) > 1:
        return Confidence.TWO_LABORATORIES
    order = list(Basis)
    surest = max((order.index(row.basis) for row in rows), default=0)
    return CONFIDENCE_ORDER[surest]
