"""Connections to addresses that other people named: to public hosts only, with limits on time and size.

A demo also connects to this machine.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from consult.core.web.requests import settings

MOST_BYTES = 256 * 1024
WAIT_SECONDS = 5.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses embedded in IPv6 by a translator. Source: RFC 6052, section 2.1."""
_LOCALLY_TRANSLATED = IPv6Network("64:ff9b:1::/48")
"""Source: RFC 8215."""


class NotPublicError(OSError):
    """The host has an address of this machine or of a private network."""


def is_public_ip(address: str) -> bool:
    """Return True if an IP address is on the public internet. IPv4 addresses within IPv6 are checked too.

    >>> [is_public_ip(one) for one in ("9.9.9.9", "2620:fe::9", "::ffff:9.9.9.9", "64:ff9b::909:909")]
    [True, True, True, True]
    >>> [is_public_ip(one) for one in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0")]
    [False, False, False, False, False]
    >>> [is_public_ip(one) for one in ("::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "64:ff9b::7f00:1")]
    [False, False, False, False, False]
    >>> [is_public_ip(one) for one in ("2002:7f00:1::", "64:ff9b:1::7f00:1", "id.example.org")]
    [False, False, False]
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip.version == 6:
        if ip in _LOCALLY_TRANSLATED:
            return False
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


def names_private_host(address: object) -> bool:
    """Return whether a URL names this machine or a non-public IP address. Other names are checked when connecting."""
    host = urlsplit(address).hostname or "" if isinstance(address, str) else ""
    is_number = ":" in host or host.replace(".", "").isdigit()
    if is_number:
        return not _is_allowed(host)
    return not settings().demo and (host == "localhost" or host.endswith(".localhost"))


def _is_allowed(address: str) -> bool:
    """Return True for a public IP address, and in a demo for one of this machine."""
    return is_public_ip(address) or (settings().demo and address in _LOOPBACK)


def connect(parts: SplitResult) -> http.client.HTTPConnection:
    """Return a connection to the host of a URL that `is_safe_address` accepts.

    The name is looked up once and its checked address connected to, so it cannot change in between. Raises OSError,
    which is NotPublicError if any address of the host is not public, and ValueError for a name that cannot be encoded.
    """
    made: http.client.HTTPConnection
    host = str(parts.hostname)
    if parts.scheme == "https":
        made = http.client.HTTPSConnection(host, parts.port, timeout=WAIT_SECONDS, context=_trust())
    else:
        made = http.client.HTTPConnection(host, parts.port, timeout=WAIT_SECONDS)
    plain = _open_socket(host, made.port)
    made.sock = _trust().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
    return made


def write_target(parts: SplitResult) -> str:
    """Return the path and query of a URL."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def read_answer(answer: http.client.HTTPResponse, until: float, most: int = MOST_BYTES) -> bytes:
    """Return the response body. Raises ValueError if it is longer than `most` bytes or comes after `until`."""
    read = bytearray()
    while chunk := answer.read1(65536):
        read += chunk
        if len(read) > most or time.monotonic() > until:
            raise ValueError("too long or too slow")
    return bytes(read)


def _open_socket(host: str, port: int) -> socket.socket:
    """Open a socket to the first address of the host that accepts it. Raises OSError, also as NotPublicError."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not all(_is_allowed(str(address[0])) for *_rest, address in addresses):
        raise NotPublicError("not a public address")
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
