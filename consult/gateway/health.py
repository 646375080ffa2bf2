"""State of the inbound channels, for the page /health and for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.gateway.guard import LIMITED
from consult.gateway.model import InboundChannel, InboundItem, InboundReading, InboundState

DAYS = 14
LATE_AFTER = timedelta(hours=1)
"""A mailbox that is read by schedule is late after this time without a reading."""
_MANY_ASIDE = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ChannelHealth:
    """The state of a channel. Numbers with `_today` count the items of the last 24 hours."""

    channel: InboundChannel
    read_at: datetime | None  # for tables and messages, when the last one arrived
    polled: bool
    aside: int
    oldest: datetime | None
    today: int
    aside_today: int
    limited_today: int

    def is_late(self, at: datetime) -> bool:
        """Return whether a mailbox that is read by schedule was not read for an hour."""
        return self.polled and self.read_at is not None and at - self.read_at > LATE_AFTER

    @property
    def puts_many_aside(self) -> bool:
        """Return whether at least five items of the day, and a fifth of all, were put aside."""
        return self.aside_today >= _MANY_ASIDE and self.aside_today * 5 >= self.today


@dataclass(frozen=True)
class ChannelDay:
    """The items of a channel that arrived on a day (UTC)."""

    day: date
    read: int
    refused: int
    aside: int


def check_channel(session: Session, channel: InboundChannel, *, at: datetime) -> ChannelHealth:
    """Return when a channel was last read and how many items were read, refused by a limit, and put aside."""
    put_aside, recent = InboundItem.state == InboundState.ASIDE, InboundItem.arrived_at > at - _DAY
    aside, oldest, today, aside_today, limited, last = session.execute(
        select(
            func.count().filter(put_aside),
            func.min(InboundItem.arrived_at).filter(put_aside),
            func.count().filter(recent),
            func.count().filter(recent & put_aside),
            func.count().filter(recent & (InboundItem.outcome == LIMITED)),
            func.max(InboundItem.arrived_at),
        ).where(InboundItem.channel == channel)
    ).one()
    read = session.get(InboundReading, channel)
    read_at = last if channel is not InboundChannel.LETTER else read.read_at if read else None
    polled = bool(read and read.polled)
    return ChannelHealth(channel, read_at, polled, aside, oldest, today, aside_today, limited)


def list_days(session: Session, channel: InboundChannel, *, at: datetime) -> Sequence[ChannelDay]:
    """Return the last 14 days of a channel, oldest first, also days without items."""
    first = at.date() - (DAYS - 1) * _DAY
    day = func.date(func.timezone("UTC", InboundItem.arrived_at))
    refused, put_aside = InboundItem.state == InboundState.REFUSED, InboundItem.reason != ""
    rows = session.execute(
        select(
            day,
            func.count().filter(~refused & ~put_aside),
            func.count().filter(refused),
            func.count().filter(put_aside),
        )
        .where(InboundItem.channel == channel, day >= first)
        .group_by(day)
    )
    counts = {on: ChannelDay(on, read, no, aside) for on, read, no, aside in rows}
    days = [first + n * _DAY for n in range(DAYS)]
    return [counts.get(each, ChannelDay(each, 0, 0, 0)) for each in days]
