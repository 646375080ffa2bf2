"""Slots on the page of a piece of evidence, for packages above."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot


@dataclass(frozen=True)
class EvidenceAside(Slot):
    """Below a published piece of evidence: what was made of it, and can be."""

    name = "evidence.aside"
    evidence_id: int
