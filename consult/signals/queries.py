"""Public queries: signals by region, without individual reports, and with a town only if it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.errors import NotFound
from consult.core.i18n import _, current_language
from consult.digests.model import EarlyWarning
from consult.signals.figures.bands import BANDS, Band, band
from consult.signals.model import (
    LEVEL_ORDER,
    PUBLIC_STATES,
    Signal,
    SignalAct,
    SignalDeed,
    SignalLevel,
    SignalLink,
    SignalReport,
    SignalState,
    SignalWarning,
)
from consult.signals.offices.service import OfficeName, find_office
from consult.signals.places import regions
from consult.signals.watchers.letters import choose_title
from consult.taxonomy.model import Term

MAX_LISTED = 100
_TOLD = frozenset(SignalDeed) - {SignalDeed.LINKED, SignalDeed.SPLIT, SignalDeed.TAKEN}
"""Acts visible to the public. Others would reveal when reports arrived."""


@dataclass(frozen=True)
class PublicSignal:
    """A signal as the public sees it. `sources` counts distinct organisations and bases, as independent reports do.

    `reports` and `sources` are for decisions. Pages show `report_band` and `source_band`. A signal opens with a report,
    so the lowest band is 1 to 4, also while that report is not public yet.
    """

    row: Signal
    reports: int
    sources: int
    laboratory: bool  # whether a laboratory has found something
    substance: Term | None
    warning: SignalWarning | None

    @property
    def report_band(self) -> Band:
        return band(max(self.reports, 1))

    @property
    def source_band(self) -> Band:
        return band(max(self.sources, 1))

    def place(self, language: str) -> str:
        """Return the region, with the town if it is published."""
        town = self.row.place if self.row.place_shown else None
        return regions.name_place(self.row.country, self.row.region, language, town)

    def title(self, language: str) -> str:
        """Return the title, in the reader's language if the newest edition has one."""
        return choose_title(self.row, self.warning, language)

    def text(self, language: str) -> tuple[str, dict[str, str]]:
        """Return language and text of the newest edition, in the reader's language if available."""
        if self.warning is None:
            return language, {}
        shown = language if language in self.warning.texts else self.warning.language
        return shown, self.warning.texts[shown]


@dataclass(frozen=True)
class SignalPage:
    """A signal with its acts, all editions of the warning and the consultation on the response."""

    signal: PublicSignal
    acts: Sequence[SignalAct]
    editions: Sequence[SignalWarning]
    consultation: Consultation | None
    into: Signal | None = None
    issuer: OfficeName | None = None


@dataclass(frozen=True)
class ConsultationOrigin:
    """The early-warning option of a consultation (`early`), and the signal it was opened from."""

    early: bool
    signal: Signal | None
    title: str = ""  # of the signal, in the reader's language


@dataclass(frozen=True)
class SignalOverview:
    """Open signals, most urgent first, and ended ones."""

    current: Sequence[PublicSignal]
    ended: Sequence[PublicSignal] = field(default_factory=tuple)

    def count(self, level: str) -> int:
        """Return the number of open signals at this level."""
        return sum(it.row.level == level for it in self.current)


def get_overview(session: Session, *, country: str = "", nearest: str = "") -> SignalOverview:
    """Return open and ended signals, of one country if given. Two statements.

    The most dangerous come first. With `nearest`, emergencies everywhere come first, then alerts in that country, then
    the rest by day.
    """
    found = _list(session, country, nearest)
    return SignalOverview(
        [it for it in found if it.row.state is SignalState.OPEN],
        [it for it in found if it.row.state is not SignalState.OPEN],
    )


def list_countries_seen(session: Session) -> Sequence[str]:
    """Return the countries with public signals."""
    return session.scalars(
        select(Signal.country).where(Signal.state.in_(PUBLIC_STATES)).distinct().order_by(Signal.country)
    ).all()


def _list(session: Session, country: str, nearest: str) -> list[PublicSignal]:
    rank = case({level: -n for n, level in enumerate(LEVEL_ORDER)}, value=Signal.level)
    if nearest:
        alert_there = (Signal.level == SignalLevel.ALERT) & (Signal.country == nearest)
        rank = case((Signal.level == SignalLevel.EMERGENCY, 0), (alert_there, 1), else_=2)
    rows = _select_counted().where(Signal.state.in_(PUBLIC_STATES))
    if country:
        rows = rows.where(Signal.country == country.upper())
    rows = rows.order_by(Signal.state != SignalState.OPEN, rank, Signal.level_at.desc(), Signal.id.desc())
    found = session.execute(rows.limit(MAX_LISTED)).all()
    warnings = _newest_warnings(session, [row[0].id for row in found])
    return [_to_public(row, warnings) for row in found]


