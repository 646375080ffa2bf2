"""Labels on pages for the choices of an operator."""

from __future__ import annotations

from flask import Flask

from consult.core.i18n import force_locale
from consult.operator.labels import name_choice


def test_the_number_of_an_article_keeps_its_order_in_arabic(app: Flask) -> None:
    with app.test_request_context(), force_locale("ar"):
        assert "\u20666(1)(e)\u2069" in name_choice("public_task", "basis")
    with app.test_request_context(), force_locale("en"):
        assert name_choice("public_task", "basis").endswith("(6(1)(e))")
