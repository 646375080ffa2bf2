"""The pages a person can reach: one address for each kind of page that links lead to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

STARTS = ("/", "/health", "/kit", "/sign-in", "/no-such-page")
LEFT_OUT = {"static", "site.leave"}


def client_with(application: Flask, cookie: str | None) -> FlaskClient:
    """A client that has this session, without a browser."""
    client = application.test_client()
    if cookie:
        host = application.config["SETTINGS"].host
        client.set_cookie(application.config["SESSION_COOKIE_NAME"], cookie, domain=host, secure=True)
    return client


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
        if answer.status_code == 404 and endpoint != "nothing":
            continue  # another link of the kind may lead to a page
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
