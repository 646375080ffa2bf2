"""Requests to partners: to public addresses only, without redirects, with limits on time and size."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import remote_hosts

MOST_BYTES = 5 * 2**20
WHOLE_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """A response. `body` is empty with status 304."""

    status: int
    body: bytes
    etag: str


def get(address: str, etag: str = "", most: int = MOST_BYTES) -> Answer:
    """Return a response with status 200 or 304. Raises OSError or ValueError."""
    parts, until = urlsplit(address), time.monotonic() + WHOLE_SECONDS
    head = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Consult"}
    if etag:
        head["If-None-Match"] = etag
    connection = remote_hosts.connect(parts)
    try:
        connection.request("GET", remote_hosts.write_target(parts), headers=head)
        answer = connection.getresponse()
        body = remote_hosts.read_answer(answer, until, most)
    except http.client.HTTPException as error:
        raise ValueError("not HTTP") from error
    finally:
        connection.close()
    if answer.status not in (200, 304):
        raise ValueError(f"status {answer.status}")
    return Answer(answer.status, body if answer.status == 200 else b"", answer.headers.get("ETag", ""))


def get_description(address: str) -> dict[str, Any]:
    """Return `/.well-known/consult.json` of an installation. Raises Refusal."""
    try:
        description = json.loads(get(f"{address}.well-known/consult.json", most=64 * 1024).body)
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(_("No Consult site answers at this web address. Check the address."), field="address") from error
    if not isinstance(description, dict):
        raise Refusal(_("No Consult site answers at this web address. Check the address."), field="address")
    return description
