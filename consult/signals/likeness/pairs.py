"""Suggested pairs of reports about the same event, with reasons, and independence of reports.

Reports of the same place, at most seven days apart, are suggested if they have the same substance, similar product
names or similar texts. A copy of a text is suggested from any place and time. A report without a town is compared with
all of its region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from consult.core.lazy import LazyModule
from consult.core.text import fingerprint, normalise

_fuzz: Any = LazyModule("rapidfuzz.fuzz")

DAYS = 7
"""Maximum number of days between similar reports, unless they are copies."""
ALIKE = 85.0
"""Minimum `token_set_ratio` of similar product names and texts."""
LEAST_WORDS = 8
"""Texts with fewer words are similar by chance, so only exact copies of them count."""
MOST = 20
"""Maximum number of suggestions for a report."""


class LikenessReason(StrEnum):
    """The reason why two reports may be about the same event, strongest first."""

    COPY = "copy"
    TEXT = "text"
    SUBSTANCE = "substance"
    PRODUCT = "product"


_WEIGHTS = {
    LikenessReason.COPY: 4.0,
    LikenessReason.TEXT: 2.0,
    LikenessReason.SUBSTANCE: 1.0,
    LikenessReason.PRODUCT: 1.0,
}


@dataclass(frozen=True)
class ComparedReport:
    """The compared parts of a report. `substances` are term ids, `speaker` an organisation id or None."""

    id: int
    region: str  # ISO 3166-2
    on: date
    town: str = ""
    substances: frozenset[int] = frozenset()  # those that are named or nearly so; empty: not known
    families: frozenset[int] = frozenset()  # what these substances are kinds of
    tested: bool = False  # the substances are what it turned out to be, not what its name means
    sold_as: frozenset[int] = frozenset()  # the substances that the name it was sold under means
    product: str = ""
    text: str = ""
    basis: str = "told"
    speaker: int | None = None

    @property
    def copy_key(self) -> bytes | None:
        """Return a key that is equal for copies of a text, as in the campaign engine, or None if it is too short."""
        normal = normalise(self.text)
        return fingerprint(normal) if len(normal.split()) >= LEAST_WORDS else None


@dataclass(frozen=True)
class LikenessProposal:
    """A report that may be about the same event. A higher `score` is more likely."""

    id: int
    reasons: tuple[LikenessReason, ...]
    score: float
    independent: bool
    likeness: Mapping[LikenessReason, float] = field(default_factory=dict)
    """Similarity for each reason, 0 to 100."""


def same_place(one: ComparedReport, other: ComparedReport) -> bool:
    """Return whether both have the same region and, if both name a town, the same town."""
    if one.region != other.region:
        return False
    return not (one.town and other.town) or normalise(one.town) == normalise(other.town)


def are_other_substances(one: ComparedReport, other: ComparedReport) -> bool:
    """Return whether both name substances that differ: neither is the other, its family, or what it was sold as.

    A test result and the product name of another report do not contradict each other.
    """
    if not one.substances or not other.substances or one.substances == other.substances:
        return False
    if one.tested != other.tested and one.sold_as & other.sold_as:
        return False
    return not (one.substances <= other.families or other.substances <= one.families)


def are_independent(one: ComparedReport, other: ComparedReport) -> bool:
    """Return whether two reports differ in organisation or basis and are not copies.

    Two unknown people do not count as different organisations.

    >>> told = ComparedReport(1, "EC-E", date(2026, 11, 3))
    >>> are_independent(told, ComparedReport(2, "EC-E", date(2026, 11, 3), basis="seen")), are_independent(told, told)
    (True, False)
    """
    if one.copy_key is not None and one.copy_key == other.copy_key:
        return False
    return one.speaker != other.speaker or one.basis != other.basis


def propose_likely(report: ComparedReport, others: Iterable[ComparedReport]) -> list[LikenessProposal]:
    """Return the reports that may be about the same event, most likely first, at most MOST."""
    made = []
    for other in others:
        reasons = _find_reasons(report, other) if other.id != report.id else {}
        if reasons:
            apart = abs((other.on - report.on).days)
            score = sum(_WEIGHTS[reason] + likeness / 400 for reason, likeness in reasons.items()) - apart / 100
            made.append(LikenessProposal(other.id, tuple(reasons), score, are_independent(report, other), reasons))
    return sorted(made, key=lambda one: (-one.score, one.id))[:MOST]


def _find_reasons(one: ComparedReport, other: ComparedReport) -> dict[LikenessReason, float]:
    """Return the reasons why two reports may be about the same event, with similarity from 0 to 100."""
    reasons: dict[LikenessReason, float] = {}
    if one.copy_key is not None and one.copy_key == other.copy_key:
        reasons[LikenessReason.COPY] = 100.0
    if abs((other.on - one.on).days) > DAYS or not same_place(one, other):
        return reasons
    if are_other_substances(one, other):
        return reasons  # 2C-B and 2C-E are alike, and known to be two; so are two findings in the words of one service
    if not reasons and (likeness := compare_words(one.text, other.text, LEAST_WORDS)) >= ALIKE:
        reasons[LikenessReason.TEXT] = likeness
    product = compare_words(one.product, other.product, 1)
    if one.substances and one.substances == other.substances:
        reasons[LikenessReason.SUBSTANCE] = product
    elif product >= ALIKE:
        reasons[LikenessReason.PRODUCT] = product
    return reasons


def compare_words(one: str, other: str, least: int) -> float:
    """Return the similarity of two texts, 0 to 100, or 0 if one has fewer than `least` words."""
    first, second = normalise(one), normalise(other)
    if min(len(first.split()), len(second.split())) < least:
        return 0.0
    return float(_fuzz.token_set_ratio(first, second))
