"""A report on a phone without a line: tabs that are killed and lines that are cut, and each report is filed once.

`--drill-size 8000` kills a hundred tabs; without it five. The line is a forwarder between browser and site that passes,
refuses, or lets a request through and swallows its answer, which is how a report would be sent twice.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PageError
from sqlalchemy import select
from werkzeug.serving import make_server

from consult import create_app
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web.limits import limiter
from consult.signals.model import SignalReport
from tests.browser.checks import accessibility, sideways
from tests.conftest import reclaim

pytestmark = pytest.mark.browser
WAIT = 20_000
PHONE = {"width": 320, "height": 640}
ROWS = """async () => new Promise((good) => {
  const opening = indexedDB.open("reports", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("reports", { keyPath: "key" });
  opening.onsuccess = () => {
    const request = opening.result.transaction("reports").objectStore("reports").getAll();
    request.onsuccess = () => { opening.result.close(); good(request.result); };
  };
})"""
BEGIN = f"""async (begin) => {{
  const rows = {ROWS};
  const known = () => document.querySelector("main[data-filed] > button") ? "sent" : "";
  if (!(await navigator.serviceWorker.getRegistration("/signals/report"))) return "loading";
  await rows();
  const form = document.querySelector("form[data-report]");
  if (known() || !form || !document.querySelector("#keep")?.checked) return known() || "loading";
  if (form.elements.body.value) return "filled";
  if (begin) form.dispatchEvent(new Event("input", {{ bubbles: true }}));
  return "begun";
}}"""
NOTED = f"""async (words) => (await ({ROWS})()).some(({{ fields }}) => {{
  const said = Object.fromEntries(fields);
  return said.body === words && said.basis;
}})"""


class Line:
    """Forwards connections to the site; `mode` (pass, refuse, swallow) holds for connections begun after it is set."""

    def __init__(self, target: int) -> None:
        self.target, self.mode = target, "pass"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _peer = self.listener.accept()
                threading.Thread(target=self._serve, args=(near, self.mode), daemon=True).start()

    def _serve(self, near: socket.socket, mode: str) -> None:
        with suppress(OSError), near, socket.create_connection(("127.0.0.1", self.target)) as far:
            if mode == "refuse":
                return
            back = threading.Thread(target=self._pump, args=(far, near, mode == "swallow"), daemon=True)
            back.start()
            self._pump(near, far, False)
            back.join(5)

    def _pump(self, source: socket.socket, sink: socket.socket, swallow: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if swallow or self.mode == "refuse":
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def line(settings: Settings, app: Flask) -> Iterator[Line]:
    """The site at an address of this machine, which browsers take for safe without a certificate."""
    listener = socket.create_server(("127.0.0.1", 0))
    site = listener.getsockname()[1]
    listener.close()
    made = Line(site)
    served = create_app(replace(settings, base_url=f"http://127.0.0.1:{made.port}"))
    limiter.enabled = False
    server = make_server("127.0.0.1", site, served, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.close()
    server.shutdown()
    thread.join()
    server.server_close()
    with served.app_context():
        db.engine.dispose()
    reclaim(app)


@pytest.fixture
def phone(chromium: Browser, line: Line) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, base_url=f"http://127.0.0.1:{line.port}", locale="en")
    yield context
    context.close()


def write(page: Page, words: str) -> None:
    page.locator("#country").select_option("EC")
    page.locator("#region").fill("Esmeraldas")
    today = now().date()
    for name, value in (("", today.day), ("-month", today.month), ("-year", today.year)):
        page.locator(f"#happened_on{name}").fill(str(value))
    page.locator("#product").fill("M30 tablets")
    page.locator("#body").fill(words)
    page.locator("input[name=basis][value=seen]").check()


def keep_here(page: Page) -> None:
    page.goto("/signals/report")
    page.locator("#keep").check()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller", timeout=WAIT)


def open_form(context: BrowserContext, *, begin: bool = True) -> Page:
    """A new tab in whose empty form somebody has begun to type, unless told not to. Before that they read answers that
    are kept, and send what is in the form again since its tab was killed before the press was noted."""
    page = context.new_page()
    page.goto("/signals/report")
    state = ""
    for _try in range(200):
        with suppress(PageError):  # the page may go on to another one meanwhile
            state = page.evaluate(BEGIN, begin)
            if state == "begun":
                return page
            if state == "sent":
                page.locator("main[data-filed] > button").last.click(timeout=1_000)
            elif state == "filled":
                page.locator("form[data-report] button").last.click(timeout=1_000)
        page.wait_for_timeout(100)
    raise AssertionError(f"the form is not empty: {state}")


def bodies() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(SignalReport.body)))


def test_nothing_is_kept_until_somebody_asks_for_it(phone: BrowserContext, line: Line, session: object) -> None:
    page = phone.new_page()
    page.goto("/signals/report")
    write(page, "Not to be kept.")
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert accessibility(page) + sideways(page) == []
    page.locator("form[data-report] button").last.click()
    expect(page.locator("main[data-filed]")).to_be_visible(timeout=WAIT)
    assert bodies() == ["Not to be kept."]


def test_quick_exit_clears_the_phone_with_and_without_a_line(
    phone: BrowserContext, line: Line, session: object
) -> None:
    page = phone.new_page()
    keep_here(page)
    write(page, "To be cleared.")
    page.wait_for_function(f"({ROWS})().then((rows) => rows.length)")
    line.mode = "refuse"
    page.locator("header button").click(no_wait_after=True)
    line.mode = "pass"
    other = phone.new_page()
    other.goto("/accessibility")
    other.wait_for_function("indexedDB.databases().then((all) => all.length === 0)", timeout=WAIT)
    other.wait_for_function("caches.keys().then((all) => all.length === 0)", timeout=WAIT)
    assert other.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_what_the_server_wants_mended_is_shown_with_what_was_typed(
    phone: BrowserContext, line: Line, session: object
) -> None:
    page = phone.new_page()
    keep_here(page)
    write(page, "Ask ana@example.org about it.")
    page.locator("form[data-report] button").last.click()
    expect(page.locator(".found mark")).to_contain_text("ana@example.org", timeout=WAIT)
    assert page.locator("#body").input_value() == "Ask ana@example.org about it."
    page.locator("form[data-report] button").last.click()
    expect(page.locator("main[data-filed]")).to_be_visible(timeout=WAIT)
    assert bodies() == ["Ask ana@example.org about it."]


def test_killed_tabs_and_cut_lines_lose_no_report_and_file_none_twice(
    phone: BrowserContext, line: Line, session: object, drill_size: int, chance: Random
) -> None:
    rounds = max(5, drill_size // 80)
    keep_here(phone.new_page())
    sent = [f"Report {n} of a drill with killed tabs." for n in range(rounds)]
    for n, words in enumerate(sent):
        line.mode = "pass"
        page = open_form(phone)
        write(page, words)
        page.wait_for_function(NOTED, arg=words, timeout=WAIT)  # nobody presses within a millisecond of the last letter
        line.mode = ("refuse", "swallow", "pass")[n % 3]
        page.locator("form[data-report] button").last.click(no_wait_after=True)
        page.wait_for_timeout(chance.choice((0, 0, 5, 40, 200)))
        page.close()
        if n % 2:
            line.mode = "pass"
    line.mode = "pass"
    for _try in range(rounds + 20):
        page = open_form(phone, begin=False)
        if not page.evaluate(ROWS):
            break
        page.wait_for_timeout(300)
        page.close()
    assert bodies() == sorted(sent)
