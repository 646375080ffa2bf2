"""A browser, the site served to it, and `visit`, which opens a page and notes what the browser complains of.

The browser is CONSULT_CHROMIUM, or the Chromium of the system; without one these tests are skipped. The site is as in
production: over TLS, behind nginx with deploy/nginx.conf, with tokens asked for. Without nginx it is over HTTP.
"""

from __future__ import annotations

import json
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
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from consult.accounts.model import Account
from consult.accounts.service import find_by_email
from consult.core.clock import now
from consult.core.db import db
from consult.core.queue import QUEUES
from consult.core.settings import Settings
from consult.core.web import face
from consult.site.service import record_beat, worker_beat_name
from tests import nginx
from tests.browser.reach import pages
from tests.conftest import Browser as Client
from tests.conftest import _empty, make_application, reclaim
from tests.run import Run
from tests.sample import load_sample
from tests.signing import session_cookie

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK, LAPTOP, PHONE, SMALL = 1360, 1280, 390, 320
WHO = ["visitor", "contributor", "moderator", "policymaker", "admin"]


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
def application(settings: Settings, run_servers: Run) -> Iterator[Flask]:
    """The application as it is behind the proxy, in place of the one of all other tests."""
    tls = {"base_url": f"https://{nginx.NAME}:{nginx.free_port()}", "proxies": 1} if nginx.NGINX else {}
    app = make_application(replace(settings, **tls), run_servers)
    app.test_client_class = Outside
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def address(
    application: Flask, certificate: nginx.Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the address at which the application is served during the tests."""
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


@pytest.fixture(scope="module")
def sample(application: Flask) -> Iterator[dict[str, str]]:
    """The sample in the database while a module's tests run; gives a session cookie for each role and address."""
    reclaim(application)
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
    face.reset(application)  # a logo of the sample is gone too


def _cookie(application: Flask, account: Account | None) -> str:
    assert account is not None
    interface = application.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    signer = interface.get_signing_serializer(application)
    assert signer is not None
    cookie = signer.dumps(session_cookie(db.session(), account))
    db.session.commit()
    return str(cookie)


@pytest.fixture(scope="module")
def reached(application: Flask, sample: dict[str, str], run_servers: Run) -> dict[str, dict[str, str]]:
    """The pages that a visitor and each role can reach, by endpoint. Found once in a run: its samples are the same."""
    with run_servers.alone("pages") as kept:
        if not kept.exists():
            by_who = {who: pages(application, sample.get(who)) for who in WHO}
            kept.write_text(json.dumps(by_who))
    found: dict[str, dict[str, str]] = json.loads(kept.read_text())
    return found


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
