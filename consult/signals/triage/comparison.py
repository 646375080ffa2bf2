"""Two reports side by side: what is equal in them, alike or different; and that two are not of the same thing."""

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
    """What two reports have in common in one thing."""

    EQUAL = "equal"
    ALIKE = "alike"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Agreements:
    """How two reports stand to each other, thing by thing. Percentages are 0 to 100."""

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
    """`known` are the two as they are compared for likeness, with the substances that their words name."""
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
    """Alike is the same region where one of them names no town."""
    if one.region != other.region:
        return Agreement.DIFFERENT
    if normalise(one.town) == normalise(other.town):
        return Agreement.EQUAL
    return Agreement.DIFFERENT if one.town and other.town else Agreement.ALIKE


def _compare_substances(one: ComparedReport, other: ComparedReport) -> Agreement:
    """Alike is a substance and its family. A finding beside what is only a name is neither alike nor another."""
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
    """Nobody knows whether two who say no name are the same."""
    if one.organisation_id is None and other.organisation_id is None:
        return Agreement.UNKNOWN
    return Agreement.EQUAL if one.organisation_id == other.organisation_id else Agreement.DIFFERENT


def _compare_harms(one: SignalReport, other: SignalReport) -> Agreement:
    counts = [(row.deaths or 0, row.overdoses or 0, row.hospital or 0) for row in (one, other)]
    if not any(map(any, counts)):
        return Agreement.UNKNOWN
    return Agreement.EQUAL if counts[0] == counts[1] else Agreement.DIFFERENT


def set_apart(session: Session, report: SignalReport, other: SignalReport, *, by: Account) -> None:
    """The two are not of the same thing, and are not proposed to each other any more. May be repeated."""
    first, second = sorted((report.id, other.id))
    if first == second:
        return
    added = insert(SignalApart).values(first_id=first, second_id=second, by_id=by.id, at=now())
    session.execute(added.on_conflict_do_nothing())


def bring_back(session: Session, report: SignalReport) -> None:
    """Whatever was set apart from a report may be proposed again."""
    session.execute(delete(SignalApart).where(_of(report)))


def list_apart(session: Session, report: SignalReport) -> Sequence[int]:
    """The numbers of the reports that were set apart from this one."""
    rows = session.execute(select(SignalApart.first_id, SignalApart.second_id).where(_of(report)))
    return [first if second == report.id else second for first, second in rows]


def _of(report: SignalReport) -> ColumnElement[bool]:
    return or_(SignalApart.first_id == report.id, SignalApart.second_id == report.id)