def _select_counted() -> Select[*tuple[Any, ...]]:
    joined = select(
        SignalLink.signal_id.label("id"),
        SignalReport.id.label("report"),
        SignalReport.basis,
        func.coalesce(SignalReport.organisation_id, 0).label("organisation"),
    )
    report = (
        joined.join(SignalReport, SignalReport.id == SignalLink.report_id)
        .where(SignalLink.signal_id.is_not(None), SignalLink.held_until.is_(None))
        .subquery()
    )
    return (
        select(
            Signal,
            Term,
            func.count(report.c.report),
            func.count(func.distinct(func.row(report.c.organisation, report.c.basis))).filter(
                report.c.report.is_not(None)
            ),
        )
        .outerjoin(report, report.c.id == Signal.id)
        .outerjoin(Term, Term.id == Signal.substance_id)
        .group_by(Signal.id, Term.id)
    )


def name_signals(session: Session, rows: Sequence[Signal], language: str) -> dict[int, str]:
    """Return the titles of signals by number, in this language if the newest edition of a warning has one."""
    warnings = _newest_warnings(session, [row.id for row in rows])
    return {row.id: choose_title(row, warnings.get(row.id), language) for row in rows}


def _newest_warnings(session: Session, ids: Sequence[int]) -> dict[int, SignalWarning]:
    rows = session.scalars(
        select(SignalWarning)
        .where(SignalWarning.signal_id.in_(ids), SignalWarning.published_at.is_not(None))
        .order_by(SignalWarning.signal_id, SignalWarning.edition)
    )
    return {row.signal_id: row for row in rows}


def _to_public(row: Row[*tuple[Any, ...]], warnings: dict[int, SignalWarning]) -> PublicSignal:
    signal, term, reports, sources = row
    found = signal.confidence in ("mass_spectrometry", "two_laboratories")
    return PublicSignal(signal, reports, sources, found, term, warnings.get(signal.id))


def get_page(session: Session, slug: str) -> SignalPage:
    """Return the public page of a signal, also of a retracted one. Raises NotFound."""
    found = session.execute(_select_counted().where(Signal.slug == slug)).one_or_none()
    if found is None or found[0].state is SignalState.NOT_SIGNAL:
        raise NotFound(_("We cannot find a signal at this link."))
    row = found[0]
    editions = session.scalars(
        select(SignalWarning)
        .where(SignalWarning.signal_id == row.id, SignalWarning.published_at.is_not(None))
        .order_by(SignalWarning.edition.desc())
    ).all()
    acts = session.scalars(
        select(SignalAct).where(SignalAct.signal_id == row.id, SignalAct.deed.in_(_TOLD)).order_by(SignalAct.id)
    ).all()
    asked = session.get(Consultation, row.consultation_id) if row.consultation_id else None
    if asked is None or asked.phase is Phase.DRAFT:
        acts = [act for act in acts if act.deed is not SignalDeed.CONSULTED]
    return SignalPage(
        _to_public(found, {row.id: editions[0]} if editions else {}),
        acts,
        editions,
        asked if asked is not None and asked.phase is not Phase.DRAFT else None,
        session.get(Signal, row.merged_into_id) if row.merged_into_id else None,
        find_office(session, editions[0].office_id) if editions else None,
    )


def find_origin(session: Session, consultation_id: int) -> ConsultationOrigin:
    """Return whether a consultation is an early warning, and its signal if it has one. Runs one or two statements."""
    row = session.execute(
        select(EarlyWarning.consultation_id, Signal)
        .select_from(Consultation)
        .outerjoin(EarlyWarning, EarlyWarning.consultation_id == Consultation.id)
        .outerjoin(Signal, (Signal.consultation_id == Consultation.id) & Signal.state.in_(PUBLIC_STATES))
        .where(Consultation.id == consultation_id)
        .limit(1)
    ).one_or_none()
    signal = row[1] if row else None
    title = name_signals(session, [signal], current_language())[signal.id] if signal else ""
    return ConsultationOrigin(row is not None and row[0] is not None, signal, title)


def to_json(it: PublicSignal, *, url: str, language: str = "") -> dict[str, object]:
    """Return the public data of a signal, ready for JSON. `language` defaults to the current one."""
    spoken, words = it.text(language or current_language())
    retracted = it.row.state is SignalState.RETRACTED
    return {
        "id": it.row.slug,
        "url": url,
        "title": it.title(language or current_language()),
        "level": str(it.row.level),
        "state": str(it.row.state),
        "confidence": None if retracted else str(it.row.confidence),
        "country": it.row.country,
        "region": it.row.region,
        "place": it.row.place if it.row.place_shown else None,
        "substance": it.substance.uri if it.substance else None,
        "reports": str(it.report_band),
        "sources": str(it.source_band),
        "bands": [str(row) for row in BANDS[1:]],
        "several_sources": it.sources > 1,
        "opened_on": it.row.opened_at.date().isoformat(),
        "level_since": it.row.level_at.date().isoformat(),
        "retracted": retracted,
        "warning": {"language": spoken, "edition": it.warning.edition, "kind": str(it.warning.kind), **words}
        if it.warning
        else None,
    }
