"""The pages and operations of webhooks: only their owner sees them, and the secret is shown once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.accounts.tokens.model import Scope
from consult.api.webhooks import service
from consult.api.webhooks.model import Webhook, WebhookDelivery
from consult.core.clock import now
from consult.core.errors import Refusal
from tests import canaries, factories
from tests.api.test_filing import V1, bearer
from tests.api.webhooks.test_delivery import production

__all__ = ["production"]
SignIn = Callable[[Any], FlaskClient]
ADDRESS = "https://receiver.example/hook"


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session)


def test_a_webhook_is_added_on_its_page_tested_and_deleted(session: Session, account: Account, sign_in: SignIn) -> None:
    browser = sign_in(account)
    page = browser.post("/account/webhooks", data={"address": ADDRESS, "topics": ["signal", "own"], "acts_for": ""})
    [secret] = re.findall(r"whsec_[\w+/=]{44}", page.text)
    assert secret not in browser.get("/account/webhooks").text
    assert not any(canaries.holds(value, secret) for _place, value in canaries.dump(session))
    hook = session.scalars(select(Webhook)).one()
    assert (hook.address, hook.topics, hook.account_id) == (ADDRESS, ["own", "signal"], account.id)
    path = f"/account/webhooks/{hook.id}"
    assert browser.post(path, data={"do": "test"}).status_code == 303
    row = session.scalars(select(WebhookDelivery)).one()
    assert row.message_id in browser.get(path).text
    row.sent_at = now()
    session.flush()
    browser.post(path, data={"do": f"again:{row.id}"})
    assert session.scalars(select(WebhookDelivery)).one().sent_at is None
    assert "whsec_" in browser.post(path, data={"do": "secret"}).text
    browser.post(path, data={"do": "delete"})
    assert session.scalars(select(Webhook)).all() == []


def test_a_webhook_of_somebody_else_is_not_found(
    session: Session, client: FlaskClient, account: Account, sign_in: SignIn
) -> None:
    hook, _secret = service.add(session, account, address=ADDRESS, topics=["own"], organisation_id=None)
    stranger = factories.account(session)
    path = f"/account/webhooks/{hook.id}"
    assert sign_in(stranger).get(path).status_code == 404
    assert sign_in(stranger).post(path, data={"do": "delete"}).status_code == 404
    for method, end in (("delete", ""), ("get", "/deliveries"), ("post", "/test"), ("post", "/secret")):
        answer = getattr(client, method)(f"{V1}/webhooks/{hook.id}{end}", headers=bearer(session, stranger))
        assert answer.status_code == 404
    assert session.scalars(select(Webhook.id)).all() == [hook.id]


def test_a_program_manages_the_webhooks_of_its_account_or_organisation(
    session: Session, client: FlaskClient, account: Account
) -> None:
    organisation = factories.organisation(session)
    session.add(Membership(organisation_id=organisation.id, account_id=account.id, since=now()))
    session.flush()
    mine, theirs = bearer(session, account), bearer(session, account, organisation=organisation.id)
    body = {"address": ADDRESS, "topics": ["submission", "response"]}
    made = client.post(f"{V1}/webhooks", json=body, headers=theirs)
    assert made.status_code == 201, made.text
    number = made.json["id"]
    assert made.json["secret"].startswith("whsec_")
    assert client.get(f"{V1}/webhooks", headers=mine).json == []
    assert client.post(f"{V1}/webhooks/{number}/test", headers=mine).status_code == 404
    assert client.post(f"{V1}/webhooks/{number}/test", headers=theirs).json["waiting"] == 1
    [row] = client.get(f"{V1}/webhooks/{number}/deliveries", headers=theirs).json
    assert (row["events"], row["attempts"], row["status"], row["accepted"]) == (0, 0, None, None)
    again = client.post(f"{V1}/webhooks/{number}/deliveries/{row['number']}/again", headers=theirs)
    assert again.status_code == 200
    assert client.post(f"{V1}/webhooks/{number}/deliveries/9/again", headers=theirs).status_code == 404
    assert client.delete(f"{V1}/webhooks/{number}", headers=theirs).status_code == 200
    assert client.get(f"{V1}/webhooks", headers=theirs).json == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"topics": []}, 422), ({"topics": ["accounts"]}, 422), ({"address": "http://a.example"}, 422), ({}, 201)],
)
def test_only_known_topics_and_safe_addresses_are_accepted(
    session: Session, client: FlaskClient, account: Account, changed: Any, status: int
) -> None:
    body = {"address": ADDRESS, "topics": ["own"], **changed}
    assert client.post(f"{V1}/webhooks", json=body, headers=bearer(session, account)).status_code == status


def test_webhooks_need_a_token_with_their_scope(session: Session, client: FlaskClient, account: Account) -> None:
    body, wrong = {"address": ADDRESS, "topics": ["own"]}, bearer(session, account, Scope.FILE)
    assert client.post(f"{V1}/webhooks", json=body, headers=wrong).status_code == 403
    assert client.post(f"{V1}/webhooks", json=body).status_code == 401
    assert client.get(f"{V1}/webhooks", headers=wrong).status_code == 403


def test_an_account_has_a_limited_number_of_webhooks(session: Session, account: Account) -> None:
    for _n in range(service.MOST):
        service.add(session, account, address=ADDRESS, topics=["own"], organisation_id=None)
    with pytest.raises(Refusal):
        service.add(session, account, address=ADDRESS, topics=["own"], organisation_id=None)


HOSTILE = [
    "http://receiver.example/", "https://user:pw@receiver.example/", "https://receiver.example:22/", "ftp://a.example",
    "https://127.0.0.1/", "https://[::1]/", "https://localhost/", "https://a.localhost/", "https://10.1.2.3/",
    "https://169.254.169.254/latest", "https://100.64.0.1/", "https://[::ffff:127.0.0.1]/", "https://2130706433/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[fd00::1]/", "https://[ff02::1]/",
    "https://224.0.0.1/", "https://0.0.0.0/", "https://receiver.example/#part", "https://receiver.example:99999/",
    "https:///x", "",
]  # fmt: skip


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_leads_inside_is_refused(session: Session, address: str) -> None:
    with pytest.raises(Refusal):
        service.check_address(address)


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", ["https://receiver.example/a?b=1", "https://receiver.example:8443/"])
def test_a_public_https_address_is_accepted(session: Session, address: str) -> None:
    assert service.check_address(address) == address
