"""A first visit takes at most 30 KB in at most 6 requests, none of them to other hosts."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.reach import pages
from tests.thirds import DAYS

pytestmark = pytest.mark.browser
MOST, REQUESTS = 30 * 1024, 6
TOGETHER = 8


@pytest.mark.daily
@pytest.mark.parametrize("part", range(DAYS))
def test_a_first_visit_to_any_public_page_is_light_and_asks_nobody_else(
    chromium: Browser, address: str, application: Flask, sample: dict[str, str], part: int
) -> None:
    heavy = {}
    paths = sorted(set(pages(application).values()) - {"/kit"})[part::DAYS]  # /kit is every part at once
    for begin in range(0, len(paths), TOGETHER):
        visits = [FirstVisit(chromium, address, path) for path in paths[begin : begin + TOGETHER]]
        for path, sizes in ((visit.path, visit.end()) for visit in visits):
            elsewhere = [url for url in sizes if not url.startswith((address, "data:"))]
            if sum(sizes.values()) > MOST or len(sizes) > REQUESTS or elsewhere:
                heavy[path] = sizes
    assert heavy == {}


class FirstVisit:
    """A page in a browser that has nothing yet, and the bytes of each answer as it came over the line, heads included.

    Some are open at a time: half a second without a request is waited for once, not by each.
    """

    def __init__(self, chromium: Browser, address: str, path: str) -> None:
        self.path = path
        self._context = chromium.new_context(base_url=address)
        self._page = self._context.new_page()
        self._urls: dict[str, str] = {}
        self._sizes: dict[str, float] = {}
        protocol = self._context.new_cdp_session(self._page)
        protocol.send("Network.enable")
        protocol.on(
            "Network.responseReceived", lambda got: self._urls.update({got["requestId"]: got["response"]["url"]})
        )
        protocol.on(
            "Network.loadingFinished",
            lambda got: self._sizes.update({self._urls.get(got["requestId"], "?"): got["encodedDataLength"]}),
        )
        self._page.goto(path, wait_until="commit")

    def end(self) -> dict[str, float]:
        self._page.wait_for_load_state("networkidle")
        self._context.close()
        return self._sizes
