"""Queries of triage: waiting reports, emergencies first, then by deadline, and signals that need action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.core.i18n import current_language
from consult.signals import assessment, warnings
from consult.signals.model import (
    LEVEL_ORDER,
    ReportStanding,
    Signal,
    SignalLevel,
    SignalLink,
    SignalReport,
    SignalState,
    SignalWarning,
    Urgency,
)
from consult.signals.places import regions
from consult.signals.reports.values import clear_words
from consult.signals.rule.proposal import Proposal
from consult.taxonomy.model import Scheme, Term

MAX_LISTED = 100
SUBSTANCES = "substances"
"""The taxonomy scheme used to tag signals."""


@dataclass(frozen=True)
class TriageReport:
    """A report as assessors read it. Apparent personal data are hidden at first. `alike` more share its row."""

    row: SignalReport
    link: SignalLink
    organisation: str | None
    taken_by: str | None
    alike: int = 0

    def clear(self, words: str) -> str:
        return clear_words(words, self.row.country)

    @property
    def hides(self) -> bool:
        """Return whether parts of the body are hidden."""
        return self.row.cleared_body != self.row.body

    @property
    def place(self) -> str:
        return regions.name_place(self.row.country, self.row.region, current_language(), self.row.place or None)

    @property
    def is_emergency(self) -> bool:
        """Return whether it waits and is an emergency by the rule."""
        return self._waits and self.link.urgency == Urgency.VERIFIED

    @property
    def is_urgent(self) -> bool:
        """Return whether it waits and reports deaths or many overdoses that are not verified."""
        return self._waits and self.link.urgency == Urgency.UNVERIFIED

    @property
    def _waits(self) -> bool:
        return self.link.standing is ReportStanding.WAITING

    def is_late(self, at: datetime) -> bool:
        return self._waits and self.link.due_at < at


@dataclass(frozen=True)
class TriageQueue:
    """The waiting work. `urgent` are signals with a due warning, or an emergency nobody has taken."""

    reports: Sequence[TriageReport]
    drafts: Sequence[tuple[Signal, SignalWarning]]
    reviews: Sequence[tuple[Signal, SignalWarning]]
    signals: Sequence[Signal]
    more: int = 0

    def find(self, reference: str) -> TriageReport | None:
        """Return the requested report, else the first."""
        found = [it for it in self.reports if it.row.reference == reference]
        return next(iter(found or self.reports), None)


@dataclass(frozen=True)
class TriageSignal:
    """A signal with its reports, the proposed level and the unpublished draft."""

    row: Signal
    reports: Sequence[TriageReport]
    proposed: Proposal | None
    draft: SignalWarning | None
    editions: Sequence[SignalWarning]
    people: dict[int, str] = field(default_factory=dict)

    @property
    def rises(self) -> bool:
        """Return whether the proposed level is higher than the current one."""
        names = list(map(str, LEVEL_ORDER))
        return self.proposed is not None and names.index(self.proposed.level) > names.index(self.row.level)


def get_queue(session: Session, *, at: datetime) -> TriageQueue:
    """Return the waiting work. Six statements."""
    found = session.execute(_select_waiting()).all()
    total = session.scalar(
        select(func.count()).select_from(SignalLink).where(SignalLink.standing == ReportStanding.WAITING)
    )
    pairs = select(Signal, SignalWarning).join(SignalWarning, SignalWarning.signal_id == Signal.id)
    drafts = session.execute(pairs.where(SignalWarning.published_at.is_(None)).order_by(SignalWarning.written_at))
    review = SignalWarning.review_due_at.is_not(None) & SignalWarning.reviewed_at.is_(None)
    reviews = session.execute(pairs.where(review).order_by(SignalWarning.review_due_at))
    open_signals = session.scalars(
        select(Signal)
        .where(Signal.state == SignalState.OPEN)
        .order_by(Signal.level != SignalLevel.EMERGENCY, Signal.due_at.nulls_last(), Signal.level_at.desc())
        .limit(MAX_LISTED)
    ).all()
    reports = [TriageReport(*row) for row in found]
    return TriageQueue(
        reports,
        [(row[0], row[1]) for row in drafts],
        [(row[0], row[1]) for row in reviews],
        open_signals,
        (total or 0) - sum(1 + it.alike for it in reports),
    )


def _select_waiting() -> Select[*tuple[Any, ...]]:
    """Select the first report of each row of the queue, by urgency and deadline, with the number of similar ones."""
    folded = case((SignalLink.fold == b"", func.int8send(SignalLink.report_id)), else_=SignalLink.fold)
    rows = select(
        SignalLink.report_id,
        func.row_number().over(partition_by=folded, order_by=(SignalLink.due_at, SignalLink.report_id)).label("place"),
        (func.count().over(partition_by=folded) - 1).label("alike"),
    )
    row = rows.where(SignalLink.standing == ReportStanding.WAITING).subquery()
    return (
        select_reports()
        .add_columns(row.c.alike)
        .join(row, (row.c.report_id == SignalReport.id) & (row.c.place == 1))
        .order_by(SignalLink.urgency.desc(), SignalLink.due_at, SignalReport.id)
        .limit(MAX_LISTED)
    )


def list_folded(session: Session, references: Sequence[str], most: int) -> Sequence[SignalReport]:
    """Return the waiting reports that share a row with these, oldest first."""
    named = select(SignalLink.fold, SignalLink.report_id).join(SignalReport, SignalReport.id == SignalLink.report_id)
    named_rows = session.execute(named.where(SignalReport.reference.in_(references))).all()
    same = SignalLink.fold.in_({row.fold for row in named_rows if row.fold})
    rows = select(SignalReport).join(SignalLink, SignalLink.report_id == SignalReport.id)
    rows = rows.where(SignalLink.standing == ReportStanding.WAITING)
    rows = rows.where(same | SignalReport.id.in_([row.report_id for row in named_rows]))
    return session.scalars(rows.order_by(SignalReport.id).limit(most)).all()


def get_report(session: Session, report: SignalReport) -> TriageReport:
    """Return one report, in any standing."""
    return TriageReport(*session.execute(select_reports().where(SignalReport.id == report.id)).one())


def get_signal(session: Session, signal: Signal, *, at: datetime) -> TriageSignal:
    """Return a signal with the data for assessors."""
    rows = session.execute(
        select_reports()
        .where(SignalLink.signal_id == signal.id)
        .order_by(SignalReport.happened_on, SignalReport.id)
        .limit(MAX_LISTED)
    )
    editions, draft = warnings.list_editions(session, signal.id), warnings.get_draft(session, signal.id)
    named = {number for it in (*editions, draft) if it for number in (it.author_id, it.second_id) if number}
    people = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(named | {0})))
    return TriageSignal(
        signal,
        [TriageReport(*row) for row in rows],
        assessment.propose_level(session, signal, at=at),
        draft,
        editions,
        {row[0]: row[1] for row in people},
    )


def list_open_signals(session: Session, country: str = "") -> Sequence[Signal]:
    """Return signals that reports can be linked to, of one country if given, latest change first."""
    rows = select(Signal).where(Signal.state == SignalState.OPEN)
    if country:
        rows = rows.where(Signal.country == country)
    return session.scalars(rows.order_by(Signal.level_at.desc(), Signal.id.desc()).limit(MAX_LISTED)).all()


def list_substances(session: Session, language: str) -> list[tuple[int, str]]:
    """Return (id, name) of every substance of the taxonomy, by name."""
    rows = session.scalars(
        select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(Scheme.notation == SUBSTANCES, ~Term.retired)
    )
    return sorted(((row.id, row.label(language)) for row in rows), key=lambda pair: pair[1].casefold())


def select_reports() -> Select[*tuple[Any, ...]]:
    """Return a query for reports with the fields of TriageReport, in order."""
    return (
        select(SignalReport, SignalLink, Organisation.name, Account.display_name)
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .outerjoin(Organisation, Organisation.id == SignalReport.organisation_id)
        .outerjoin(Account, Account.id == SignalLink.taken_by_id)
    )
