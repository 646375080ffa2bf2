"""Moderators are signed out by themselves; people who write are not, for they may be writing for hours."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories, signing


def signed_in(client: FlaskClient, session: Session, role: Role) -> FlaskClient:
    account = factories.account(session, role)
    session.commit()
    with client.session_transaction() as cookie:
        minute = int(now().timestamp()) // 60
        cookie.update(signing.session_cookie(session, account), seen=minute, begun=minute)
    session.commit()
    return client


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_an_hour_without_a_page_signs_a_moderator_out(client: FlaskClient, session: Session, role: Role) -> None:
    browser, start = signed_in(client, session, role), now()
    with time_machine.travel(start, tick=False) as clock:
        assert browser.get("/review").status_code == 200
        clock.shift(minutes(60))
        assert browser.get("/review").status_code == 200
        clock.shift(minutes(60))
        assert browser.get("/review").status_code == 200  # each page counts anew
        clock.shift(minutes(61))
        answer = browser.get("/review?queue=held")
        assert (answer.status_code, answer.location) == (303, "/sign-in?next=/review?queue%3Dheld")
        assert browser.get(answer.location).text.count("we signed you out after some time") == 1
        assert "signed out" not in browser.get("/sign-in").text, "said once"


def test_who_was_signed_out_while_writing_goes_back_to_the_page_of_the_form(
    client: FlaskClient, session: Session
) -> None:
    browser, start = signed_in(client, session, Role.MODERATOR), now()
    with time_machine.travel(start, tick=False) as clock:
        assert browser.get("/review").status_code == 200
        clock.shift(minutes(62))
        answer = browser.post("/review/bulk", headers={"Referer": "http://localhost/review?queue=held"})
        assert (answer.status_code, answer.location) == (303, "/sign-in?next=/review")
        answer = browser.post("/review/1")  # a browser that tells nobody where it was
        assert (answer.status_code, answer.location) == (303, "/sign-in?next=/review/1")


def test_after_a_working_day_a_moderator_signs_in_again_however_busy(client: FlaskClient, session: Session) -> None:
    browser, start = signed_in(client, session, Role.MODERATOR), now()
    with time_machine.travel(start, tick=False) as clock:
        assert browser.get("/review").status_code == 200
        for _hour in range(12):
            clock.shift(minutes(55))
            assert browser.get("/review").status_code == 200
        clock.shift(minutes(12 * 60 - 12 * 55))
        assert browser.get("/review").status_code == 200
        clock.shift(minutes(1))
        assert browser.get("/review").status_code == 303


def test_who_writes_stays_signed_in(client: FlaskClient, session: Session) -> None:
    browser, start = signed_in(client, session, Role.CONTRIBUTOR), now()
    with time_machine.travel(start, tick=False) as clock:
        assert browser.get("/my").status_code == 200
        clock.shift(timedelta(days=3))
        assert browser.get("/my").status_code == 200


def test_an_old_cookie_that_was_kept_elsewhere_opens_nothing(client: FlaskClient, session: Session) -> None:
    browser = signed_in(client, session, Role.MODERATOR)
    browser.get("/review")
    kept = browser.get_cookie("session")
    assert kept is not None
    with time_machine.travel(now() + timedelta(hours=3), tick=False):
        other = browser.application.test_client()
        other.set_cookie("session", kept.value)
        assert other.get("/review").status_code == 303
