"""What a page shows of a template: its passages, and what fills the slots between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TemplateSlot:
    """What stands between two passages: fillings with how many texts have each, the commonest first."""

    fillings: Sequence[tuple[str, int]]
    others: int  # texts with a filling that is not among these
    empty: int  # texts with nothing there


@dataclass(frozen=True)
class TemplatePart:
    """A passage as one of the texts has it, and the slot after it; none after the last."""

    passage: str
    slot: TemplateSlot | None


@dataclass(frozen=True)
class TemplatePicture:
    """The parts of a template, in order, as seen in so many published texts."""

    parts: Sequence[TemplatePart]
    texts: int

    @property
    def slots(self) -> int:
        return sum(part.slot is not None for part in self.parts)
