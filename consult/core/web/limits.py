"""Rate limits without stored addresses: a network is an HMAC of its /24 or /56 under a key of the day.

A limit of a route is a decorator of the library. Where what counts is known only inside a view, as a wrong password is,
the view counts by itself: `take`, `is_spent`, `give_back`.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_login import current_user
from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import RateLimiter

from consult.core.clock import now

Answer = TypeVar("Answer")


def blind_key(kind: str, value: str) -> str:
    """The name of a counter for this value: an HMAC under a key of the day, unrecognisable tomorrow."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    day_key = hmac.digest(secret, f"limits:{now():%Y-%m-%d}".encode(), "sha256")
    return hmac.new(day_key, f"{kind}:{value}".encode(), "sha256").hexdigest()[:20]


def _caller() -> IPv4Address | IPv6Address:
    try:
        return ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - a stand-in for "unknown"
    except ValueError:
        return ipaddress.ip_address("0.0.0.0")  # noqa: S104


def network_key() -> str:
    """The caller's network, a /24 or /56. Never stored except as a short-lived counter's name."""
    return _block_key(24, 56)


def caller_key() -> str:
    """The caller's own address, or the /64 that one line has, in the same blind form."""
    return _block_key(32, 64)


def _block_key(prefix_4: int, prefix_6: int) -> str:
    address = _caller()
    prefix = prefix_4 if address.version == 4 else prefix_6
    return blind_key("network", str(ipaddress.ip_network(f"{address}/{prefix}", strict=False)))


def account_key() -> str:
    """The signed-in account: what strangers do in its network does not count against it."""
    account = getattr(current_user, "id", None)
    return blind_key("account", str(account)) if account is not None else network_key()


def form_field_key(field: str) -> Any:
    """A limit key of one form field, such as the address someone signs in with, in the same blind form."""

    def key() -> str:
        return blind_key(field, request.form.get(field, "").strip().casefold())

    return key


def account_field_key(field: str) -> Any:
    """A limit key of one form field as sent by the signed-in account."""
    of_field = form_field_key(field)
    return lambda: f"{account_key()}.{of_field()}"


def take(limit: RateLimitItem, *keys: str) -> bool:
    """Counts one more under these keys, and says whether the limit allows it. Of two at once each is counted."""
    return not limiter.enabled or _counted(lambda counters: counters.hit(limit, _PREFIX, *keys))


def is_spent(limit: RateLimitItem, *keys: str) -> bool:
    """Whether the limit allows no more under these keys; counts nothing."""
    return limiter.enabled and not _counted(lambda counters: counters.test(limit, _PREFIX, *keys))


def give_back(limit: RateLimitItem, *keys: str) -> None:
    """Forgets what was counted under these keys."""
    if limiter.enabled:
        _counted(lambda counters: counters.clear(limit, _PREFIX, *keys))


def _counted(ask: Callable[[RateLimiter], Answer]) -> Answer:
    """Asks the counters; where they are away, those of this process, as the library does for routes."""
    try:
        return ask(limiter.limiter)
    except Exception:
        if limiter._storage_dead:
            raise
        limiter._storage_dead = True  # the library looks for them again from time to time
        return ask(limiter.limiter)


def filing_limit() -> str:
    """How much one network may send in: a library, a clinic or a mobile operator shares one."""
    return str(current_app.config["SETTINGS"].filing_limit)


_PREFIX = "consult"
_STORAGE_TIMEOUT = 0.15
"""Seconds that a request waits for a counter that says nothing, twice: it is asked again at once."""
limiter = Limiter(
    key_func=network_key,
    headers_enabled=False,
    in_memory_fallback_enabled=True,  # Redis away: still limited, per process
    swallow_errors=True,  # a limiter that cannot count does not stop a submission
    key_prefix=_PREFIX,
)
RedisStorage.DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}
"""Else Valkey's client is loaded too where it is installed: the same once more, and nothing uses it."""


def init_app(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.config["SETTINGS"].limits_storage
    app.config.setdefault(
        "RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": _STORAGE_TIMEOUT, "socket_timeout": _STORAGE_TIMEOUT}
    )
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    limiter.init_app(app)
