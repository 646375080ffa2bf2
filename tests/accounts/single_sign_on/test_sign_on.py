"""Signing in at a provider: who gets in, who is asked first, and twelve attacks that are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts import passwords, service
from consult.accounts.model import Account
from consult.accounts.single_sign_on import providers
from consult.accounts.single_sign_on.model import SignOnAttempt, SignOnIdentity, SignOnProvider
from consult.accounts.single_sign_on.providers import ProviderDetails
from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters
from tests.accounts.single_sign_on import provider as lies
from tests.accounts.single_sign_on.provider import OTHER_KEY, Provider, serve, sign

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"
LOGOUT = {"http://schemas.openid.net/event/backchannel-logout": {}}


def begin(client: FlaskClient, slug: str = "ministry", **form: str) -> str:
    """The address at the provider to which the browser is led."""
    page = client.post(f"/sign-in/with/{slug}", data=form)
    assert page.status_code == 200, page.text
    link = re.search(r'<a class="button" href="(http[^"]+)"', page.text)
    assert link
    address = unescape(link[1])
    assert page.headers["Refresh"] == f"0;url={address}"
    return address


def back(client: FlaskClient, answer: dict[str, str], slug: str = "ministry") -> TestResponse:
    """Return the response after the browser has come back and its page has sent the answer on."""
    page = client.get(f"/sign-in/with/{slug}/back", query_string=answer)
    assert page.status_code == 200
    fields = dict(re.findall(r'<input name="(code|state|iss|error)" type="hidden" value="([^"]*)">', page.text))
    assert set(fields) == {"code", "state", "iss", "error"}
    return client.post(f"/sign-in/with/{slug}/back", data={name: unescape(value) for name, value in fields.items()})


def come(client: FlaskClient, provider: Provider, **claims: Any) -> TestResponse:
    return back(client, provider.authorise(begin(client), **claims))


def who_is_in(client: FlaskClient) -> str | None:
    page = client.get("/account")
    found = re.search(r"<dt>E-mail address</dt><dd><bdi>([^<]+)", page.text)
    return found[1] if found else None


def known(session: Session, row: SignOnProvider, **values: Any) -> Account:
    """Somebody whose identity `person-1` at the provider is linked."""
    person = factories.account(session, values.pop("role", Role.CONTRIBUTOR), email="ana@elsewhere.example", **values)
    session.add(
        SignOnIdentity(provider_id=row.id, subject="person-1", account_id=person.id, role=None, linked_at=now())
    )
    session.commit()
    return person


# People who may sign in


def test_somebody_linked_is_signed_in_where_they_wanted_to_go(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    known(session, row)
    assert "Sign in with Ministry" in client.get("/sign-in").text
    answer = back(client, provider.authorise(begin(client, next="/org")))
    assert (answer.status_code, answer.location) == (303, "/org")
    assert who_is_in(client) == "ana@elsewhere.example"
    assert "through a single sign-on provider" in client.get("/account/security").text


def test_a_verified_address_of_the_providers_own_domain_gets_an_account_or_its_own(
    app: Flask, client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    mine = {"email": "Eva@Ministry.example", "email_verified": True, "name": "Eva"}
    assert come(client, provider, **mine).status_code == 303
    assert who_is_in(client) == "Eva@Ministry.example"
    made = service.find_by_email(session, "eva@ministry.example")
    assert made is not None
    factories.account(session, email="old@ministry.example")
    other = app.test_client()
    assert come(other, provider, sub="person-2", email="old@ministry.example", email_verified=True).status_code == 303
    assert letters(session)[-1].subject == "Your account was linked to a single sign-on provider"
    assert letters(session)[-1].to == "old@ministry.example"


def test_everybody_else_signs_in_as_before_once_and_confirms_the_link(
    app: Flask, client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    factories.account(session, email="ana@elsewhere.example", password_hash=passwords.hash_password(PASSWORD))
    answer = come(client, provider, email="ana@elsewhere.example", email_verified=True)
    assert answer.location == "/sign-in"
    assert "Your login at Ministry is not linked to an account here yet." in client.get("/sign-in").text
    sent = {"email": "ana@elsewhere.example", "password": PASSWORD}
    assert client.post("/sign-in", data=sent).location == "/account/sign-on"
    assert session.scalars(select(SignOnIdentity)).all() == [], "not without a word"
    shown = client.get("/account/sign-on").text
    assert "ana@elsewhere.example" in shown
    client.post("/account/sign-on", data={"do": "link"})
    other = app.test_client()
    assert come(other, provider).status_code == 303
    assert who_is_in(other) == "ana@elsewhere.example"


def test_the_account_does_not_say_that_somebody_without_a_password_needs_a_mailed_link(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    come(client, provider, email="eva@ministry.example", email_verified=True, name="Eva")
    page = client.get("/account").text
    assert re.search(r"<dt>Password</dt><dd[^>]*>(<bdi>)?Not set", page)
    assert "link by e-mail" not in page
    assert "your password or a link is enough" not in page


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"email": "eva@home.example", "email_verified": True, "name": "Eva"}, ["eva@home.example", "Eva"]),
        (
            {"email": "made-up@home.example", "email_verified": False},
            ["person-1", "The provider has not confirmed an e-mail address."],
        ),
    ],
)
def test_the_page_that_links_names_the_identity_that_waits_in_this_browser(
    client: FlaskClient,
    session: Session,
    provider: Provider,
    row: SignOnProvider,
    claims: dict[str, Any],
    shown: list[str],
) -> None:
    """On a shared computer it may be another person's."""
    factories.account(session, email="ana@elsewhere.example", password_hash=passwords.hash_password(PASSWORD))
    come(client, provider, **claims)
    client.post("/sign-in", data={"email": "ana@elsewhere.example", "password": PASSWORD})
    page = client.get("/account/sign-on").text
    for words in [*shown, "Ministry", provider.issuer, "ana@elsewhere.example"]:
        assert words in page, words
    assert "made-up@home.example" not in page, "nobody vouches for it"


