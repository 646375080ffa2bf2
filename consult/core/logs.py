"""Log lines with events and IDs, without names, addresses or user content.

Processes write one format to standard error: a JSON object in each line, or text if CONSULT_LOG_FORMAT is `text`. Its
first fields are `time`, `level`, `process`, `event` and, while a request is handled, `request`.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from consult.core.lazy import LazyModule

if TYPE_CHECKING:
    import structlog
else:
    structlog = LazyModule("structlog")

_NOISY_LIBRARIES = ("kombu", "PIL", "markdown_it")
"""Libraries whose DEBUG logs contain data: messages, photo metadata, texts."""

_REPLACED_MESSAGES = {
    "Invalid request": "A request could not be read and was refused",
    "Error handling request": "A request could not be handled",
}
"""Messages of gunicorn that contain the client's address, the path or a header, by first words, with replacements."""


class EventLog:
    """A logger: `log.info("package.event", id=1)`. Its library is loaded at the first line."""

    def info(self, event: str, **facts: object) -> None:
        _writer().info(event, **facts)

    def warning(self, event: str, **facts: object) -> None:
        _writer().warning(event, **facts)

    def error(self, event: str, **facts: object) -> None:
        _writer().error(event, **facts)


log = EventLog()


class LineBudget:
    """A limit of the lines of an event per minute and process, against requests that fill the disk.

    >>> budget = LineBudget(most=1)
    >>> [budget.take("door.knock", at=at) for at in (0.0, 1.0, 2.0, 60.0)]
    [{}, None, None, {'left_out': 2}]
    """

    def __init__(self, most: int = 60) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._events: dict[str, tuple[int, int]] = {}  # minute and number of lines in it

    def take(self, event: str, at: float | None = None) -> dict[str, object] | None:
        """Return None if the event has used its budget, else extra fields with the number of lines omitted before."""
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
    """Log an event that users can cause, such as a sign-in attempt, up to its budget."""
    if (more := line_budget.take(event)) is not None:
        log.info(event, **facts, **more)


_request_id: ContextVar[str] = ContextVar("request_id", default="")
_process = {"name": "command"}
_format = {"text": False}


def name_process(name: str) -> None:
    """Set the name of this kind of process in the log: `web`, `worker`, `clock`, `command`."""
    _process["name"] = name


def begin_request(number: str = "") -> None:
    """Give all lines from now on the ID of a request: a new random one, or that of the request that queued this task.

    An ID in a header of the visitor is not used, since it could name a person.
    """
    _request_id.set(number or secrets.token_hex(8))


def get_request_id() -> str:
    """Return the ID of the current request, or an empty string outside of one."""
    return _request_id.get()


def _order_fields(facts: dict[str, Any], level: str, event: str) -> dict[str, Any]:
    """Return the fields of a line, the common ones first.

    >>> list(_order_fields({"id": 1}, "info", "mail.sent"))[:4]
    ['time', 'level', 'process', 'event']
    """
    line = {"time": datetime.now(UTC).isoformat(), "level": level, "process": _process["name"], "event": event}
    request = {"request": number} if (number := get_request_id()) else {}
    return line | request | facts


def _finish_event(_logger: object, level: str, facts: Any) -> Any:
    event = facts.pop("event")
    return _order_fields(dict(facts), level, event)


class LineFormatter(logging.Formatter):
    """Formats the lines of libraries, such as gunicorn and Celery, as our own."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = {"logger": record.name}
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        line = _order_fields(facts, record.levelname.lower(), record.getMessage())
        if _format["text"]:
            return " ".join(str(value) for value in line.values())
        return json.dumps(line, ensure_ascii=False)


@cache
def _writer() -> structlog.typing.FilteringBoundLogger:
    """Return a logger at the level of the root logger that writes to standard error."""
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False, timestamp_key="time")
        if _format["text"]
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[_finish_event, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLogger().getEffectiveLevel()),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    writer: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return writer


def _hide_sender(record: logging.LogRecord) -> bool:
    for began, instead in _REPLACED_MESSAGES.items():
        if str(record.msg).startswith(began):
            record.msg, record.args = instead, ()
    return True


def configure(level: str, line_format: str = "json") -> None:
    """Set the level and format of our log and of the standard library's root logger. Safe to repeat."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    _format["text"] = line_format == "text"
    logging.basicConfig(level=number)
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:  # pytest's own handlers keep their format
            handler.setFormatter(LineFormatter())
    for library in _NOISY_LIBRARIES:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    logging.getLogger("gunicorn.error").addFilter(_hide_sender)  # adding the same filter again has no effect
