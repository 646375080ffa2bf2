"""The markup of every kind of page, and the bar that is on each."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browser import checks
from tests.browser.conftest import LAPTOP, SMALL, WHO, Visitor
from tests.browser.reach import client_with
from tests.browser.walk import list_paths

pytestmark = pytest.mark.browser
_APART = """() => {
  const wrap = document.querySelector(".bar > .wrap"), style = getComputedStyle(wrap)
  const all = wrap.getBoundingClientRect()
  const boxes = [...wrap.children].map(each => each.getBoundingClientRect()).filter(it => it.width)
  boxes.sort((one, other) => one.left - other.left)
  return boxes.every((box, i) => !i || boxes[i - 1].right <= box.left)
    && boxes[0].left >= all.left + parseFloat(style.paddingLeft) - 1
    && boxes.at(-1).right <= all.right - parseFloat(style.paddingRight) + 1
}"""


@pytest.mark.daily
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_markup_is_valid(
    application: Flask, reached: dict[str, dict[str, str]], sample: dict[str, str], who: str, lang: str
) -> None:
    client = client_with(application, sample.get(who))
    spoken = {"Accept-Language": lang}
    found = {}
    for path in list_paths(reached, who):
        answer = client.get(path, headers=spoken)
        found[path] = checks.markup(answer.text)
        found[path] += ["not found"] if answer.status_code == 404 and path != "/no-such-page" else []
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.daily
@pytest.mark.parametrize("lang", ["en", "ar", "es", "fr"])
@pytest.mark.parametrize("who", WHO)
def test_the_bar_fits_at_every_width(visit: Visitor, sample: dict[str, str], who: str, lang: str) -> None:
    pages = [visit("/kit", width=width, cookie=sample.get(who), lang=lang).page for width in (SMALL, LAPTOP)]
    tall = []
    for width in range(320, 1400, 60):
        page = pages[width >= LAPTOP]  # on a computer scrollbars take room
        page.set_viewport_size({"width": width, "height": 900})
        box, apart = page.locator(".bar").bounding_box(), page.evaluate(_APART)
        if checks.sideways(page) or not apart or box is None or box["height"] > 80:
            tall.append(width)
    assert tall == []
