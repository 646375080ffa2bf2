from __future__ import annotations

import pytest

from consult.core.web.requests import safe_next


@pytest.mark.parametrize("target", ["/my", "/", "/review?queue=held&next=//elsewhere.example", "/c/plan#q-1", "/c/خطة"])
def test_a_path_on_this_site_is_gone_back_to(target: str) -> None:
    assert safe_next(target, "/desk") == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "my",
        "https://elsewhere.example",
        "javascript:alert(1)",
        "//elsewhere.example",
        "/\\elsewhere.example",  # a browser reads a backslash as a slash
        "\\\\elsewhere.example",
        "/c\\..\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "/my\r\nLocation: https://elsewhere.example",
    ],
)
def test_an_address_that_a_browser_may_take_for_another_site_is_never_gone_to(target: str | None) -> None:
    assert safe_next(target, "/desk") == "/desk"
