"""Labels for kinds of facts and the precision of dates."""

from __future__ import annotations

from datetime import date

from flask import Flask

from consult.core.i18n import N_, NP_
from consult.core.web.template_filters import format_day, format_month
from consult.countries.model import CountryFact, FactKind, Precision
from consult.countries.treaty_tables.reader import TreatyAction

KIND_LABELS = {
    FactKind.SIGNATURE: NP_("treaty", "Signature"),
    FactKind.RATIFICATION: NP_("treaty", "Ratification"),
    FactKind.ACCESSION: NP_("treaty", "Accession"),
    FactKind.SUCCESSION: NP_("treaty", "Succession"),
    FactKind.ACCEPTANCE: NP_("treaty", "Acceptance"),
    FactKind.APPROVAL: NP_("treaty", "Approval"),
    FactKind.CONFIRMATION: N_("Formal confirmation"),
    FactKind.RESERVATION: NP_("treaty", "Reservation"),
    FactKind.DECLARATION: NP_("treaty", "Declaration"),
    FactKind.WITHDRAWAL: NP_("treaty", "Withdrawal"),
    FactKind.LAW: NP_("legislation", "Law"),
    FactKind.SCHEDULE: N_("Schedule of controlled substances"),
    FactKind.JUDGMENT: N_("Court judgment"),
}
PRECISION_LABELS = {
    Precision.DAY: N_("Exact date"),
    Precision.MONTH: N_("Month and year only"),
    Precision.YEAR: N_("Year only"),
}


def format_fact_day(fact: CountryFact | TreatyAction) -> str:
    """Return the date of a fact with the part that is known."""
    return format_known_day(fact.day, fact.precision)


def format_known_day(day: date, precision: Precision) -> str:
    """Return the known part of a date in the current language."""
    if precision is Precision.YEAR:
        return str(day.year)
    return format_month(day) if precision is Precision.MONTH else format_day(day)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["fact_kind"] = lambda kind: str(KIND_LABELS[FactKind(kind)])
    app.jinja_env.filters["fact_day"] = format_fact_day
