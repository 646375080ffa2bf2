"""Forms are accepted over TLS by token and sender, never by Referer; refusals are explained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from structlog.testing import LogCapture
from werkzeug.test import TestResponse

from consult import create_app
from consult.core.clock import now
from consult.core.db import db
from consult.core.logs import LineBudget
from consult.core.settings import Settings
from consult.core.web import csrf
from consult.core.web import requests as web_requests
from consult.core.web.access import Role
from consult.core.web.forms import AccountPasswordField, Form
from tests import factories, signing
from tests.conftest import Browser
from tests.forms import hidden, pressed

SITE = "https://consult.example.org"
_WEBHOOK = "/api/v1/webhooks/<int:number>"
HERE = {"Sec-Fetch-Site": "same-origin"}
WITHOUT_TOKEN = {
    "/c/<slug>/respond/resume",  # from the receipt of who has no cookie; with a secret of its own
    "/leave",  # nobody is harmed
    "/api/v1/consultations/<slug>/submissions", "/api/v1/submissions/<reference>/withdrawal",  # no cookie is read
    "/api/v1/submissions/<reference>/erasure",  # the same
    "/api/v1/samples",  # the same
    "/api/v1/consultations/<slug>/tables", "/mcp",  # the same
    "/v4/comments", "/v4/file-upload-urls", "/v4/submission-keys",  # the same
    "/api/v1/uploads", "/api/v1/webhooks", *(f"{_WEBHOOK}/{end}" for end in ("resume", "secret", "test")),
    f"{_WEBHOOK}/deliveries/<int:delivery>/again",
    "/call/<slug>/write",  # no cookie on the page of a call; it begins a draft, which is read before it is sent
    "/report/<kind>/<int:number>", "/report/<reference>", "/report/check/<int:number>/<token>",  # no cookie
    "/n/<slug>", "/return", "/return/do",  # no cookie
    "/signals/report", "/signals/report/no-trace", "/signals/return", "/signals/return/do",  # no cookie
    "/signals/return/files",  # the same
    "/unfollow/<token>", "/unsubscribe/<token>", "/signals/watcher/<token>/stop",  # from mail programs: RFC 8058
    "/in/sms",  # from a gateway, with a secret of its own
    "/sign-in/with/<slug>/sign-out",  # from a provider, which signs what it sends
}  # fmt: skip
"""The routes that take a form without the token of a session."""


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application as in production: served over TLS, tokens asked for. `app` empties the database afterwards."""
    made = create_app(replace(settings, base_url=SITE))
    made.test_client_class = Browser
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> _Reasons:
    """Why forms were refused, as the log says it."""
    capture = LogCapture()
    monkeypatch.setattr(web_requests, "log", structlog.wrap_logger(None, [capture], structlog.BoundLogger))
    monkeypatch.setattr(web_requests, "line_budget", LineBudget(most=10_000))
    return _Reasons(capture)


class _Reasons:
    def __init__(self, capture: LogCapture) -> None:
        self.capture = capture

    def take(self) -> list[str]:
        """Those since the last look."""
        found = [line["reason"] for line in self.capture.entries if line["event"] == "request.forged"]
        self.capture.entries.clear()
        return found


def post(client: FlaskClient, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> TestResponse:
    return client.post(path, data=data or {}, headers=dict(headers or {}), base_url=SITE)


def look(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, base_url=SITE)


def token(client: FlaskClient) -> str:
    return hidden(look(client, "/sign-in"), "csrf_token")


def writing(site: Flask) -> dict[str, str]:
    """Every rule that takes a form, with an address for it that names nothing."""
    found = {}
    for rule in site.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            plain = re.sub(r"\(max=\d+\)", "", rule.rule)
            found[plain] = re.sub(r"<(int:)?\w+>", lambda part: "1" if part[1] else "nothing-here", plain)
    return found


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null"}, {"Origin": "null", **HERE}, {"Origin": SITE}, {"Sec-Fetch-Site": "none"}],
    ids=str,
)
def test_every_form_is_taken_without_a_referer(site: Flask, said: _Reasons, headers: dict[str, str]) -> None:
    wrong = {}
    for rule, path in writing(site).items():
        client = site.test_client()
        answer = post(client, path, {"csrf_token": token(client)}, headers)
        if said.take() or answer.status_code >= 500:
            wrong[rule] = answer.status_code
    assert wrong == {}


