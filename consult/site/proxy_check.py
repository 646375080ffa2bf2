"""A proxy that CONSULT_PROXIES does not count: every visitor then has its address, and they share their limits.

What is kept is when it was seen last, and nothing of the header.
"""

from __future__ import annotations

import time
from ipaddress import ip_address

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from consult.core.db import separate_transaction
from consult.core.settings import Settings
from consult.site import service

FORWARDED_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
_NOTED_EVERY = 600.0
"""Seconds between two notes of a process."""


def is_own_network(address: str | None) -> bool:
    """Whether a request came from this machine or a private network, as from a proxy. From elsewhere the header may be
    a visitor's own.

    >>> [is_own_network(each) for each in ("127.0.0.1", "::ffff:10.0.0.2", "198.51.101.7", "", None)]
    [True, True, False, False, False]
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_loopback or found.is_private


def init_app(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    if settings.proxies:
        return
    noted = {"at": -_NOTED_EVERY}

    @app.before_request
    def look() -> None:
        at = time.monotonic()
        if at - noted["at"] < _NOTED_EVERY or not any(name in request.headers for name in FORWARDED_HEADERS):
            return
        if is_own_network(request.remote_addr):
            noted["at"] = at
            try:
                with separate_transaction() as session:
                    service.record_beat(session, service.FORWARDED)
            except SQLAlchemyError:
                noted["at"] = at - _NOTED_EVERY + 10  # looked at again soon
