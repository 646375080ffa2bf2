"""Readers of inbound items by channel. Each feature registers its own when the application starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.gateway.model import InboundChannel

LEFT_ALONE = "left alone"


@dataclass(frozen=True)
class Reading:
    """The result of reading an item.

    `principal` is a keyed hash of the sender. `waits` is a text that is stored until the sender opens it.
    """

    outcome: str
    principal: bytes | None = None
    waits: str = ""


Reader = Callable[[Session, bytes], Reading]
"""A function that reads the bytes of an item. It runs in a transaction. An exception puts the item aside."""
FeatureReader = Callable[[Session, bytes], Reading | None]
"""A reader of one feature. It returns None for an item of another feature."""
_READERS: dict[InboundChannel, dict[str, FeatureReader]] = {channel: {} for channel in InboundChannel}


def register(channel: InboundChannel, name: str, reader: FeatureReader) -> None:
    """Add the reader of a feature to a channel, after those that were added before. Safe to repeat."""
    _READERS[channel][name] = reader


def get_reader(channel: InboundChannel) -> Reader:
    """Return a reader that asks the features of a channel in order."""

    def read(session: Session, raw: bytes) -> Reading:
        for reader in _READERS[channel].values():
            if (reading := reader(session, raw)) is not None:
                return reading
        return Reading(LEFT_ALONE)

    return read