def test_no_form_is_taken_without_its_token(site: Flask, said: _Reasons) -> None:
    taken = set()
    for rule, path in writing(site).items():
        client = site.test_client()
        token(client)
        for sent in ("", "forged", token(site.test_client())):
            if post(client, path, {"csrf_token": sent}, HERE).status_code != 400 or not said.take():
                taken.add(rule)
    assert taken == WITHOUT_TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
        {"Origin": "https://consult.example.org.evil.example"}, {"Origin": "https://["},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)  # fmt: skip
def test_a_form_of_another_site_is_refused_even_with_the_right_token(
    site: Flask, said: _Reasons, headers: dict[str, str]
) -> None:
    client = site.test_client()
    answer = post(client, "/join", {"csrf_token": token(client), "email": "two words"}, headers)
    assert answer.status_code == 400
    assert said.take() == [csrf.OTHER_SITE_REASON]
    assert "Another website sent this form" in answer.text
    assert "two words" not in answer.text, "another site shows its words on no page of ours"
    assert post(client, "/join", {"email": "a@example.org"}, headers).status_code == 400
    assert said.take() == [csrf.OTHER_SITE_REASON], "who sent it is told before what its token lacks"


def test_a_proxy_that_changes_scheme_and_host_keeps_nobody_out(site: Flask, said: _Reasons) -> None:
    client = site.test_client()
    with client.session_transaction(base_url="http://consult.example.org") as cookie:
        cookie["csrf_token"] = "one"
    for origin in (SITE, "http://consult.example.org"):  # the public address, and the one that was asked for
        client.post("/sign-in", headers={"Origin": origin}, base_url="http://consult.example.org")
        assert said.take() != [csrf.OTHER_SITE_REASON]


def written(site: Flask, session: Session) -> tuple[FlaskClient, str, dict[str, str]]:
    """A visitor who has a form open: client, its address, and what it sends."""
    path = f"/c/{factories.consultation(session).slug}/respond/comment/2.1"
    client = site.test_client()
    form = pressed(look(client, path).text, body="Sixty per cent\nis <low>.", stance="drop")
    return client, path, dict(form)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("old", "You opened this form more than 12 hours ago."),
        ("no cookie", "Your browser did not send the cookie"),
        ("signed in meanwhile", "you signed in or out in another window"),
        ("another key", "This site was set up again after you opened the form, or the form belongs to another site."),
        ("cookie of another key", "This site cannot read the cookie your browser sent"),
        ("forged", "Part of the form changed on its way to us"),
        ("spoilt", "Part of the form changed on its way to us"),
        ("cut short", "Part of the form changed on its way to us"),
        ("cut", "Part of the form did not arrive."),
    ],
)
def test_who_sent_a_form_too_late_is_told_why_and_sends_it_again_with_one_press(
    site: Flask, session: Session, why: str, told: str
) -> None:
    other_key = URLSafeTimedSerializer("another secret key", salt="wtf-csrf-token")
    with time_machine.travel(now(), tick=False) as clock:
        client, path, form = written(site, session)
        if why == "old":
            clock.shift(timedelta(hours=12, minutes=1))
        elif why == "no cookie":
            client.delete_cookie("__Host-session", domain="consult.example.org")
        elif why == "signed in meanwhile":
            with client.session_transaction(base_url=SITE) as cookie:
                cookie["csrf_token"] = "another"
        elif why == "cookie of another key":
            client.set_cookie("__Host-session", other_key.dumps({"csrf_token": "one"}), domain="consult.example.org")
        else:
            sent = form["csrf_token"]
            form["csrf_token"] = {
                "another key": other_key.dumps("0" * 40),
                "forged": "forged",
                "spoilt": sent[:-3] + ("aaa" if sent[-3:] != "aaa" else "bbb"),
                "cut short": sent[:-12],
                "cut": "",
            }[why]
        refused = post(client, path, form, HERE)
        assert refused.status_code == 400
        assert told in refused.text
        assert refused.headers["Cache-Control"] == "no-store"
        assert "Sixty per cent\nis &lt;low&gt;." in refused.text
        again = pressed(refused.text, having="body")
        assert post(client, path, again, HERE).status_code == 303
        assert "is &lt;low&gt;." in look(client, path).text


