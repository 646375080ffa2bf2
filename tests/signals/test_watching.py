"""Choosing what to be told of, with and without an account, and changing it; an emergency stands first in the queue."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.i18n import force_locale
from consult.core.web.limits import limiter
from consult.mail.model import Letter
from consult.signals.model import SignalLevel, SignalLink, Watcher
from consult.signals.places.regions import name_place
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests.signals.working import filed, hospital, opened, seated
from tests.site.tagging import term

SignIn = Callable[[Any], FlaskClient]


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page)
    return next(filter(None, found.groups())) if found else ""


def test_regions_of_a_country_can_be_chosen_before_anything_is_sent(session: Session, client: FlaskClient) -> None:
    page = client.get("/signals/watch").text
    assert 'value="EC-E"' not in page
    sent = {"csrf_token": token_in(page), "country_0": "EC", "least": "watch", "language": "ar", "email": ""}
    answer = client.post("/signals/watch", data=sent | {"do": "regions"})
    assert answer.status_code == 200
    assert 'value="EC-E"' in answer.text
    assert "Enter your e-mail address" not in answer.text
    assert re.search(r'<option[^>]*value="ar"[^>]*selected|<option selected[^>]*value="ar"', answer.text)
    assert session.scalars(select(Watcher)).all() == []
    client.post("/signals/watch", data=sent | {"do": "watch", "email": "a@ngo.example", "region": "EC-E"})
    [row] = session.scalars(select(Watcher))
    assert (row.countries, row.regions, row.least) == ([], ["EC-E"], SignalLevel.WATCH)


def test_a_stranger_who_types_an_address_neither_blocks_it_nor_floods_it(session: Session, client: FlaskClient) -> None:
    sent = {"country_0": "EC", "least": "watch", "language": "en", "do": "watch", "email": "a@ngo.example"}
    limiter.enabled = True
    try:
        asked = [
            client.post("/signals/watch", data=sent, environ_overrides={"REMOTE_ADDR": f"198.51.{n}.7"}).status_code
            for n in range(8)
        ]
    finally:
        limiter.enabled = False
        limiter.reset()
    assert asked == [303] * 8
    assert len(session.scalars(select(Letter)).all()) == 1


def test_whoever_has_no_account_changes_by_a_link_in_each_letter_what_they_are_told_of(
    session: Session, client: FlaskClient
) -> None:
    me, about = seated(session), term(session, "substances", "Protonitazene")
    wish = WatchFilter(countries=["EC"], substances=[about.id])
    watchers.request_confirmation(session, email="a@ngo.example", wish=wish)
    [row] = session.scalars(select(Watcher))
    address = f"/signals/watcher/{row.token}"
    session.commit()
    page = client.get(address).text
    assert "Substance: Protonitazene" in page
    assert client.post(address, data={"csrf_token": token_in(page)}).status_code == 303
    opened(session, me, level=SignalLevel.ALERT)
    session.commit()
    [fields] = session.scalars(select(Letter.fields_sealed).where(Letter.key.startswith("signals:")))
    assert f'{address}"' in unseal(fields or b"")
    page = client.get(address).text
    sent = {"csrf_token": token_in(page), "country_0": "EC", "least": "emergency", "language": "fr", "do": "watch"}
    assert "Enter" not in client.post(address, data=sent | {"do": "regions"}).text
    answer = client.post(address, data=sent | {"region": "EC-G", "substance": ""})
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (303, "no-referrer")
    session.expire_all()
    assert (row.regions, row.least, row.substances, row.language) == (["EC-G"], SignalLevel.EMERGENCY, [], "fr")


def test_a_place_is_named_as_its_language_writes_it_whoever_decides(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert "، " in name_place("EC", "EC-E", "ar")
        assert ", " in name_place("EC", "EC-E", "es")


def test_a_report_of_an_emergency_stands_first_and_says_so_and_stays_open_when_it_is_taken(
    session: Session, sign_in: SignIn
) -> None:
    me = seated(session)
    late = filed(session, product="Late powder", deaths=1)
    session.get_one(SignalLink, late.id).due_at = now() - timedelta(hours=3)
    filed(session, product="Grave powder", deaths=2, body="Two died.", organisation_id=hospital(session))
    session.commit()
    browser = sign_in(me)
    page = browser.get("/review/signals").text
    assert page.index("Grave powder") < page.index("Late powder")
    assert len(re.findall(r"<span[^>]*tag[^>]*>Emergency<", page)) == 1
    address = f"/review/signals/reports/{late.reference}"
    taken = browser.post(address, data={"csrf_token": token_in(page), "do": "take"})
    assert taken.location.endswith(f"?at={late.reference}")
