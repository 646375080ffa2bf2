"""Rate limits without stored addresses: a network is an HMAC of its /24 or /56 under a daily key.

Limits of routes use the library's decorator. If the event to count is known only inside a view, for example a wrong
password, the view counts itself: `take`, `is_spent`, `give_back`.
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
    """Return the counter name of a value: an HMAC under a daily key, so that it cannot be recognised the next day."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    day_key = hmac.digest(secret, f"limits:{now():%Y-%m-%d}".encode(), "sha256")
    return hmac.new(day_key, f"{kind}:{value}".encode(), "sha256").hexdigest()[:20]


def _caller() -> IPv4Address | IPv6Address:
    try:
        return ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - a stand-in for "unknown"
    except ValueError:
        return ipaddress.ip_address("0.0.0.0")  # noqa: S104


def network_key() -> str:
    """Return a key of the client's network, a /24 or /56. Stored only as the name of a short-lived counter."""
    return _block_key(24, 56)


def caller_key() -> str:
    """Return a key of the client's IPv4 address, or of the IPv6 /64 of one line."""
    return _block_key(32, 64)


def _block_key(prefix_4: int, prefix_6: int) -> str:
    address = _caller()
    prefix = prefix_4 if address.version == 4 else prefix_6
    return blind_key("network", str(ipaddress.ip_network(f"{address}/{prefix}", strict=False)))


def account_key() -> str:
    """Return a key of the signed-in account, so that others in its network do not count against it."""
    account = getattr(current_user, "id", None)
    return blind_key("account", str(account)) if account is not None else network_key()


def form_field_key(field: str) -> Any:
    """Return a function for the limit key of a form field, such as the e-mail address at sign-in."""

    def key() -> str:
        return blind_key(field, request.form.get(field, "").strip().casefold())

    return key


def account_field_key(field: str) -> Any:
    """Return a function for the limit key of a form field submitted by the signed-in account."""
    of_field = form_field_key(field)
    return lambda: f"{account_key()}.{of_field()}"


def take(limit: RateLimitItem, *keys: str) -> bool:
    """Record a hit for the keys and return True if it is within the limit. Concurrent calls are all counted."""
    return not limiter.enabled or _counted(lambda counters: counters.hit(limit, _PREFIX, *keys))


def is_spent(limit: RateLimitItem, *keys: str) -> bool:
    """Return True if the limit for the keys is used up. Counts nothing."""
    return limiter.enabled and not _counted(lambda counters: counters.test(limit, _PREFIX, *keys))


def read_window(limit: RateLimitItem, *keys: str) -> tuple[int, float]:
    """Return how many hits are left, and the Unix time at which the count begins again."""
    stats = _counted(lambda counters: counters.get_window_stats(limit, _PREFIX, *keys))
    return stats.remaining, stats.reset_time


def give_back(limit: RateLimitItem, *keys: str) -> None:
    """Reset the count of the keys."""
    if limiter.enabled:
        _counted(lambda counters: counters.clear(limit, _PREFIX, *keys))


def count_today(kind: str, key: str) -> int:
    """Count a hit of a key today and return the total, or 0 if the storage is down."""
    try:
        return limiter.storage.incr(f"{_PREFIX}:{kind}:{key}", _DAY)
    except Exception:
        return 0


def _counted(ask: Callable[[RateLimiter], Answer]) -> Answer:
    """Query the counters. If the storage is down, use counters of this process, as the library does for routes."""
    try:
        return ask(limiter.limiter)
    except Exception:
        if limiter._storage_dead:
            raise
        limiter._storage_dead = True  # the library retries it from time to time
        return ask(limiter.limiter)


def filing_limit() -> str:
    """Return the limit on submissions per network. Libraries, clinics and mobile operators share one."""
    return str(current_app.config["SETTINGS"].filing_limit)


_PREFIX = "consult"
_DAY = 86_400
_STORAGE_TIMEOUT = 0.15
"""The seconds a request waits for storage that does not respond. It is asked twice."""
limiter = Limiter(
    key_func=network_key,
    headers_enabled=False,
    in_memory_fallback_enabled=True,  # if Redis is down, limits are per process
    swallow_errors=True,  # a failing rate limiter must not block a submission
    key_prefix=_PREFIX,
)
RedisStorage.DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}
"""Prevents loading Valkey's client as well if it is installed, since it is not used."""


def init_app(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = app.config["SETTINGS"].limits_storage
    app.config.setdefault(
        "RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": _STORAGE_TIMEOUT, "socket_timeout": _STORAGE_TIMEOUT}
    )
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    limiter.init_app(app)