def test_a_text_that_the_page_filled_in_and_nobody_changed_is_not_shown_as_written(
    site: Flask, session: Session
) -> None:
    client, path, form = written(site, session)
    assert len(form["proposed"].split()) > 1
    untouched = post(client, path, {**form, "csrf_token": ""}, HERE).text
    assert 'class="kept"' in untouched
    shown = untouched[untouched.index('class="kept"') :]
    assert form["proposed"] not in shown
    changed = post(client, path, {**form, "csrf_token": "", "proposed": "Other words stand here."}, HERE).text
    assert "Other words stand here.</p>" in changed


def test_who_was_signed_out_while_writing_signs_in_beside_it_and_loses_no_word(site: Flask, session: Session) -> None:
    account, client = factories.account(session, Role.MODERATOR), site.test_client()

    def enter() -> None:
        with client.session_transaction(base_url=SITE) as cookie:
            cookie.clear()
            cookie.update(signing.session_cookie(session, account))

    session.commit()
    enter()
    path = "/account/name"
    form = pressed(look(client, path).text, name="Ana Two")
    with client.session_transaction(base_url=SITE) as cookie:
        del cookie["_user_id"]  # as when the hour of a moderator is over: the token stays
    refused = post(client, path, form, HERE)
    assert refused.status_code == 401
    assert "You are no longer signed in" in refused.text
    assert 'href="/sign-in" target="_blank"' in refused.text
    early = post(client, path, pressed(refused.text, having="name"), HERE)
    assert "You are no longer signed in" in early.text, "pressed before signing in: nothing is lost"
    enter()
    back = post(client, path, pressed(early.text, having="name"), HERE)
    assert "You are now signed in" in back.text
    assert post(client, path, pressed(back.text, having="name"), HERE).status_code == 303
    assert "Ana Two" in look(client, "/account").text


def test_a_password_is_never_shown_again(site: Flask, session: Session) -> None:
    client = site.test_client()
    refused = post(client, "/sign-in", {"email": "a@example.org", "password": "correct horse battery"}, HERE)
    assert refused.status_code == 400
    assert "correct horse" not in refused.text
    assert 'href="/sign-in"' in re.sub(r"(?s)<header.*?</header>", "", refused.text), "the way to open it again"


def test_every_field_of_a_password_is_known_as_a_secret() -> None:
    def forms(base: type[Form]) -> Iterator[type[Form]]:
        for one in base.__subclasses__():
            yield one
            yield from forms(one)

    fields = {
        name
        for form in forms(Form)
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) is AccountPasswordField
    }
    assert fields == csrf.SECRET_FIELDS


def test_a_browser_that_does_not_say_who_sent_a_form_is_told_how_to_keep_the_words(
    site: Flask, session: Session
) -> None:
    client, path, form = written(site, session)
    refused = post(client, path, form | {"csrf_token": ""}, {"Origin": "null"})
    assert refused.status_code == 400
    assert "Go back in your browser and copy what you wrote." in refused.text
    assert "Sixty per cent" not in refused.text, "it may be another site that sent them"


def test_a_program_is_told_in_json(site: Flask) -> None:
    answer = post(site.test_client(), "/join", {}, {"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["title"] == "Part of the form did not arrive."
