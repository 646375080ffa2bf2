"""A browser, the site served to it over HTTP, and `visit`, which opens a page and notes what the browser complains of.

The browser is CONSULT_CHROMIUM, or the Chromium of the system; without one these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from consult.accounts.model import Account
from consult.accounts.service import find
from consult.cli.sample import load
from consult.core.clock import now
from consult.core.db import db

from ..conftest import _empty

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK, PHONE, SMALL = 1360, 390, 320


@dataclass
class Visit:
    """An open page, and what its console, its policy and its server said against it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Opens another page in the same tab; complaints are of this page alone."""
        self.complaints.clear()
        self.page.goto(path, wait_until="load")
        return self.page

    @property
    def lasting(self) -> list[str]:
        """Complaints, without the requests that going on to the next page cut short."""
        return [said for said in self.complaints if not said.startswith("net::ERR_ABORTED")]


Visitor = Callable[..., Visit]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("CONSULT_CHROMIUM") or next((each for each in found if each), None)
    if not path:
        pytest.skip("no Chromium here: install one or set CONSULT_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(application: Flask) -> Iterator[str]:
    """Where the application is served while the tests run."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def sample(application: Flask) -> Iterator[dict[str, str]]:
    """The sample in the database while a module's tests run; gives a session cookie for each role and address."""
    with application.app_context():
        session = db.session()
        people = load(session, now=now())
        session.commit()
        cookies = {person.email: _cookie(application, find(session, person.email)) for person in people}
        yield cookies | {person.role: cookies[person.email] for person in people}
        db.session.remove()
        _empty()


def _cookie(application: Flask, account: Account | None) -> str:
    assert account is not None
    interface = application.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(application)
    assert signer is not None
    return str(signer.dumps({"_user_id": account.get_id(), "_fresh": True}))


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visitor]:
    """`visit("/kit", width=390, scheme="dark", lang="ar", script=False, cookie=…)` gives the open page.

    Rows that a test made must be committed first. `cookie` signs in: the value of a session cookie.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        path: str = "/",
        *,
        width: int = DESK,
        scheme: str = "light",
        lang: str = "en",
        script: bool = True,
        cookie: str | None = None,
    ) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=lang,
            java_script_enabled=script,
            base_url=address,
        )
        contexts.append(context)
        if cookie:
            context.add_cookies([{"name": "session", "value": cookie, "url": address}])
        visited = Visit(context.new_page())
        _listen(visited)
        visited.go(path)
        return visited

    yield open_page
    for context in contexts:
        with suppress(Exception):
            context.close()


def _listen(visited: Visit) -> None:
    page, complaints = visited.page, visited.complaints
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"{request.failure}: {request.url}"))
    page.on("response", lambda got: complaints.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