def test_what_the_token_leaves_out_is_asked_for_of_the_same_person_only(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    provider.userinfo = {"sub": "person-2", "email": "eva@ministry.example", "email_verified": True}
    assert come(client, provider).status_code == 403
    provider.userinfo = {**provider.userinfo, "sub": "person-1"}
    assert come(client, provider).status_code == 303
    assert who_is_in(client) == "eva@ministry.example"


def test_a_second_step_is_asked_for_unless_the_provider_asks_itself(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    known(session, row, factor_since=now())
    assert come(client, provider).location == "/sign-in/second"
    row.own_factor = True
    session.commit()
    assert come(client, provider).location == "/my"


def test_a_role_comes_and_goes_with_its_claim_and_another_stays(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    person = known(session, row)
    for groups, role in (["mods", "x"], Role.MODERATOR), (["policy"], Role.POLICYMAKER), ([], Role.CONTRIBUTOR):
        assert come(client, provider, groups=groups).status_code == 303
        session.refresh(person)
        assert person.role is role
    person.role = Role.MODERATOR  # by an administrator
    session.commit()
    come(client, provider, groups=[])
    session.refresh(person)
    assert person.role is Role.MODERATOR


def test_signing_out_at_the_provider_ends_the_sessions_from_there(
    app: Flask, client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider, sign_in: SignIn
) -> None:
    person = known(session, row)
    by_password, second = sign_in(person), app.test_client()
    come(client, provider, sid="one")
    come(second, provider, sid="two")
    moment = int(now().timestamp())
    told = {"iss": provider.issuer, "aud": "consult", "iat": moment, "jti": str(uuid4()), "events": LOGOUT}
    path = "/sign-in/with/ministry/sign-out"
    wrong: list[dict[str, Any]] = [
        {"events": {}}, {"nonce": "n"}, {"iss": "https://else.example"}, {"aud": "other"}, {"iat": moment - 900},
        {"sub": None, "sid": None},
    ]  # fmt: skip
    for lie in wrong:
        token = sign({**told, "sub": "person-1", **lie})
        assert client.post(path, data={"logout_token": token}).status_code == 400, lie
    assert client.post(path, data={"logout_token": sign({**told, "sub": "person-1"}, OTHER_KEY)}).status_code == 400
    assert all(map(who_is_in, (client, second)))
    assert client.post(path, data={"logout_token": sign({**told, "sub": "person-1", "sid": "one"})}).status_code == 200
    assert (who_is_in(client), bool(who_is_in(second))) == (None, True)
    assert client.post(path, data={"logout_token": sign({**told, "sub": "person-1"})}).status_code == 200
    assert who_is_in(second) is None
    assert who_is_in(by_password), "what did not come from the provider goes on"


def test_a_provider_that_is_away_costs_a_sentence(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    provider.metadata = {"issuer": "https://else.example"}
    from_start = client.post("/sign-in/with/ministry")
    assert (from_start.status_code, "uses a different web address" in from_start.text) == (200, False)
    row.issuer = "http://127.0.0.1:9"
    session.commit()
    page = client.post("/sign-in/with/ministry")
    assert (page.status_code, "The provider did not answer as expected." in page.text) == (502, True)


# Twelve attacks

FORGED: dict[str, dict[str, Any]] = {
    "wrong audience": {"claims": {"aud": "another-client"}},
    "wrong issuer": {"claims": {"iss": "https://else.example"}},
    "wrong nonce": {"claims": {"nonce": "of-another-sign-in"}},
    "alg none": {"sign": lies.sign_with_nothing},
    "key confusion": {"sign": lies.sign_with_the_public_key},
    "another key": {"sign": lambda claims: sign(claims, OTHER_KEY)},
    "expired": {"claims": {"iat": 1_700_000_000, "exp": 1_700_000_300}},
    "no subject": {"claims": {"sub": ""}},
    "a subject of another type": {"claims": {"sub": ["person-1"]}},
    "not a token": {"sign": lambda claims: "a.b.c"},
}


@pytest.mark.parametrize("attack", FORGED)
def test_a_forged_token_signs_nobody_in(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider, attack: str
) -> None:
    known(session, row)
    provider.sign = FORGED[attack].get("sign", sign)
    answer = come(client, provider, **FORGED[attack].get("claims", {}))
    assert answer.status_code == 403
    assert "We could not trust the provider’s answer, so we did not sign you in" in answer.text
    assert who_is_in(client) is None


def test_a_symmetric_key_among_the_public_ones_is_not_used(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    known(session, row)
    provider.keys = [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}]
    answer = come(client, provider)
    assert (answer.status_code, "shows no public key" in answer.text) == (502, True)


def test_a_replayed_state_is_refused_also_after_an_error_and_for_a_copied_cookie(
    app: Flask, client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    known(session, row)
    answer = provider.authorise(begin(client))
    kept = client.get_cookie("session")
    assert kept
    copied = app.test_client()
    copied.set_cookie("session", kept.value)
    assert back(client, answer).status_code == 303
    client.post("/sign-out")
    for browser in (client, copied):
        provider.codes = {answer["code"]: {}}
        page = back(browser, answer)
        assert (page.status_code, "was already used" in page.text) == (403, True)
    failed = provider.authorise(begin(client))
    assert back(client, {**failed, "error": "access_denied"}).status_code == 403
    assert back(client, failed).status_code == 403
    assert session.scalars(select(SignOnAttempt)).all() == []
    assert who_is_in(client) is None


def test_the_answer_of_somebody_elses_browser_is_refused(
    app: Flask, client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    """Login CSRF: an attacker's answer in a victim's browser."""
    known(session, row)
    attackers, victim = app.test_client(), client
    begin(victim)
    assert back(victim, provider.authorise(begin(attackers))).status_code == 403
    assert who_is_in(victim) is None


def test_a_mix_up_of_two_providers_is_refused(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    known(session, row)
    with serve() as other:
        details = ProviderDetails("Other", other.issuer, "consult", "s")
        providers.add(session, "other", details, by=None)
        session.commit()
        honest = provider.authorise(begin(client))
        assert back(client, honest, "other").status_code == 403, "another callback than the one it was begun for"
        for lie in ({"iss": other.issuer}, {"iss": ""}):
            page = back(client, {**provider.authorise(begin(client)), **lie})
            assert (page.status_code, "came from a different provider" in page.text) == (403, True)
        assert other.asked == ["/.well-known/openid-configuration"], "no code went there"
    assert who_is_in(client) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "old@ministry.example", "email_verified": False},
        {"email": "old@ministry.example"},
        {"email": "old@ministry.example", "email_verified": "true"},
        {"email": "old@elsewhere.example", "email_verified": True},
        {"email": "old@evil.ministry.example", "email_verified": True},
        {"email": "old@ministry.example@elsewhere.example", "email_verified": True},
    ],
    ids=["unverified", "not said", "said as a word", "foreign domain", "subdomain", "two at signs"],
)
def test_an_address_links_nobody_unless_verified_and_of_the_providers_domain(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider, claims: dict[str, Any]
) -> None:
    factories.account(session, email=claims["email"])
    assert come(client, provider, **claims).location == "/sign-in"
    assert who_is_in(client) is None
    assert session.scalars(select(SignOnIdentity)).all() == []


def test_an_administrator_is_neither_made_nor_taken_over_by_a_claim(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider
) -> None:
    person = known(session, row)
    row.roles = {**row.roles, "root": "admin"}  # past the form, as in a restored dump
    session.commit()
    assert come(client, provider, groups=["root", "admin"]).status_code == 303
    session.refresh(person)
    assert person.role is Role.CONTRIBUTOR
    client.post("/sign-out")
    factories.account(session, Role.ADMIN, email="boss@ministry.example")
    answer = come(client, provider, sub="person-9", email="boss@ministry.example", email_verified=True)
    assert (answer.location, who_is_in(client)) == ("/sign-in", None)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(
    client: FlaskClient, session: Session, provider: Provider, row: SignOnProvider, target: str
) -> None:
    known(session, row)
    assert back(client, provider.authorise(begin(client, next=target))).location == "/my"


# Setting up


def test_an_administrator_sets_a_provider_up_changes_and_removes_it(
    session: Session, provider: Provider, sign_in: SignIn
) -> None:
    desk = sign_in(factories.account(session, Role.ADMIN))
    typed = {
        "name": "Ministry", "slug": "ministry", "issuer": provider.issuer, "client_id": "consult", "secret": "s",
        "claim": "groups", "roles": "heads = admin",
    }  # fmt: skip
    for wrong, said in (
        ({}, "A claim cannot make someone an administrator"),
        ({"roles": "mods"}, "Write each line as a value"),
        ({"roles": "", "issuer": "http://id.example.org"}, "It must start with https"),
        ({"roles": "", "issuer": f"{provider.issuer}/else"}, "did not answer as expected"),
        ({"roles": "", "domains": "no domain"}, "is not a domain"),
        ({"roles": "", "slug": "Ministry!"}, "Use 2 to 40 lower-case characters"),
    ):
        page = desk.post("/people/sign-on/add", data={**typed, **wrong})
        assert (page.status_code, said in page.text, 'value="consult"' in page.text) == (422, True, True), said
    done = desk.post("/people/sign-on/add", data={**typed, "roles": "mods = moderator"}, follow_redirects=True)
    assert "http://localhost/sign-in/with/ministry/back" in done.text
    assert "mods = moderator" in done.text
    before = session.scalars(select(SignOnProvider.secret_sealed)).one()
    desk.post("/people/sign-on/ministry", data={"name": "The Ministry", "client_id": "consult", "claim": "groups"})
    assert session.scalars(select(SignOnProvider.secret_sealed)).one() == before, (
        "an empty secret keeps the one there is"
    )
    assert "The Ministry" in desk.get("/people/sign-on").text
    desk.post("/people/sign-on/ministry/remove")
    assert session.scalars(select(SignOnProvider)).all() == []
    assert "Single sign-on provider removed: The Ministry" in desk.get("/people/acts").text
