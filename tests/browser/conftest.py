"""A browser, the site served to it, and `visit`, which opens a page and notes what the browser complains of.

The browser is CONSULT_CHROMIUM, or the Chromium of the system; without one these tests are skipped. The site is as in
production: over TLS, behind the nginx of docs/running.md, with tokens asked for. Without nginx it is served over HTTP.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from consult import create_app
from consult.accounts.model import Account
from consult.accounts.service import find_by_email
from consult.core import queue
from consult.core.clock import now
from consult.core.db import db
from consult.core.queue import QUEUES
from consult.core.settings import Settings
from consult.core.web import page_cache
from consult.core.web.limits import limiter
from consult.site.service import record_beat, worker_beat_name
from tests import nginx
from tests.conftest import Browser as Client
from tests.conftest import _empty, _reclaim
from tests.sample import load_sample
from tests.signing import session_cookie

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK, LAPTOP, PHONE, SMALL = 1360, 1280, 390, 320


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


def _launch(kind: BrowserType, certificate: nginx.Certificate, **options: Any) -> Browser:
    """Starts the system's Chromium, which trusts our certificate; skips the test where there is none."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("CONSULT_CHROMIUM") or next((each for each in found if each), None)
    if not path:
        pytest.skip("no Chromium here: install one or set CONSULT_CHROMIUM")
    trusted = f"--ignore-certificate-errors-spki-list={certificate.pin}"
    return kind.launch(executable_path=path, args=[*FLAGS, trusted], **options)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> nginx.Certificate:
    return nginx.self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def chromium(certificate: nginx.Certificate) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = _launch(playwright.chromium, certificate)
        yield browser
        browser.close()


class Outside(Client):
    """A client that asks for the site at its public address."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", self.application.config["SETTINGS"].base_url)
        return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def desktop(chromium: Browser, certificate: nginx.Certificate) -> Iterator[Browser]:
    """The same with scrollbars that take room, as on most computers; a phone's take none."""
    browser = _launch(chromium.browser_type, certificate, ignore_default_args=["--hide-scrollbars"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    """The application as it is behind the proxy, in place of the one of all other tests."""
    tls = {"base_url": f"https://{nginx.NAME}:{nginx.free_port()}", "proxies": 1} if nginx.NGINX else {}
    app = create_app(replace(settings, **tls))
    app.config.update(TESTING=True)
    app.test_client_class = Outside
    limiter.enabled = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def address(
    application: Flask, certificate: nginx.Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the application is served while the tests run."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = False  # type: ignore[attr-defined]  # waited for at the end, with what they hold open
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = urlsplit(application.config["SETTINGS"].base_url)
    if base.port:
        folder = tmp_path_factory.mktemp("nginx")
        with nginx.serving(folder, certificate, tls=base.port, upstream=server.server_port):
            yield base.geturl()
    else:
        yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def client_with(application: Flask, cookie: str | None) -> FlaskClient:
    """A client that has this session, without a browser."""
    client = application.test_client()
    if cookie:
        host = application.config["SETTINGS"].host
        client.set_cookie(application.config["SESSION_COOKIE_NAME"], cookie, domain=host, secure=True)
    return client


@pytest.fixture(scope="module")
def sample(application: Flask) -> Iterator[dict[str, str]]:
    """The sample in the database while a module's tests run; gives a session cookie for each role and address."""
    if queue._applications[-1] is not application:
        _reclaim(application)
    page_cache.init_app(application)  # no page that an earlier module has seen
    with application.app_context():
        session = db.session()
        people = load_sample(session)
        for part in ("clock", *(worker_beat_name(name) for name in QUEUES)):
            # Nothing of Consult runs beside the pages, which say how it is: parts are as if seen until the last test.
            record_beat(session, part, now() + timedelta(hours=1))
        session.commit()
        cookies = {person.email: _cookie(application, find_by_email(session, person.email)) for person in people}
        yield cookies | {person.role: cookies[person.email] for person in reversed(people)}  # the first of each role
        db.session.remove()
        _empty()


def _cookie(application: Flask, account: Account | None) -> str:
    assert account is not None
    interface = application.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(application)
    assert signer is not None
    cookie = signer.dumps(session_cookie(db.session(), account))
    db.session.commit()
    return str(cookie)


@pytest.fixture
def visit(chromium: Browser, desktop: Browser, application: Flask, address: str) -> Iterator[Visitor]:
    """`visit("/kit", width=390, scheme="dark", lang="ar", script=False, cookie=…)` gives the open page.

    Rows that a test made must be committed first. `cookie` signs in: the value of a session cookie.
    """
    contexts: list[BrowserContext] = []
    base = urlsplit(address)

    def open_page(
        path: str = "/",
        *,
        width: int = DESK,
        scheme: str = "light",
        lang: str = "en",
        script: bool = True,
        cookie: str | None = None,
    ) -> Visit:
        context = (desktop if width >= LAPTOP else chromium).new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=lang,
            java_script_enabled=script,
            base_url=address,
        )
        contexts.append(context)
        if cookie:
            name = application.config["SESSION_COOKIE_NAME"]
            context.add_cookies([{"name": name, "value": cookie, "url": address, "secure": base.scheme == "https"}])
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
