"""Embedded PostgreSQL and Valkey servers for `consult up` and the tests."""

from __future__ import annotations

from consult.embedded.errors import EmbeddedError
from consult.embedded.servers import Servers, Urls, servers

__all__ = ["EmbeddedError", "Servers", "Urls", "servers"]
