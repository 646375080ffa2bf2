"""A stranger who knows an address cannot keep its owner out, and still cannot guess for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts import passwords
from consult.accounts.limits import letter_limits, password_limits
from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from tests import factories
from tests.accounts.letters import letters
from tests.counting import calls, statements

PASSWORD = "correct horse battery"
STRANGER, NEIGHBOUR, AWAY = "198.51.101.7", "198.51.101.200", "203.0.114.9"
MORNING = datetime.fromisoformat("2027-03-01T06:30:00+00:00")

pytestmark = pytest.mark.usefixtures("limits")


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours of tries in seconds: of the hash only that it is asked matters here."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._decoy_hash.cache_clear()


@pytest.fixture
def tomas(session: Session) -> Account:
    return person(session, "tomas@example.org", Role.MODERATOR)


def person(session: Session, email: str, role: Role = Role.CONTRIBUTOR) -> Account:
    made = factories.account(session, role, email=email, password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    return made


def attempt(client: FlaskClient, password: str, email: str = "tomas@example.org", ip: str = STRANGER) -> TestResponse:
    return client.post(
        "/sign-in", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": ip}
    )  # fmt: skip


def ask(app: Flask, email: str = "tomas@example.org", path: str = "/sign-in/link", ip: str = STRANGER) -> TestResponse:
    return app.test_client().post(path, data={"email": email}, environ_base={"REMOTE_ADDR": ip})


def new(app: Flask) -> FlaskClient:
    """A browser that was never here."""
    return app.test_client()


def guess(app: Flask, times: int, **where: str) -> Counter[int]:
    return Counter(attempt(new(app), f"wrong password {n}", **where).status_code for n in range(times))


# Wrong passwords


@pytest.mark.parametrize("ip", [STRANGER, AWAY])
def test_ten_wrong_passwords_do_not_refuse_the_right_one(app: Flask, tomas: Account, ip: str) -> None:
    assert guess(app, 10) == {422: 10}
    assert attempt(new(app), PASSWORD, ip=ip).status_code == 303


def test_two_wrong_passwords_a_minute_for_hours_keep_no_owner_out(app: Flask, session: Session, tomas: Account) -> None:
    known = new(app)
    with time_machine.travel(MORNING, tick=False) as clock:
        assert attempt(known, PASSWORD, ip=NEIGHBOUR).status_code == 303
        answers: Counter[int] = Counter()
        for _minute in range(6 * 60):
            answers += guess(app, 2)
            clock.shift(timedelta(minutes=1))
        assert attempt(new(app), PASSWORD, ip=AWAY).status_code == 303, "a new browser elsewhere"
        assert attempt(known, PASSWORD, ip=NEIGHBOUR).status_code == 303, "a known one in the stranger's network"
        assert attempt(known, PASSWORD, ip=STRANGER).status_code == 303, "and at the stranger's address"
        refused = attempt(new(app), PASSWORD, ip=NEIGHBOUR)
        assert (refused.status_code, "You can sign in now with a link by e-mail." in refused.text) == (429, True)
        ask(app, ip=NEIGHBOUR)
        assert new(app).post(letters(session)[-1].path).status_code == 303, "a link, from there too"
    assert answers[422] <= 90, "of 720 guesses"


def test_wrong_passwords_for_one_account_do_not_shut_the_network_for_another(
    app: Flask, session: Session, tomas: Account
) -> None:
    person(session, "daniel@example.org")
    assert guess(app, 60)[429] == 40
    assert attempt(new(app), PASSWORD, "daniel@example.org", NEIGHBOUR).status_code == 303
    assert attempt(new(app), "wrong password", "daniel@example.org", NEIGHBOUR).status_code == 422
    assert attempt(new(app), PASSWORD, "daniel@example.org", STRANGER).status_code == 303


@pytest.mark.parametrize("email", ["tomas@example.org", "nobody@example.org"])
def test_many_wrong_passwords_at_once_are_each_counted(app: Flask, tomas: Account, email: str) -> None:
    many, together = 40, Barrier(40)

    def race(number: int) -> int:
        together.wait(30)
        return attempt(new(app), f"wrong password {number}", email).status_code

    with ThreadPoolExecutor(many) as threads:
        answers = Counter(threads.map(race, range(many)))
    assert answers == {422: password_limits.PER_NETWORK.amount, 429: many - password_limits.PER_NETWORK.amount}


def test_guessing_from_many_networks_warns_the_owner_once_and_leaves_each_network_less(
    app: Flask, session: Session, tomas: Account
) -> None:
    with time_machine.travel(MORNING, tick=False):
        for n in range(password_limits.PER_ACCOUNT.amount + 5):
            assert attempt(new(app), "wrong password", ip=f"203.1.{n}.1").status_code == 422
        (letter,) = letters(session)
        assert letter.to == "tomas@example.org"
        assert letter.subject == "Someone tried wrong passwords on your account"
        assert guess(app, 5, ip="203.2.1.1") == {422: 3, 429: 2}
        assert attempt(new(app), PASSWORD, ip="203.2.1.1").status_code == 429
        assert attempt(new(app), PASSWORD, ip=AWAY).status_code == 303, "a right one from a network without wrong ones"
    with time_machine.travel(MORNING + timedelta(days=1), tick=False):
        for n in range(password_limits.PER_ACCOUNT.amount + 2):
            attempt(new(app), "wrong password", ip=f"203.1.{n}.1")
    assert len(letters(session)) == 2, "once a day"


def test_nobody_is_written_to_for_an_address_without_an_account_or_password(app: Flask, session: Session) -> None:
    factories.account(session, email="tomas@example.org")
    session.commit()
    for email in ("tomas@example.org", "nobody@example.org"):
        for n in range(password_limits.PER_ACCOUNT.amount + 2):
            attempt(new(app), "wrong password", email, ip=f"203.1.{n}.1")
    assert letters(session) == []


def test_the_try_that_warns_costs_the_same_for_an_address_without_an_account(
    app: Flask, session: Session, tomas: Account
) -> None:
    costs: dict[str, list[int]] = {}
    for _day in range(2):  # at first something may still be loaded
        limiter.reset()
        for email in ("tomas@example.org", "nobody@example.org"):
            for n in range(password_limits.PER_ACCOUNT.amount):
                attempt(new(app), "wrong password", email, ip=f"203.1.{n}.1")
            with statements() as seen:
                attempt(new(app), "wrong password", email, ip=AWAY)
            # The commit of a letter looks for public rows to seal; without one there is a rollback.
            costs.setdefault(email, []).append(len([sql for sql in seen if "statement_change" not in sql]))
        session.rollback()
    assert costs["tomas@example.org"][0] == costs["nobody@example.org"][0]


def test_a_right_password_gives_the_tries_back(app: Flask, tomas: Account) -> None:
    for _week in range(3):
        assert guess(app, 15) == {422: 15}
        assert attempt(new(app), PASSWORD).status_code == 303


@pytest.mark.parametrize("email", ["tomas@example.org", "nobody@example.org"])
def test_a_refused_try_looks_at_no_password(app: Flask, tomas: Account, email: str) -> None:
    guess(app, 20, email=email)
    done = calls(lambda: attempt(new(app), PASSWORD, email))
    assert done["argon2.low_level.verify_secret"] == 0


def test_one_address_that_floods_is_refused_and_its_network_is_not(
    app: Flask, session: Session, tomas: Account
) -> None:
    for n in range(password_limits.PER_CALLER.amount):
        attempt(new(app), "wrong password", f"person{n}@example.net")
    assert attempt(new(app), PASSWORD).status_code == 429
    assert attempt(new(app), PASSWORD, ip=NEIGHBOUR).status_code == 303


# Known devices


def device(client: FlaskClient) -> str:
    kept = client.get_cookie("device", path="/sign-in")
    return kept.value if kept else ""


def test_the_cookie_of_a_known_device_names_nobody_and_goes_to_the_sign_in_pages_only(
    app: Flask, tomas: Account
) -> None:
    client = new(app)
    (written,) = (one for one in attempt(client, PASSWORD).headers.getlist("Set-Cookie") if one.startswith("device="))
    assert {"HttpOnly", "Path=/sign-in", "SameSite=Strict", "Max-Age=7776000"} <= set(written.split("; "))
    assert str(tomas.id) not in device(client).split(".")
    other = new(app)
    attempt(other, PASSWORD)
    assert device(other) != device(client), "two browsers of one account cannot be told to be"


@pytest.mark.parametrize(
    "end",
    [
        lambda client: client.post("/account/sessions"),
        lambda client: client.post(
            "/account/password", data={"current": PASSWORD, "password": "another green harbour"}
        ),
    ],
)
def test_a_device_is_known_until_sessions_end_elsewhere(
    app: Flask, session: Session, tomas: Account, end: Callable[[FlaskClient], TestResponse]
) -> None:
    client, other = new(app), new(app)
    for each in (client, other):
        attempt(each, PASSWORD, ip=AWAY)
    guess(app, 30)
    assert attempt(client, "wrong password").status_code == 422, "known: looked at"
    assert end(other).status_code == 303
    assert attempt(client, "wrong password").status_code == 429
    assert attempt(other, "wrong password").status_code == 422, "where they were ended is known"


def test_a_known_device_of_another_account_or_a_forged_one_is_none(
    app: Flask, session: Session, tomas: Account
) -> None:
    person(session, "eve@example.org")
    client = new(app)
    attempt(client, PASSWORD, "eve@example.org", AWAY)
    guess(app, 20)
    assert attempt(client, "wrong password").status_code == 429
    for value in ("", "." * 200, "0" * 48, "ü" * 48, device(client)[:-1] + "x", "\u0660" * 48):
        forged = new(app)
        forged.set_cookie("device", value, path="/sign-in")
        assert attempt(forged, "wrong password").status_code == 429


def test_a_known_device_guesses_no_longer_than_a_stranger(app: Flask, tomas: Account) -> None:
    client = new(app)
    attempt(client, PASSWORD, ip=AWAY)
    answers = Counter(attempt(client, f"wrong password {n}", ip=AWAY).status_code for n in range(60))
    assert answers[422] == 40, "its own tries, then its network's"


def test_leaving_the_site_takes_the_cookie_away(app: Flask, tomas: Account) -> None:
    client = new(app)
    attempt(client, PASSWORD)
    assert device(client)
    client.get("/leave")
    assert device(client) == ""


# Links by mail


@pytest.mark.parametrize(("path", "life"), [("/sign-in/link", 30), ("/reset", 60)])
def test_two_requests_a_minute_for_hours_leave_the_owner_a_link_that_works(
    app: Flask, session: Session, tomas: Account, path: str, life: int
) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        for minute in range(4 * 60):
            assert [ask(app, path=path).status_code for _ in range(2)] == [303, 303]
            if minute % 7 == 0:
                assert ask(app, path=path, ip=AWAY).status_code == 303
                assert new(app).get(letters(session)[-1].path).status_code == 200
            clock.shift(timedelta(minutes=1))
        assert len(letters(session)) <= 3 + 4 * 60 / (life / 2) + 9, "and no flood of letters"
        assert new(app).post(letters(session)[-1].path, data={"password": "another green harbour"}).status_code == 303


def test_older_links_work_beside_the_newest(app: Flask, session: Session, tomas: Account) -> None:
    for _stranger in range(5):
        ask(app)
    sent = letters(session)
    assert len(sent) == 4, "three freely, then one each quarter of an hour"
    assert [new(app).post(each.path).status_code for each in sent] == [303] * 4


def test_who_asks_beyond_the_limit_is_told_that_no_letter_goes(app: Flask, session: Session, tomas: Account) -> None:
    answers = [ask(app) for _ in range(5)]
    assert [one.location for one in answers] == ["/sent?what=sign-in"] * 4 + ["/sent?what=sign-in&late=1"]
    page = new(app).get(answers[-1].location).text
    assert "we are not sending another now" in page
    assert "We are sending an e-mail to the e-mail address you entered." not in page
    assert [ask(app, "nobody@example.org").location for _ in range(5)] == [one.location for one in answers]


def test_a_link_that_was_used_lets_its_owner_ask_again(app: Flask, session: Session, tomas: Account) -> None:
    for _stranger in range(9):
        ask(app)
    new(app).post(letters(session)[-1].path)
    assert ask(app).location == "/sent?what=sign-in"


@pytest.mark.parametrize("path", ["/sign-in/link", "/reset", "/join"])
def test_a_network_that_asks_for_very_many_still_gets_letters_to_accounts_only(
    app: Flask, session: Session, tomas: Account, path: str
) -> None:
    person(session, "daniel@example.org")
    for n in range(letter_limits.PER_NETWORK.amount):
        ask(app, f"person{n}@example.net", path)
    before = len(letters(session))
    costs = {}
    for email in ("nobody@example.org", "daniel@example.org"):
        with statements() as seen:
            answer = ask(app, email, path, NEIGHBOUR)
        costs[email] = (answer.location, len([one for one in seen if "SAVEPOINT" not in one]))
    assert costs["nobody@example.org"] == costs["daniel@example.org"]
    assert [one.to for one in letters(session)[before:]] == ["daniel@example.org"]
    ask(app, "somebody@example.org", path, AWAY)
    assert letters(session)[-1].to == "somebody@example.org", "from another network"


def test_nothing_that_is_counted_names_a_person_or_a_network(app: Flask, session: Session, tomas: Account) -> None:
    attempt(new(app), "wrong password")
    ask(app)
    counted = repr(limiter.storage.storage)  # type: ignore[attr-defined]
    assert counted.count("/") >= 4
    assert not any(word in counted for word in ("tomas", "example", STRANGER, "198.51"))
    assert now()
