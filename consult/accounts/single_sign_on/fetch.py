"""JSON responses of a provider: https only, from public addresses, with limits on time and size.

Redirects are not followed. A demo also accepts providers over http on its own machine and in private networks.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, quote_plus, urlencode, urlsplit

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import remote_hosts

WHOLE_SECONDS = 10.0


class ProviderFailed(Refusal):
    """The provider's response is missing or not valid OpenID Connect."""

    status = 502


class AddressNotPublic(ProviderFailed):
    """The provider names an address of this machine or of a private network."""

    def __init__(self) -> None:
        super().__init__(_("The provider gives a web address on a private network. It must use a public one."))


def require_public_host(address: object) -> None:
    """Raise AddressNotPublic if the URL contains a non-public IP address. Host names are checked when connecting."""
    if remote_hosts.names_private_host(address):
        raise AddressNotPublic


def fetch_json(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the JSON object at a URL, by POST if `form` is given. Raises ProviderFailed."""
    if not remote_hosts.is_safe_address(address):
        raise ProviderFailed(_("The provider gives a web address that does not start with https."))
    parts, until = urlsplit(address), time.monotonic() + WHOLE_SECONDS
    connection = _connect(parts)
    sent = {"Accept": "application/json", "User-Agent": "Consult", **(headers or {})}
    body = None
    if form is not None:
        body, sent["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    try:
        method = "POST" if form is not None else "GET"
        connection.request(method, remote_hosts.write_target(parts), body=body, headers=sent)
        answer = connection.getresponse()
        read = remote_hosts.read_answer(answer, until)
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


def _connect(parts: SplitResult) -> http.client.HTTPConnection:
    """Return a connection to a public host. Raises ProviderFailed, and AddressNotPublic for any other."""
    try:
        return remote_hosts.connect(parts)
    except remote_hosts.NotPublicError as error:
        raise AddressNotPublic from error
    except (OSError, ValueError) as error:
        raise _failed() from error


def _failed() -> ProviderFailed:
    return ProviderFailed(_("The provider did not answer as expected. Sign in another way or try again later."))
