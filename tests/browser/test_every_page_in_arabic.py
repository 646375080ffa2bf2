"""Every kind of page, as tests/browser/test_every_page.py: in Arabic on a phone, dark. Another process can run it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE, WHO, Visitor
from tests.browser.walk import find_problems

pytestmark = pytest.mark.browser


@pytest.mark.daily
@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_wrong_and_nothing_is_cut_off(
    visit: Visitor, reached: dict[str, dict[str, str]], sample: dict[str, str], who: str
) -> None:
    visited = visit(cookie=sample.get(who), lang="ar", width=PHONE, scheme="dark")
    assert find_problems(visited, reached, who, width=PHONE) == {}
