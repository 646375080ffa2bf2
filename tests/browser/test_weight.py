"""What a first visit costs: at most 30 KB over the line in at most 6 requests, and nothing from elsewhere."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.reach import pages

pytestmark = pytest.mark.browser
MOST, REQUESTS = 30 * 1024, 6


def test_a_first_visit_to_any_public_page_is_light_and_asks_nobody_else(
    chromium: Browser, address: str, application: Flask, sample: dict[str, str]
) -> None:
    heavy = {}
    for path in set(pages(application).values()) - {"/kit"}:  # every part of the kit at once: for who builds pages
        sizes = first_visit(chromium, address, path)
        elsewhere = [url for url in sizes if not url.startswith((address, "data:"))]
        if sum(sizes.values()) > MOST or len(sizes) > REQUESTS or elsewhere:
            heavy[path] = sizes
    assert heavy == {}


def first_visit(chromium: Browser, address: str, path: str) -> dict[str, float]:
    """The bytes of each answer as it came over the line, heads included, to a browser that has nothing yet."""
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    protocol.on("Network.responseReceived", lambda got: urls.update({got["requestId"]: got["response"]["url"]}))
    protocol.on(
        "Network.loadingFinished",
        lambda got: sizes.update({urls.get(got["requestId"], "?"): got["encodedDataLength"]}),
    )
    page.goto(path, wait_until="networkidle")
    context.close()
    return sizes
