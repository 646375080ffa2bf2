"""Which pages there are for somebody: one address for each kind of page that links lead to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import html5lib
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.conftest import client_with

STARTS = ("/", "/health", "/kit", "/sign-in", "/no-such-page")
LEFT_OUT = {"static", "site.leave"}


def pages(application: Flask, cookie: str | None = None) -> dict[str, str]:
    """Follows links from the first pages; gives the address of the first page met of each endpoint that is HTML."""
    client = client_with(application, cookie)
    found: dict[str, str] = {}
    waiting = deque(STARTS)
    while waiting:
        path = waiting.popleft()
        endpoint = _endpoint(application, path)
        if endpoint in found or endpoint in LEFT_OUT:
            continue
        answer = client.get(path)
        if answer.mimetype != "text/html" or answer.status_code in {301, 302, 303, 308}:
            continue
        found[endpoint] = path
        waiting.extend(_links(answer.text))
    return found


def _endpoint(application: Flask, path: str) -> str:
    try:
        endpoint, _values = application.url_map.bind("localhost").match(urlsplit(path).path, method="GET")
    except RequestRedirect:
        return "redirect"
    except HTTPException:
        return "nothing"
    return str(endpoint)


def _links(html: str) -> Iterator[str]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    for link in tree.iter("a"):
        href = link.get("href", "")
        if href.startswith("/") and not href.startswith("//"):
            yield href.partition("#")[0]
