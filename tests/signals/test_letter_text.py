"""The text of e-mails about a signal, and their preview during writing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from consult.core.i18n import force_locale
from consult.mail.render import render_letter
from tests.signals.working import opened, seated

TEXT = {"sold_as": "Oxycodone M30", "signs": "Very slow breathing.", "do": "Never alone. Carry naloxone."}


def test_the_level_and_the_last_day_are_in_the_text_and_each_word_has_its_language(app: Flask) -> None:
    given = {
        "about": "warning", "title": "Tablets", "slug": "tablets", "level": "emergency", "confidence": "told",
        "where": "Harjumaa, Estonia", "text": TEXT, "text_language": "en", "until": date(2027, 1, 31), "reason": "Why.",
        "place": lambda name: f"({name})",
    }  # fmt: skip
    with app.test_request_context(), force_locale("en"):
        letter = render_letter("signals/mail/alert", "en", given)
    assert "Emergency · Harjumaa, Estonia" in letter.text
    assert "Valid until 31 January 2027." in letter.text
    with app.test_request_context(), force_locale("ar"):
        html = render_letter("signals/mail/alert", "ar", given).html
    assert '<bdi lang="en">Very slow breathing.</bdi>' in html


def test_the_reports_stand_beside_the_words_of_a_warning(session: Session, sign_in: Any) -> None:
    me = seated(session)
    signal = opened(session, me)
    session.commit()
    page = sign_in(me).get(f"/review/signals/{signal.slug}/warning").text
    assert page.index("</form>") < page.index("Two people fell asleep within a minute.")
