"""The lines of JSON themselves: by structlog, from the level of the standard library's root logger on."""

from __future__ import annotations

import logging

import structlog

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
_log = structlog.get_logger()


def info(event: str, **facts: object) -> None:
    _log.info(event, **facts)


def warning(event: str, **facts: object) -> None:
    _log.warning(event, **facts)


def error(event: str, **facts: object) -> None:
    _log.error(event, **facts)
