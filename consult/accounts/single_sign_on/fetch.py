"""Answers of a provider, as JSON: over https only, within a time and a size.

Plain http is taken on this machine, for tests and trials. Redirects are not followed.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from consult.core.errors import Refusal
from consult.core.i18n import _

MOST_BYTES = 256 * 1024
WAIT_SECONDS = 5.0
WHOLE_SECONDS = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderFailed(Refusal):
    """The provider does not answer as a provider of OpenID Connect does."""

    status = 502


def is_safe_address(address: object) -> bool:
    """Whether it is an https address of a host; http only on this machine.

    >>> [is_safe_address(one) for one in ("https://id.example.org/", "http://127.0.0.1:9000", "http://id.example.org")]
    [True, True, False]
    >>> [is_safe_address(one) for one in ("https://a:b@id.example.org", "file:///etc/passwd", "https://", None)]
    [False, False, False, False]
    """
    if not isinstance(address, str) or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def fetch_json(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object at an address; with `form`, in answer to that form. Raises ProviderFailed."""
    if not is_safe_address(address):
        raise ProviderFailed(_("The provider names an address that is not https."))
    parts, until = urlsplit(address), time.monotonic() + WHOLE_SECONDS
    connection = _connect(parts.scheme, str(parts.hostname), parts.port)
    sent = {"Accept": "application/json", "User-Agent": "Consult", **(headers or {})}
    body = None
    if form is not None:
        body, sent["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST" if form is not None else "GET", path, body=body, headers=sent)
        answer = connection.getresponse()
        read = _read(answer, until)
        found = json.loads(read) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise _failed() from error
    finally:
        connection.close()
    if not isinstance(found, dict):
        raise _failed()
    return found


def basic_authorization(client_id: str, secret: str) -> dict[str, str]:
    """The header of a client with a secret. Source: RFC 6749, section 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=WAIT_SECONDS, context=_trust())
    return http.client.HTTPConnection(host, port, timeout=WAIT_SECONDS)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    """The body. Raises ValueError where it is too long or too slow."""
    read = bytearray()
    while chunk := answer.read1(65536):
        read += chunk
        if len(read) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("too long or too slow")
    return bytes(read)


def _failed() -> ProviderFailed:
    return ProviderFailed(_("The provider did not answer as expected. Sign in another way, or try again later."))
