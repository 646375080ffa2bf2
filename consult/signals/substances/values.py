"""Values of a substance record, and the checks of identifiers and dates. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

_CAS = re.compile(r"[1-9]\d{1,6}-\d{2}-\d")
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
_UNII = re.compile(r"[A-Z0-9]{10}")
_PARTIAL_DATE = re.compile(r"(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
MAX_NAMES, MAX_CONTROLS, MAX_STRIPS = 20, 6, 4


class DrugLaw(StrEnum):
    """The law by which a substance is controlled."""

    NARCOTICS_1961 = "1961"
    PSYCHOTROPICS_1971 = "1971"
    PRECURSORS_1988 = "1988"
    NATIONAL = "national"


class StripKind(StrEnum):
    """The substance or family that a test strip is sold for."""

    FENTANYL = "fentanyl"
    NITAZENE = "nitazene"
    BENZODIAZEPINE = "benzodiazepine"
    XYLAZINE = "xylazine"


class StripResult(StrEnum):
    """Whether a kind of strip shows a substance."""

    YES = "yes"
    NO = "no"
    SOME = "some"  # some products, or only at high concentrations


class RecordProblem(StrEnum):
    """The reason why a value is refused."""

    CAS = "cas"
    INCHIKEY = "inchikey"
    UNII = "unii"
    SOURCE = "source"
    LAW = "law"
    SCHEDULE = "schedule"
    COUNTRY = "country"
    SINCE = "since"
    STRIP = "strip"


@dataclass(frozen=True)
class SubstanceControl:
    """Control by a convention, or by the law of a country (ISO 3166-1). `since` is a year, month or day, or ""."""

    law: str
    schedule: str
    since: str = ""
    source: str = ""
    country: str = ""


@dataclass(frozen=True)
class SubstanceStrip:
    """Whether a kind of test strip shows the substance."""

    strip: str
    shows: str
    source: str = ""


@dataclass(frozen=True)
class SubstanceValues:
    """The values of a record, as typed or read from a table."""

    cas: str = ""
    inchikey: str = ""
    unii: str = ""
    un_code: str = ""
    incb_code: str = ""
    eu_code: str = ""
    names: tuple[str, ...] = ()
    controls: tuple[SubstanceControl, ...] = ()
    strips: tuple[SubstanceStrip, ...] = ()
    source: str = ""

    def as_columns(self) -> dict[str, Any]:
        """Return the values as stored, with lists of objects."""
        return {
            **{each.name: getattr(self, each.name) for each in fields(self)},
            "names": list(self.names),
            "controls": [asdict(row) for row in self.controls],
            "strips": [asdict(row) for row in self.strips],
        }


def is_cas(number: str) -> bool:
    """Return whether a CAS Registry Number has the right form and check digit.

    >>> is_cas("437-38-7"), is_cas("437-38-8"), is_cas("fentanyl")
    (True, False, False)
    """
    if not _CAS.fullmatch(number):
        return False
    digits = number.replace("-", "")
    return sum(n * int(digit) for n, digit in enumerate(reversed(digits[:-1]), 1)) % 10 == int(digits[-1])


def find_problems(values: SubstanceValues) -> list[tuple[str, RecordProblem]]:
    """Return the problems of the values, each with the name of its form field."""
    problems: list[tuple[str, RecordProblem]] = []
    if values.cas and not is_cas(values.cas):
        problems.append(("cas", RecordProblem.CAS))
    if values.inchikey and not _INCHIKEY.fullmatch(values.inchikey):
        problems.append(("inchikey", RecordProblem.INCHIKEY))
    if values.unii and not _UNII.fullmatch(values.unii):
        problems.append(("unii", RecordProblem.UNII))
    identifiers = (values.cas, values.inchikey, values.unii, values.un_code, values.incb_code, values.eu_code)
    if any(identifiers) and not values.source:
        problems.append(("source", RecordProblem.SOURCE))
    for n, control in enumerate(values.controls):
        problems += [(f"control_{n}_{name}", problem) for name, problem in _check_control(control)]
    for n, strip in enumerate(values.strips):
        if strip.strip not in set(StripKind) or strip.shows not in set(StripResult):
            problems.append((f"strip_{n}_strip", RecordProblem.STRIP))
        if not strip.source:
            problems.append((f"strip_{n}_source", RecordProblem.SOURCE))
    return problems


def _check_control(control: SubstanceControl) -> Sequence[tuple[str, RecordProblem]]:
    national = control.law == DrugLaw.NATIONAL
    checks = (
        ("law", RecordProblem.LAW, control.law in set(DrugLaw)),
        ("schedule", RecordProblem.SCHEDULE, bool(control.schedule)),
        ("country", RecordProblem.COUNTRY, bool(re.fullmatch(r"[A-Z]{2}", control.country)) == national),
        ("since", RecordProblem.SINCE, not control.since or bool(_PARTIAL_DATE.fullmatch(control.since))),
        ("source", RecordProblem.SOURCE, bool(control.source)),
    )
    return [(name, problem) for name, problem, holds in checks if not holds]
