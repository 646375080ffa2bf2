"""Logs as lines of JSON: events and ids, never names, addresses or words that somebody wrote."""

from __future__ import annotations

import logging
from typing import Any

from consult.core.later import Later

_TALKATIVE = ("kombu", "PIL", "markdown_it")
"""Libraries that say at DEBUG what they read: messages, what photographs carry along, texts."""

_TOLD = {
    "Invalid request": "A request could not be read and was refused",
    "Error handling request": "A request could not be handled",
}
"""What gunicorn says with the sender's address, the path or a header, by its first words; and what is said instead."""

log: Any = Later("consult.core.lines")
"""`log.info("package.event", id=1)`: what writes the lines is loaded with the first of them."""


def _say_nobody(record: logging.LogRecord) -> bool:
    for began, instead in _TOLD.items():
        if str(record.msg).startswith(began):
            record.msg, record.args = instead, ()
    return True


def configure(level: str) -> None:
    """Sets the level of the lines and of the standard library's root logger."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=number, format="%(levelname)s %(name)s %(message)s")
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
    logging.getLogger("gunicorn.error").addFilter(_say_nobody)  # the same one again is not added twice
