"""Filing by /api/v1: once for each key, by the rules of the form, and only by whom it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.model import Account, Membership
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import Scope
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.submissions import service
from consult.submissions.model import Comment, State, Submission
from tests import canaries, factories, filing

V1 = "/api/v1"
SAID: dict[str, Any] = {"comments": [{"provision": "chp_1__para_1", "stance": "wording", "body": "Words of a program"}]}


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session)


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session, questions=1)


@pytest.fixture
def token(session: Session, account: Account) -> dict[str, str]:
    return bearer(session, account)


def bearer(session: Session, account: Account, *scopes: Scope, organisation: int | None = None) -> dict[str, str]:
    secret = tokens.create(
        session, account, name="A program", scopes=scopes or tuple(Scope), organisation_id=organisation, days=30
    )
    return {"Authorization": f"Bearer {secret}"}


def file(
    client: FlaskClient, row: Consultation, token: dict[str, str], said: dict[str, Any] = SAID, key: str = "key-00001"
) -> TestResponse:
    return client.post(
        f"{V1}/consultations/{row.slug}/submissions", json=said, headers={**token, "Idempotency-Key": key}
    )


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Submission)) or 0


def test_a_submission_is_filed_with_comments_responses_and_a_wording(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str], account: Account
) -> None:
    said = {
        "comments": [*SAID["comments"], {"provision": "chp_1__para_2", "proposed": "Better words", "body": "Because"}],
        "responses": [{"question": 1, "body": "A response"}], "name_rule": "own", "person_name": "Ana", "country": "PE",
    }  # fmt: skip
    answer = file(client, row, token, said)
    assert answer.status_code == 201, answer.text
    filed = service.get_by_author_link(session, reference=answer.json["reference"], secret=answer.json["secret"])
    assert (filed.state, filed.account_id, filed.public_name, filed.country) == (State.PENDING, account.id, "Ana", "PE")
    comments = session.scalars(select(Comment).where(Comment.submission_id == filed.id).order_by(Comment.position))
    assert [(one.body, one.amendment, one.stance) for one in comments] == [
        ("Words of a program", None, "wording"), ("Better words\n\nBecause", 12, "wording"), ("A response", None, None),
    ]  # fmt: skip
    assert client.get(answer.json["link"]).status_code == 200


def test_the_same_key_files_once_for_ever_and_another_body_is_refused(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    first, again = file(client, row, token), file(client, row, token)
    assert (first.status_code, again.status_code, again.json) == (201, 200, first.json)
    other = file(client, row, token, {**SAID, "country": "FR"})
    assert (other.status_code, other.json["type"].rpartition("/")[2]) == (422, "key-used")
    assert client.post(
        f"{V1}/submissions/{first.json['reference']}/erasure", headers={"Consult-Return": first.json["secret"]}
    ).json["state"] == "erased"  # fmt: skip
    after = file(client, row, token)
    assert (after.status_code, after.json["state"], after.json["secret"]) == (200, "erased", "")
    assert count(session) == 1
    assert file(client, row, token, key="key-00002").status_code == 201


def test_erasure_by_a_program_leaves_nothing_of_the_words(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    said = {"comments": [{**SAID["comments"][0], "body": "Quux nightingale words"}], "email": "quux@canary.example"}
    reference = file(client, row, token, said).json["reference"]
    assert client.post(f"{V1}/submissions/{reference}/erasure", headers=token).status_code == 200
    held = [place for place, value in canaries.dump(session) for secret in ("nightingale", "quux@canary.example")
            if canaries.holds(value, secret)]  # fmt: skip
    assert held == []


@pytest.mark.parametrize(
    ("changed", "status", "name"),
    [
        ({"comments": []}, 422, "refused"),
        ({"colour": "red"}, 422, "invalid-body"),
        ({"comments": [{"body": 7}]}, 422, "invalid-body"),
        ({"comments": [{"body": "x", "stance": "wording", "provision": "none"}]}, 404, "not-found"),
        ({"comments": [{"body": "Words without a type"}]}, 422, "refused"),
        ({"name_rule": "own"}, 422, "refused"),
        ({"language": "zz"}, 422, "refused"),
        ({"country": "ZZ"}, 422, "refused"),
        ({"side": "sideways"}, 422, "invalid-body"),
        ({"comments": [{"body": "x", "stance": "wording", "language": "zz"}]}, 422, "refused"),
    ],
)
def test_a_body_that_is_refused_files_nothing_and_its_key_stays_free(
    session: Session,
    client: FlaskClient,
    row: Consultation,
    token: dict[str, str],
    changed: Any,
    status: int,
    name: str,
) -> None:
    answer = file(client, row, token, {**SAID, **changed})
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, name), answer.text
    assert count(session) == 0
    assert file(client, row, token).status_code == 201


def test_a_token_is_needed_and_its_scope(
    session: Session, client: FlaskClient, row: Consultation, account: Account
) -> None:
    for wrong in ({}, {"Authorization": "Bearer cst_00000000_nothing"}, {"Authorization": "Basic abc"}):
        answer = file(client, row, wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert file(client, row, bearer(session, account, Scope.READ_OWN)).status_code == 403
    assert client.post(f"{V1}/consultations/{row.slug}/submissions", data="{", headers={
        **bearer(session, account), "Content-Type": "application/json", "Idempotency-Key": "key-00001",
    }).status_code == 400  # fmt: skip
    assert count(session) == 0


def test_a_change_needs_the_revision_that_was_read_and_is_reviewed_again(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    reference = file(client, row, token).json["reference"]
    path = f"{V1}/submissions/{reference}/own"
    read = client.get(path, headers=token)
    new = {"comments": [{"provision": "chp_1__para_2", "stance": "support", "body": "Changed words"}]}
    assert client.put(path, json=new, headers=token).status_code == 428
    changed = client.put(path, json=new, headers={**token, "If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json["state"]) == (200, "pending")
    assert client.put(path, json=new, headers={**token, "If-Match": read.headers["ETag"]}).status_code == 412
    assert session.scalars(select(Comment.body)).all() == ["Changed words"]


def test_a_submission_is_withdrawn_once(client: FlaskClient, row: Consultation, token: dict[str, str]) -> None:
    filed = file(client, row, token).json
    path = f"{V1}/submissions/{filed['reference']}/withdrawal"
    assert client.post(path, headers={"Consult-Return": "wrong"}).status_code == 401
    assert client.post(path, headers={"Consult-Return": filed["secret"]}).json["state"] == "withdrawn"
    assert client.post(path, headers=token).status_code == 409


def test_a_token_opens_only_what_its_account_or_organisation_filed(
    session: Session, client: FlaskClient, row: Consultation, account: Account, token: dict[str, str]
) -> None:
    organisation = factories.organisation(session)
    session.add(Membership(organisation_id=organisation.id, account_id=account.id, since=now()))
    session.flush()
    theirs = bearer(session, account, organisation=organisation.id)
    mine = file(client, row, token).json["reference"]
    of_organisation = file(client, row, theirs, key="key-00003").json["reference"]
    strangers = filing.file(session, row, "Words of somebody else").reference
    for holder, own in ((token, mine), (theirs, of_organisation)):
        listed = client.get(f"{V1}/self/submissions", headers=holder).json["data"]
        assert [one["reference"] for one in listed] == [own]
        for other in {mine, of_organisation, strangers} - {own}:
            assert client.get(f"{V1}/submissions/{other}/own", headers=holder).status_code == 404
            assert client.post(f"{V1}/submissions/{other}/erasure", headers=holder).status_code == 404
    assert client.get(f"{V1}/self", headers=theirs).json["organisation"] == organisation.name


def test_an_organisation_that_requires_two_people_cannot_be_bypassed(
    session: Session, client: FlaskClient, row: Consultation, account: Account
) -> None:
    organisation = factories.organisation(session, two_people=True)
    session.add(Membership(organisation_id=organisation.id, account_id=account.id, since=now()))
    session.flush()
    assert file(client, row, bearer(session, account, organisation=organisation.id)).status_code == 409
    assert count(session) == 0


def test_a_closed_consultation_takes_nothing(session: Session, client: FlaskClient, token: dict[str, str]) -> None:
    closed = factories.consultation(session, closes_at=now())
    assert file(client, closed, token).status_code == 409
