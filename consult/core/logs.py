"""Logs as lines of JSON: events and ids, never names, addresses or words that somebody wrote."""

from __future__ import annotations

import logging

import structlog

_TALKATIVE = ("kombu", "PIL", "markdown_it")
"""Libraries that say at DEBUG what they read: messages, what photographs carry along, texts."""


def configure(level: str) -> None:
    """Sets structlog and the standard library's root logger to the same level and form."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=number, format="%(levelname)s %(name)s %(message)s")
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
