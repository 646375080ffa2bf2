"""JSON log lines with events and ids, never names, addresses or people's words."""

from __future__ import annotations

import logging
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from consult.core.lazy import LazyModule

if TYPE_CHECKING:
    import structlog
else:
    structlog = LazyModule("structlog")

_NOISY_LIBRARIES = ("kombu", "PIL", "markdown_it")
"""Libraries that say at DEBUG what they read: messages, what photographs carry along, texts."""

_REPLACED_MESSAGES = {
    "Invalid request": "A request could not be read and was refused",
    "Error handling request": "A request could not be handled",
}
"""What gunicorn says with the sender's address, the path or a header, by its first words; and what is said instead."""


class EventLog:
    """`log.info("package.event", id=1)`: what writes the lines is loaded with the first of them."""

    def info(self, event: str, **facts: object) -> None:
        _writer().info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        _writer().warning(event, **facts)

    def error(self, event: str, **facts: object) -> None:
        _writer().error(event, **facts)


log = EventLog()


class LineBudget:
    """At most so many lines of an event in a minute and process: whoever causes them cannot fill the disk.

    >>> budget = LineBudget(most=1)
    >>> [budget.take("door.knock", at=at) for at in (0.0, 1.0, 2.0, 60.0)]
    [{}, None, None, {'left_out': 2}]
    """

    def __init__(self, most: int = 60) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._events: dict[str, tuple[int, int]] = {}  # the minute, and how many came in it

    def take(self, event: str, at: float | None = None) -> dict[str, object] | None:
        """None where this event has had its lines; else what its line says of those that were left out before."""
        minute = int((time.monotonic() if at is None else at) // 60)
        with self._lock:
            begun, count = self._events.get(event, (minute, 0))
            left_out = max(0, count - self._most) if begun != minute else 0
            count = 1 if begun != minute else count + 1
            self._events[event] = (minute, count)
        if count > self._most:
            return None
        return {"left_out": left_out} if left_out else {}


line_budget = LineBudget()


def log_bounded(event: str, **facts: object) -> None:
    """A line about what somebody did at the door or with a role; not more of one event than its budget."""
    if (more := line_budget.take(event)) is not None:
        log.info(event, **facts, **more)


@cache
def _writer() -> structlog.typing.FilteringBoundLogger:
    """Lines of JSON, from the level of the standard library's root logger on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger().getEffectiveLevel()),
        cache_logger_on_first_use=False,
    )
    writer: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return writer


def _hide_sender(record: logging.LogRecord) -> bool:
    for began, instead in _REPLACED_MESSAGES.items():
        if str(record.msg).startswith(began):
            record.msg, record.args = instead, ()
    return True


def configure(level: str) -> None:
    """Sets the level of the lines and of the standard library's root logger."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=number, format="%(levelname)s %(name)s %(message)s")
    for library in _NOISY_LIBRARIES:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    logging.getLogger("gunicorn.error").addFilter(_hide_sender)  # the same one again is not added twice
