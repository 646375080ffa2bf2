"""Data for the page of a template: its passages, and what fills the slots between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TemplateSlot:
    """The text between two passages: fillings with their number of texts, most frequent first."""

    fillings: Sequence[tuple[str, int]]
    others: int  # texts with another filling
    empty: int  # texts with an empty slot


@dataclass(frozen=True)
class TemplatePart:
    """A passage as one of the texts has it, and the slot after it (None after the last passage)."""

    passage: str
    slot: TemplateSlot | None


@dataclass(frozen=True)
class TemplatePicture:
    """The parts of a template in order, and the number of published texts they were read from."""

    parts: Sequence[TemplatePart]
    texts: int

    @property
    def slots(self) -> int:
        return sum(part.slot is not None for part in self.parts)
