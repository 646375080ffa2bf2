"""Samples by /api/v1: a result for each line, the same lines once, and only the batches of one's organisation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.organisations import service as organisations
from consult.accounts.tokens.model import Scope
from consult.core.clock import now
from consult.signals.sample_model import DrugSample, SampleBatch
from tests import factories
from tests.api.test_filing import V1, bearer

TODAY = now().date().isoformat()


def sample(number: str, **values: Any) -> dict[str, Any]:
    return {"day": TODAY, "country": "EC", "region": "EC-E", "number": number, "findings": ["MDMA"]} | values


def token_of_member(session: Session, *scopes: Scope) -> dict[str, str]:
    account, row = factories.account(session), factories.organisation(session)
    organisations.add_member(session, organisation_id=row.id, account_id=account.id)
    return bearer(session, account, *scopes, organisation=row.id)


@pytest.fixture
def token(session: Session) -> dict[str, str]:
    return token_of_member(session)


def send(client: FlaskClient, token: dict[str, str], *lines: Any, query: str = "") -> TestResponse:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return client.post(f"{V1}/samples{query}", data=body, headers=token, content_type="application/x-ndjson")


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DrugSample)) or 0


def test_each_line_has_a_result_and_good_lines_are_kept_once(
    session: Session, client: FlaskClient, token: dict[str, str]
) -> None:
    lines = [
        sample("A1"), "", sample("A2", findings=[]), "{", sample("A1", sold_as="again"), sample("A3", region="EC-XX"),
        sample("A4", colour="blue"), sample("A5", day="soon"),
    ]  # fmt: skip
    answer = send(client, token, *lines)
    assert answer.status_code == 200, answer.text
    results = {row["line"]: row["result"] for row in answer.json["lines"]}
    assert results == {1: "new", 3: "new", **dict.fromkeys((4, 5, 6, 7, 8), "refused")}
    assert all(row["detail"] for row in answer.json["lines"] if row["result"] == "refused")
    assert (answer.json["kept"], count(session)) == (2, 2)
    again = send(client, token, sample("A1"), sample("A2", findings=["Cocaine"]))
    assert [row["result"] for row in again.json["lines"]] == ["known", "changed"]
    assert (again.json["batch"], count(session)) == (None, 2)


def test_looking_keeps_nothing(session: Session, client: FlaskClient, token: dict[str, str]) -> None:
    answer = send(client, token, sample("A1"), query="?look=true")
    assert [row["result"] for row in answer.json["lines"]] == ["new"]
    assert (answer.json["batch"], count(session)) == (None, 0)


def test_a_batch_is_retracted_with_a_reason_by_its_organisation_only(
    session: Session, client: FlaskClient, token: dict[str, str]
) -> None:
    batch = send(client, token, sample("A1"), sample("A2")).json["batch"]
    address = f"{V1}/samples/batches/{batch}"
    assert client.delete(f"{address}?reason=x", headers=token_of_member(session)).status_code == 404
    assert client.delete(address, headers=token).status_code == 400
    answer = client.delete(f"{address}?reason=Wrong+file.", headers=token)
    assert (answer.status_code, answer.json) == (200, {"batch": batch, "samples": 2})
    assert count(session) == 0
    assert session.get_one(SampleBatch, batch).retracted_for == "Wrong file."
    assert client.delete(f"{address}?reason=Again.", headers=token).status_code == 409


def test_a_token_needs_the_permission_and_an_organisation(session: Session, client: FlaskClient) -> None:
    assert send(client, {}, sample("A1")).status_code == 401
    assert send(client, token_of_member(session, Scope.FILE), sample("A1")).status_code == 403
    assert send(client, bearer(session, factories.account(session)), sample("A1")).status_code == 403
    assert count(session) == 0


def test_more_than_ten_thousand_lines_are_refused(client: FlaskClient, token: dict[str, str]) -> None:
    assert send(client, token, *["{}"] * 10_001).status_code == 413
