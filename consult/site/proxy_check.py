"""Detection of a proxy that CONSULT_PROXIES does not count, so that all visitors share its address and limits.

Each process stores the time of such a request at most every ten minutes, and nothing from its header.
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
"""Minimum number of seconds between two records by a process."""


def is_own_network(address: str | None) -> bool:
    """Return whether a request came from this machine or a private network, as from a proxy.

    In requests from elsewhere, visitors may have set the header themselves.

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
                noted["at"] = at - _NOTED_EVERY + 10  # retry soon
