"""What `consult doctor` reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckOutcome(StrEnum):
    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"  # it could not be checked


@dataclass(frozen=True)
class DoctorFinding:
    """The result of a check: a sentence, and what to do if there is anything to do."""

    check: str
    outcome: CheckOutcome
    sentence: str
    remedy: str = ""
