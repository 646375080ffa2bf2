"""The result of one check of the health page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HealthStatus(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class HealthCheck:
    """The state of one part of the system, with a sentence for a person."""

    name: str
    status: HealthStatus
    sentence: str
