"""Suggestions for triage: similar reports side by side, and unusually high numbers of reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from consult.core.i18n import current_language
from consult.signals.likeness.pairs import DAYS, ComparedReport, LikenessProposal, propose_likely
from consult.signals.likeness.substances import SubstanceIndex
from consult.signals.model import ReportStanding, Signal, SignalLink, SignalReport
from consult.signals.rule.predictive import BASE, WINDOW, find_unusual
from consult.signals.substances import matches as substances
from consult.signals.triage.comparison import Agreements, compare
from consult.signals.triage.queries import TriageReport, select_reports
from consult.taxonomy.model import Term

_MOST_COMPARED = 400
"""Maximum number of newest reports that a report is compared with."""
MOST_SHOWN = 4


@dataclass(frozen=True)
class AlikeReport:
    """A similar report with its signal, the reasons for the suggestion and the comparison."""

    it: TriageReport
    signal: Signal | None
    likeness: LikenessProposal
    agreements: Agreements
    names: Mapping[int, Sequence[str]]
    """Names of the substances in each of the two reports, by report id."""

    @property
    def row(self) -> SignalReport:
        return self.it.row


@dataclass(frozen=True)
class UnusualCount:
    """The number of reports in a week, and the probability of at least as many if nothing had changed.

    `chance` is None if there are too few earlier days for a comparison.
    """

    reports: int
    chance: float | None


def list_alike(session: Session, report: SignalReport, apart: Sequence[int] = ()) -> Sequence[AlikeReport]:
    """Return similar reports of the same region and week, and copies from anywhere, also of closed signals.

    `apart` are the ids of reports found to be about different events.
    """
    near = SignalReport.happened_on.between(report.happened_on - timedelta(DAYS), report.happened_on + timedelta(DAYS))
    here = (SignalReport.country == report.country) & (SignalReport.region == report.region) & near
    rows = session.execute(
        select_reports()
        .add_columns(Signal)
        .outerjoin(Signal, Signal.id == SignalLink.signal_id)
        .where(
            SignalLink.standing.in_((ReportStanding.WAITING, ReportStanding.LINKED)),
            SignalReport.id.not_in([report.id, *apart]),
            or_(here, SignalReport.content_mark == report.content_mark),
        )
        .order_by(SignalReport.id.desc())
        .limit(_MOST_COMPARED)
    ).all()
    known = {row[0].id: (TriageReport(*row[:4]), row[4]) for row in rows}
    terms = substances.list_terms(session)
    index = substances.load_index(session, terms)
    compared = {number: _to_compared(it.row, signal, index, terms) for number, (it, signal) in known.items()}
    own = _to_compared(report, None, index, terms)
    labels = {term.id: term.label(current_language()) for term in terms}
    return [
        AlikeReport(
            *known[one.id],
            one,
            compare(report, known[one.id][0].row, (own, compared[one.id])),
            {each.id: sorted(labels.get(n, "") for n in each.substances) for each in (own, compared[one.id])},
        )
        for one in propose_likely(own, compared.values())[:MOST_SHOWN]
    ]


def measure_usual(session: Session, signal: Signal, *, at: datetime) -> UnusualCount | None:
    """Return the number of reports of the signal's substance if unusually high, else None.

    Without a substance, only the reports of the signal are counted.
    """
    same = Signal.id == signal.id if signal.substance_id is None else Signal.substance_id == signal.substance_id
    days = _list_days(session, same, signal.country, signal.region, at.date())
    return _find_unusual(session, days, max(days), signal.country, signal.region) if days else None


def measure_arriving(
    session: Session, report: SignalReport, alike: Sequence[AlikeReport], substance_ids: Collection[int]
) -> UnusualCount | None:
    """Return the unusually high number of reports, with waiting ones that are similar to this one counted too."""
    signals = {one.signal.id for one in alike if one.signal}
    same = Signal.id.in_(signals) | Signal.substance_id.in_(set(substance_ids))
    near = [one.row.happened_on for one in alike if one.signal is None and one.row.region == report.region]
    days = _list_days(session, same, report.country, report.region, report.happened_on)
    days = [*days, *near, report.happened_on]
    return _find_unusual(session, days, report.happened_on, report.country, report.region)


def _list_days(session: Session, same: ColumnElement[bool], country: str, region: str, at: date) -> list[date]:
    """Return the days of these signals' reports in a region, as far back as needed. One statement."""
    rows = (
        select(SignalReport.happened_on)
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .join(Signal, Signal.id == SignalLink.signal_id)
        .where(same, Signal.country == country, Signal.region == region)
    )
    return list(session.scalars(rows.where(SignalReport.happened_on >= at - timedelta(days=BASE + 2 * WINDOW))))


def _find_unusual(session: Session, days: Sequence[date], at: date, country: str, region: str) -> UnusualCount | None:
    """Compare a week with the days since the region's first report of any kind."""
    here = (SignalReport.country == country) & (SignalReport.region == region)
    first = session.scalar(select(func.min(SignalReport.happened_on)).where(here, SignalReport.erased_at.is_(None)))
    unusual = find_unusual(days, at, since=first)
    return UnusualCount(*unusual) if unusual else None


def _to_compared(
    report: SignalReport, signal: Signal | None, index: SubstanceIndex, terms: Sequence[Term]
) -> ComparedReport:
    """Return the compared parts of a report. Its substance is that of its signal, else the one its text names."""
    given = frozenset((signal.substance_id,)) if signal is not None and signal.substance_id is not None else None
    tested, sold_as = given or substances.find_tested(report, index), frozenset(index.match(report.product).likely)
    named = tested or sold_as
    return ComparedReport(
        id=report.id,
        region=report.region,
        on=report.happened_on,
        town=report.place,
        substances=named,
        families=substances.find_families(named, terms),
        tested=bool(tested),
        sold_as=sold_as,
        product=report.product,
        text=report.body,
        basis=report.basis,
        speaker=report.organisation_id,
    )
