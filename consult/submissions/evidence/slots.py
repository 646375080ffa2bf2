"""Slots on the page of a piece of evidence, for packages of higher layers."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot


@dataclass(frozen=True)
class EvidenceAside(Slot):
    """A slot below a published piece of evidence: its later use, and possible actions."""

    name = "evidence.aside"
    evidence_id: int
