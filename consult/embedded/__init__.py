"""Embedded PostgreSQL and Valkey, for `consult up` and the tests. The rest of Consult only ever sees a URL."""

from __future__ import annotations

from consult.embedded.errors import EmbeddedError
from consult.embedded.servers import Servers, Urls, servers

__all__ = ["EmbeddedError", "Servers", "Urls", "servers"]
