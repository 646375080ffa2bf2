"""Files by /api/v1: uploaded with a token, attached to one submission, and refused for others."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.model import Account
from consult.accounts.tokens.model import Scope
from consult.consultations.model import Consultation
from consult.files import service as files
from consult.files.model import StoredFile
from consult.submissions.model import Evidence
from tests import factories
from tests.api.test_filing import SAID, V1, bearer, file

STUDY: dict[str, Any] = {"kind": "study", "description": "What it shows", "consent": True}


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session)


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session)


@pytest.fixture
def token(session: Session, account: Account) -> dict[str, str]:
    return bearer(session, account)


def upload(
    client: FlaskClient, token: dict[str, str], data: bytes = b"Some words", name: str = "a.txt"
) -> TestResponse:
    return client.post(f"{V1}/uploads?name={name}", data=data, headers=token)


def attach(
    client: FlaskClient, row: Consultation, token: dict[str, str], key: str, *items: dict[str, Any]
) -> TestResponse:
    return file(client, row, token, {**SAID, "evidence": list(items)}, key)


def test_an_uploaded_file_and_a_reference_are_the_evidence_of_a_submission(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    sent = upload(client, token)
    assert (sent.status_code, sent.json["name"], sent.json["size"]) == (201, "a.txt", 10)
    book = {"kind": "legal_text", "description": "The law", "reference": "https://doi.org/10.1000/182", "year": 2020}
    answer = attach(client, row, token, "key-00001", {**STUDY, "upload": sent.json["upload"]}, book)
    assert answer.status_code == 201, answer.text
    rows = session.scalars(select(Evidence).order_by(Evidence.position)).all()
    stored = session.scalars(select(StoredFile)).one()
    assert [(one.kind, one.file_id, one.reference, one.year) for one in rows] == [
        ("study", stored.id, None, None), ("legal_text", None, "10.1000/182", 2020),
    ]  # fmt: skip
    assert not any(one.shown for one in rows)
    repeated = attach(client, row, token, "key-00001", {**STUDY, "upload": sent.json["upload"]}, book)
    assert (repeated.status_code, repeated.json) == (200, answer.json)


def test_a_file_is_taken_by_the_token_that_uploaded_it_and_once(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str], account: Account
) -> None:
    item = {**STUDY, "upload": upload(client, token).json["upload"]}
    assert attach(client, row, bearer(session, account), "key-00001", item).status_code == 422
    assert attach(client, row, token, "key-00001", item).status_code == 201
    assert attach(client, row, token, "key-00002", item).status_code == 409


def test_a_file_deleted_because_it_was_not_sent_is_named(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    item = {**STUDY, "upload": upload(client, token).json["upload"]}
    files.erase(session, session.scalars(select(StoredFile.id)).all())
    assert attach(client, row, token, "key-00001", item).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"consent": False}, 422),
        ({"reference": "10.1000/182"}, 422),
        ({"upload": ""}, 422),
        ({"upload": "forged"}, 422),
        ({"kind": "mandate"}, 422),
        ({"description": " "}, 422),
        ({"language": "zz"}, 422),
        ({"year": 2190}, 422),
    ],
)
def test_evidence_that_the_form_refuses_is_refused(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str], changed: Any, status: int
) -> None:
    item = {**STUDY, "upload": upload(client, token).json["upload"], **changed}
    assert attach(client, row, token, "key-00001", item).status_code == status
    assert session.scalar(select(Evidence.id)) is None


def test_a_change_keeps_the_evidence_or_replaces_it(
    session: Session, client: FlaskClient, row: Consultation, token: dict[str, str]
) -> None:
    item = {**STUDY, "upload": upload(client, token).json["upload"]}
    reference = attach(client, row, token, "key-00001", item).json["reference"]
    path, new = f"{V1}/submissions/{reference}/own", {"comments": [{**SAID["comments"][0], "body": "New"}]}
    assert client.put(path, json=new, headers={**token, "If-Match": '"1"'}).status_code == 200
    assert session.scalars(select(Evidence.file_id)).one() is not None
    book = {"kind": "study", "description": "A book", "reference": "10.1000/182"}
    changed = client.put(path, json={**new, "evidence": [book]}, headers={**token, "If-Match": '"2"'})
    assert changed.status_code == 200, changed.text
    assert session.scalars(select(Evidence.reference)).all() == ["10.1000/182"]


def test_an_upload_needs_a_token_with_the_scope_and_an_acceptable_file(
    session: Session, client: FlaskClient, token: dict[str, str], account: Account
) -> None:
    assert upload(client, {}).status_code == 401
    assert upload(client, bearer(session, account, Scope.READ_OWN)).status_code == 403
    assert upload(client, token, b"MZ\x90\x00program", "a.exe").status_code == 422
    assert client.post(f"{V1}/uploads", data=b"x", headers=token).status_code == 400
    assert session.scalar(select(StoredFile.id)) is None
