"""JSON responses of a provider: https only, from public addresses, with limits on time and size.

Redirects are not followed. A demo also accepts providers over http on its own machine and in private networks.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.requests import settings

MOST_BYTES = 256 * 1024
WAIT_SECONDS = 5.0
WHOLE_SECONDS = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses embedded in IPv6 by a translator. Source: RFC 6052, section 2.1."""


class ProviderFailed(Refusal):
    """The provider's response is missing or not valid OpenID Connect."""

    status = 502


class AddressNotPublic(ProviderFailed):
    """The provider names an address of this machine or of a private network."""

    def __init__(self) -> None:
        super().__init__(_("The provider gives a web address on a private network. It must use a public one."))


def is_public_ip(address: str) -> bool:
    """Return True if an IP address is on the public internet. IPv4 addresses within IPv6 are checked too.

    >>> [is_public_ip(one) for one in ("9.9.9.9", "2620:fe::9", "::ffff:9.9.9.9", "64:ff9b::909:909")]
    [True, True, True, True]
    >>> [is_public_ip(one) for one in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0")]
    [False, False, False, False, False]
    >>> [is_public_ip(one) for one in ("::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "64:ff9b::7f00:1")]
    [False, False, False, False, False]
    >>> [is_public_ip(one) for one in ("2002:7f00:1::", "id.example.org")]
    [False, False]
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip.version == 6:
        inner = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return is_public_ip(str(inner))
    return ip.is_global and not ip.is_multicast


def is_safe_address(address: object) -> bool:
    """Return True for an https URL of a host, or an http URL of this machine.

    Whether the host is public is checked when connecting.

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


def require_public_host(address: object) -> None:
    """Raise AddressNotPublic if the URL contains a non-public IP address. Host names are checked when connecting."""
    host = urlsplit(address).hostname or "" if isinstance(address, str) else ""
    is_number = ":" in host or host.replace(".", "").isdigit()
    is_own = host == "localhost" or host.endswith(".localhost")
    if not settings().demo and (is_own or (is_number and not is_public_ip(host))):
        raise AddressNotPublic


def fetch_json(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object at a URL, by POST if `form` is given. Raises ProviderFailed."""
    if not is_safe_address(address):
        raise ProviderFailed(_("The provider gives a web address that does not start with https."))
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
        content = json.loads(read) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise _failed() from error
    finally:
        connection.close()
    if not isinstance(content, dict):
        raise _failed()
    return content


def basic_authorization(client_id: str, secret: str) -> dict[str, str]:
    """Return the Authorization header of a client with a secret. Source: RFC 6749, section 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """Return a connection to the checked IP address. The name is not resolved again, so it cannot change in between."""
    made: http.client.HTTPConnection
    if scheme == "https":
        made = http.client.HTTPSConnection(host, port, timeout=WAIT_SECONDS, context=_trust())
    else:
        made = http.client.HTTPConnection(host, port, timeout=WAIT_SECONDS)
    try:
        plain = _open_socket(host, made.port)
        made.sock = _trust().wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
    except (OSError, ValueError) as error:
        raise _failed() from error
    return made


def _open_socket(host: str, port: int) -> socket.socket:
    """Open a socket to the first address of the host that answers.

    Raises OSError, and AddressNotPublic if any address of the host is not public: a public provider never has one.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not settings().demo and not all(is_public_ip(str(address[0])) for *_rest, address in addresses):
        raise AddressNotPublic
    failed: OSError | None = None
    for *_rest, address in addresses:
        try:
            return socket.create_connection((str(address[0]), port), timeout=WAIT_SECONDS)
        except OSError as error:
            failed = error
    raise failed or OSError("no address")


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    """Return the response body. Raises ValueError if it is too long or too slow."""
    read = bytearray()
    while chunk := answer.read1(65536):
        read += chunk
        if len(read) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("too long or too slow")
    return bytes(read)


def _failed() -> ProviderFailed:
    return ProviderFailed(_("The provider did not answer as expected. Sign in another way or try again later."))
