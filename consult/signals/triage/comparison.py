"""Comparison of two reports side by side, and the record that they are about different events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.text import normalise
from consult.signals.likeness.pairs import ALIKE, DAYS, ComparedReport, are_other_substances, compare_words
from consult.signals.model import SignalApart, SignalReport


class Agreement(StrEnum):
    """The degree of agreement of two reports in one respect."""

    EQUAL = "equal"
    ALIKE = "alike"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Agreements:
    """The agreement of two reports in each respect. Percentages are 0 to 100."""

    place: Agreement
    day: Agreement
    days_apart: int
    product: Agreement
    product_percent: int
    substance: Agreement
    text: Agreement
    text_percent: int
    basis: Agreement
    source: Agreement
    harms: Agreement


def compare(one: SignalReport, other: SignalReport, known: tuple[ComparedReport, ComparedReport]) -> Agreements:
    """Compare two reports. `known` holds the substances that their texts name."""
    first, second = known
    apart = abs((one.happened_on - other.happened_on).days)
    product, text = compare_words(one.product, other.product, 1), compare_words(one.body, other.body, 1)
    return Agreements(
        place=_compare_places(first, second),
        day=Agreement.EQUAL if apart == 0 else Agreement.ALIKE if apart <= DAYS else Agreement.DIFFERENT,
        days_apart=apart,
        product=_grade(product, equal=normalise(one.product) == normalise(other.product)),
        product_percent=round(product),
        substance=_compare_substances(first, second),
        text=_grade(text, equal=normalise(one.body) == normalise(other.body)),
        text_percent=round(text),
        basis=Agreement.EQUAL if one.basis == other.basis else Agreement.DIFFERENT,
        source=_compare_sources(one, other),
        harms=_compare_harms(one, other),
    )


def _grade(percent: float, *, equal: bool) -> Agreement:
    return Agreement.EQUAL if equal else Agreement.ALIKE if percent >= ALIKE else Agreement.DIFFERENT


def _compare_places(one: ComparedReport, other: ComparedReport) -> Agreement:
    """Compare places. The same region is ALIKE if one of them names no town."""
    if one.region != other.region:
        return Agreement.DIFFERENT
    if normalise(one.town) == normalise(other.town):
        return Agreement.EQUAL
    return Agreement.DIFFERENT if one.town and other.town else Agreement.ALIKE


def _compare_substances(one: ComparedReport, other: ComparedReport) -> Agreement:
    """Compare substances. A substance and its family are ALIKE. A test result and a product name are UNKNOWN."""
    if not one.substances or not other.substances:
        return Agreement.UNKNOWN
    if one.substances == other.substances:
        return Agreement.EQUAL
    if one.tested != other.tested and one.sold_as & other.sold_as:
        return Agreement.UNKNOWN
    if are_other_substances(one, other):
        return Agreement.DIFFERENT
    return Agreement.ALIKE


def _compare_sources(one: SignalReport, other: SignalReport) -> Agreement:
    """Compare sources. Two unknown people are UNKNOWN, because they may be the same."""
    if one.organisation_id is None and other.organisation_id is None:
        return Agreement.UNKNOWN
    return Agreement.EQUAL if one.organisation_id == other.organisation_id else Agreement.DIFFERENT


def _compare_harms(one: SignalReport, other: SignalReport) -> Agreement:
    counts = [(row.deaths or 0, row.overdoses or 0, row.hospital or 0) for row in (one, other)]
    if not any(map(any, counts)):
        return Agreement.UNKNOWN
    return Agreement.EQUAL if counts[0] == counts[1] else Agreement.DIFFERENT


def set_apart(session: Session, report: SignalReport, other: SignalReport, *, by: Account) -> None:
    """Record that two reports are about different events, so they are not suggested again. Safe to repeat."""
    first, second = sorted((report.id, other.id))
    if first == second:
        return
    added = insert(SignalApart).values(first_id=first, second_id=second, by_id=by.id, at=now())
    session.execute(added.on_conflict_do_nothing())


def bring_back(session: Session, report: SignalReport) -> None:
    """Delete the records that this report is about a different event than others, so that these are suggested again."""
    session.execute(delete(SignalApart).where(_of(report)))


def list_apart(session: Session, report: SignalReport) -> Sequence[int]:
    """Return the ids of reports about different events than this one."""
    rows = session.execute(select(SignalApart.first_id, SignalApart.second_id).where(_of(report)))
    return [first if second == report.id else second for first, second in rows]


def _of(report: SignalReport) -> ColumnElement[bool]:
    return or_(SignalApart.first_id == report.id, SignalApart.second_id == report.id)
