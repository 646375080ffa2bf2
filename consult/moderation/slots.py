"""A slot on the review queue, for packages above that have a queue of their own."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot


@dataclass(frozen=True)
class QueueFoot(Slot):
    """Below the review queue: what waits elsewhere, with its number."""

    name = "queue.foot"
