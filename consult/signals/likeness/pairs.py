"""Pairs of reports that may be of one thing, each with its reasons, and which reports are independent.

Proposed are reports of the same place that lie at most seven days apart and have the same substance, product names that
are alike, or texts that are alike; a copy of a text is proposed wherever and whenever it was filed. A report without a
town is compared with all of its region.
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
"""Reports that are alike happened at most so many days apart, unless they are copies."""
ALIKE = 85.0
"""The least `token_set_ratio` of product names and of texts that are alike."""
LEAST_WORDS = 8
"""Texts under so many words are alike by chance: they are not compared, unless they are copies."""
MOST = 20
"""So many reports are proposed for one."""


class LikenessReason(StrEnum):
    """Why two reports may be of one thing, the strongest first."""

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
    """What is compared of a report. `substances` are numbers of terms; `speaker` an organisation's, None: unknown."""

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
        """Equal for copies of one text, as the campaign engine has it; None for too short a text."""
        normal = normalise(self.text)
        return fingerprint(normal) if len(normal.split()) >= LEAST_WORDS else None


@dataclass(frozen=True)
class LikenessProposal:
    """A report that may be of the same thing as the one that was asked for; the higher `score`, the likelier."""

    id: int
    reasons: tuple[LikenessReason, ...]
    score: float
    independent: bool
    likeness: Mapping[LikenessReason, float] = field(default_factory=dict)
    """How alike they are in each reason, 0 to 100."""


def same_place(one: ComparedReport, other: ComparedReport) -> bool:
    """The same region and, where both name a town, the same town."""
    if one.region != other.region:
        return False
    return not (one.town and other.town) or normalise(one.town) == normalise(other.town)


def are_other_substances(one: ComparedReport, other: ComparedReport) -> bool:
    """Whether both name substances, and neither is the other, a kind of it, or what the other was sold as.

    What was found in one and what is only the name of the other are no two findings.
    """
    if not one.substances or not other.substances or one.substances == other.substances:
        return False
    if one.tested != other.tested and one.sold_as & other.sold_as:
        return False
    return not (one.substances <= other.families or other.substances <= one.families)


def are_independent(one: ComparedReport, other: ComparedReport) -> bool:
    """Of different organisations or on a different basis, and no copies. Two unknown people are not two organisations.

    >>> told = ComparedReport(1, "EC-E", date(2026, 11, 3))
    >>> are_independent(told, ComparedReport(2, "EC-E", date(2026, 11, 3), basis="seen")), are_independent(told, told)
    (True, False)
    """
    if one.copy_key is not None and one.copy_key == other.copy_key:
        return False
    return one.speaker != other.speaker or one.basis != other.basis


def propose_likely(report: ComparedReport, others: Iterable[ComparedReport]) -> list[LikenessProposal]:
    """The reports that may be of the same thing as this one, the likeliest first, at most MOST."""
    made = []
    for other in others:
        reasons = _find_reasons(report, other) if other.id != report.id else {}
        if reasons:
            apart = abs((other.on - report.on).days)
            score = sum(_WEIGHTS[reason] + likeness / 400 for reason, likeness in reasons.items()) - apart / 100
            made.append(LikenessProposal(other.id, tuple(reasons), score, are_independent(report, other), reasons))
    return sorted(made, key=lambda one: (-one.score, one.id))[:MOST]


def _find_reasons(one: ComparedReport, other: ComparedReport) -> dict[LikenessReason, float]:
    """Why two reports may be of one thing, with how alike they are in it, 0 to 100; empty: they are not alike."""
    found: dict[LikenessReason, float] = {}
    if one.copy_key is not None and one.copy_key == other.copy_key:
        found[LikenessReason.COPY] = 100.0
    if abs((other.on - one.on).days) > DAYS or not same_place(one, other):
        return found
    if are_other_substances(one, other):
        return found  # 2C-B and 2C-E are alike, and known to be two; so are two findings in the words of one service
    if not found and (likeness := compare_words(one.text, other.text, LEAST_WORDS)) >= ALIKE:
        found[LikenessReason.TEXT] = likeness
    product = compare_words(one.product, other.product, 1)
    if one.substances and one.substances == other.substances:
        found[LikenessReason.SUBSTANCE] = product
    elif product >= ALIKE:
        found[LikenessReason.PRODUCT] = product
    return found


def compare_words(one: str, other: str, least: int) -> float:
    """The likeness of two texts, 0 to 100; 0 where one of them has under `least` words."""
    first, second = normalise(one), normalise(other)
    if min(len(first.split()), len(second.split())) < least:
        return 0.0
    return float(_fuzz.token_set_ratio(first, second))
