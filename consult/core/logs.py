"""Logs as lines of JSON: events and ids, never names, addresses or words that somebody wrote."""

from __future__ import annotations

import logging
from typing import Any

from consult.core.later import Later

_TALKATIVE = ("kombu", "PIL", "markdown_it")
"""Libraries that say at DEBUG what they read: messages, what photographs carry along, texts."""

log: Any = Later("consult.core.lines")
"""`log.info("package.event", id=1)`: what writes the lines is loaded with the first of them."""


def configure(level: str) -> None:
    """Sets the level of the lines and of the standard library's root logger."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(level=number, format="%(levelname)s %(name)s %(message)s")
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(number, logging.WARNING))
