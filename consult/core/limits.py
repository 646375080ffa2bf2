"""Rate limits without addresses: a network is known only as an HMAC of its /24 or /56 under a key of the day."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits.storage import RedisStorage

from consult.core.clock import now


def network() -> str:
    """The caller's network, unrecognisable tomorrow. Never stored except as a short-lived counter's name."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    day_key = hmac.digest(secret, f"limits:{now():%Y-%m-%d}".encode(), "sha256")
    try:
        address = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - a stand-in for "unknown"
    except ValueError:
        address = ipaddress.ip_address("0.0.0.0")  # noqa: S104
    prefix = 24 if address.version == 4 else 56
    block = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    return hmac.new(day_key, str(block).encode(), "sha256").hexdigest()[:20]


def named(field: str) -> Any:
    """A limit key of one form field, such as the address someone signs in with, in the same blind form."""

    def key() -> str:
        value = request.form.get(field, "").strip().casefold()
        day_key = hmac.digest(str(current_app.config["SECRET_KEY"]).encode(), f"{now():%Y-%m-%d}".encode(), "sha256")
        return hmac.new(day_key, f"{field}:{value}".encode(), "sha256").hexdigest()[:20]

    return key


def filing_limit() -> str:
    """How much one network may send in: a library, a clinic or a mobile operator shares one."""
    return str(current_app.config["SETTINGS"].filing_limit)


_HASTE = 0.15
"""Seconds that a request waits for a counter that says nothing, twice: it is asked again at once."""
limiter = Limiter(
    key_func=network,
    headers_enabled=False,
    in_memory_fallback_enabled=True,  # Redis away: still limited, per process
    swallow_errors=True,  # a limiter that cannot count does not stop a submission
    key_prefix="consult",
)
RedisStorage.DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}
"""Else Valkey's client is loaded too where it is installed: the same once more, and nothing uses it."""


def init_app(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.config["SETTINGS"].limits_storage
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": _HASTE, "socket_timeout": _HASTE})
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    limiter.init_app(app)
