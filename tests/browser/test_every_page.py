"""Every kind of page that a link leads to, for visitors and for each role, on the sample: in English on a desk."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESK, WHO, Visitor
from tests.browser.walk import find_problems

pytestmark = pytest.mark.browser


@pytest.mark.daily
@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_wrong_nothing_is_cut_off_and_no_public_page_is_long(
    visit: Visitor, reached: dict[str, dict[str, str]], sample: dict[str, str], who: str
) -> None:
    visited = visit(cookie=sample.get(who), lang="en", width=DESK, scheme="light")
    assert find_problems(visited, reached, who, width=DESK, with_length=True) == {}
