"""Letters on a phone, as a mail program that keeps their style sheet shows them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from consult.core.clock import now
from consult.mail import render
from tests.browser import checks
from tests.browser.conftest import SMALL, Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("letter", ["move", "move_known", "moving", "approve", "undone", "delete", "deleted"])
def test_letters_about_an_account_fit_a_small_phone(application: Flask, visit: Visitor, lang: str, letter: str) -> None:
    with application.app_context():
        said = render.render_letter(f"accounts/mail/{letter}", lang, {"token": "t" * 43, "until": now(), "at": now()})
    page = visit("/health", width=SMALL).go("about:blank")
    page.set_content(said.html)
    assert said.subject in page.inner_text("body")
    assert checks.sideways(page) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_receipt_with_its_fingerprint_fits_a_small_phone(application: Flask, visit: Visitor, lang: str) -> None:
    with application.app_context():
        letter = render.render_letter("submissions/mail/receipt", lang, {
            "reference": "DP27-7K4M-Q9", "secret": "s" * 32, "received_at": now(), "fingerprint": "0a" * 32,
            "title": "Draft Action Plan", "body": "Secretariat", "answer_by": date(2027, 3, 13),
            "until": now(), "zone": "UTC", "late": False, "asked": True,
        })  # fmt: skip
    page = visit("/health", width=SMALL).go("about:blank")
    page.set_content(letter.html)
    assert "0a0a" in page.inner_text("body")
    assert checks.sideways(page) == []
