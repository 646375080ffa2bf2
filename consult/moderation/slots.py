"""A slot on the review queue for packages above that have their own queues."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.slots import Slot


@dataclass(frozen=True)
class QueueFoot(Slot):
    """Content below the review queue: number of items that wait in other queues."""

    name = "queue.foot"
