"""Submissions that an organisation's program sends for supporters: in their name, with consent, and theirs to erase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import Scope
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Forbidden
from consult.core.web.access import Role
from consult.mail.model import Letter
from consult.submissions import service
from consult.submissions.model import State, Submission
from consult.submissions.supporters.model import SupporterConsent
from tests import canaries, factories, filing

V1 = "/api/v1"
CONSENT = {"text": "I agree that Aurora sends this.", "given_at": "2026-01-05T10:00:00Z", "confirmed": "double_opt_in"}
SAID: dict[str, Any] = {
    "comments": [{"provision": "chp_1__para_1", "stance": "wording", "body": "Words of a supporter"}],
    "name_rule": "own", "person_name": "Ana Rojas", "email": "ana@nowhere.example", "consent": CONSENT,
}  # fmt: skip


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session)


@pytest.fixture
def aurora(session: Session) -> Organisation:
    return factories.organisation(session, name="Aurora", proven_at=now(), proven_domain="aurora.example")


@pytest.fixture
def account(session: Session, aurora: Organisation) -> Account:
    person = factories.account(session)
    session.add(Membership(account_id=person.id, organisation_id=aurora.id, since=now()))
    session.flush()
    return person


def bearer(session: Session, account: Account, aurora: Organisation) -> dict[str, str]:
    aurora.files_for_others = True
    scopes = [Scope.FILE, Scope.FILE_OTHERS, Scope.READ_OWN]
    secret = tokens.create(session, account, name="Tool", scopes=scopes, organisation_id=aurora.id, days=30)
    return {"Authorization": f"Bearer {secret}"}


def send(client: FlaskClient, row: Consultation, token: dict[str, str], key: str = "key-00001", **values: Any) -> Any:
    said = {name: value for name, value in {**SAID, **values}.items() if value is not None}
    head = {**token, "Idempotency-Key": key}
    return client.post(f"{V1}/consultations/{row.slug}/submissions", json=said, headers=head)


def test_a_supporter_is_the_author_and_gets_the_private_link(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation
) -> None:
    token = bearer(session, account, aurora)
    answers = [send(client, row, token) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200], answers[0].text
    assert answers[0].json == answers[1].json
    assert (answers[0].json["secret"], answers[0].json["link"]) == ("", "")
    filed = session.scalars(select(Submission)).one()
    assert (filed.account_id, filed.organisation_id, filed.public_name) == (None, None, "Ana Rojas")
    assert session.scalars(select(Letter.key)).all() == [f"receipt:{filed.id}"]
    own = client.get(f"{V1}/self/submissions", headers=token)
    sent = client.get(f"{V1}/self/supporters", headers=token)
    assert (own.json["data"], [each["state"] for each in sent.json["data"]]) == ([], ["pending"])
    assert client.post(f"{V1}/submissions/{filed.reference}/withdrawal", headers=token).status_code == 404


def test_without_an_address_the_program_gets_the_private_link(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation
) -> None:
    answer = send(client, row, bearer(session, account, aurora), email=None)
    assert (answer.status_code, client.get(answer.json["link"]).status_code) == (201, 200)


def test_the_source_is_public_and_counts_once_for_its_author(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation
) -> None:
    token = bearer(session, account, aurora)
    references = [send(client, row, token, key=f"key-0000{n}").json["reference"] for n in range(3)]
    for reference, state in zip(references, (State.PUBLISHED, State.ERASED, State.WITHDRAWN), strict=True):
        filing.decide(session, service.get_by_reference(session, reference), state)
    session.commit()
    listed = client.get(f"{V1}/consultations/{row.slug}/submissions").json["data"]
    assert [(each["name"], each["kind"], each["sent_through"]) for each in listed] == [
        ("Ana Rojas", "person", "Aurora")
    ]
    assert "Sent through Aurora" in client.get(f"/c/{row.slug}/comments/{references[0]}").text
    assert client.get(f"{V1}/consultations/{row.slug}/sources").json == [
        {"organisation": "Aurora", "sent": 3, "published": 1, "withdrawn": 1, "erased": 1}
    ]


def test_the_consent_is_sealed_and_erased_with_the_submission(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation
) -> None:
    send(client, row, bearer(session, account, aurora))
    filed = session.scalars(select(Submission)).one()
    kept = session.get_one(SupporterConsent, filed.id)
    assert kept.sealed
    assert not [place for place, value in canaries.dump(session) if canaries.holds(value, CONSENT["text"])]
    service.erase(session, filed)
    session.commit()
    session.refresh(kept)
    assert (kept.sealed, kept.salt, kept.organisation_id) == (None, None, aurora.id)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"name_rule": "organisation", "organisation_name": "Aurora"}, 422),
        ({"consent": {**CONSENT, "given_at": "2999-01-01T00:00:00Z"}}, 422),
        ({"consent": {**CONSENT, "given_at": "2026-01-05T10:00:00"}}, 422),
        ({"consent": {"text": "x"}}, 422),
    ],
)
def test_a_supporter_speaks_for_nobody_else_and_has_agreed(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation,
    values: dict[str, Any], status: int,
) -> None:  # fmt: skip
    assert send(client, row, bearer(session, account, aurora), **values).status_code == status
    assert session.scalars(select(Submission)).all() == []


def test_the_permission_is_given_by_an_administrator_and_ends_at_once(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation,
    sign_in: Callable[[Any], FlaskClient],
) -> None:  # fmt: skip
    with pytest.raises(Forbidden):
        tokens.check_scopes(session, [Scope.FILE_OTHERS], aurora.id)
    admin = sign_in(factories.account(session, Role.ADMIN))
    assert "Aurora" in admin.get("/people/campaign-tools").text
    admin.post(f"/people/campaign-tools/{aurora.id}", data={"do": "permit"})
    session.refresh(aurora)
    assert aurora.files_for_others
    token = bearer(session, account, aurora)
    aurora.proven_at = None
    session.commit()
    assert send(client, row, token).status_code == 403


def test_a_token_without_the_permission_sends_for_nobody(
    session: Session, client: FlaskClient, row: Consultation, account: Account, aurora: Organisation
) -> None:
    secret = tokens.create(session, account, name="x", scopes=[Scope.FILE], organisation_id=aurora.id, days=1)
    assert send(client, row, {"Authorization": f"Bearer {secret}"}).status_code == 403
