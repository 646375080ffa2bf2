"""A service sends a table of results: it looks at the reading, keeps it, and retracts it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.organisations import service as organisations
from consult.signals.sample_model import DrugSample, SampleBatch
from tests import factories
from tests.signals.test_samples import TABLE

SignIn = Callable[[Any], FlaskClient]


def join(session: Session, sign_in: SignIn) -> tuple[int, FlaskClient]:
    """An organisation, and the browser of its member."""
    account, row = factories.account(session), factories.organisation(session)
    organisations.add_member(session, organisation_id=row.id, account_id=account.id)
    session.commit()
    return row.id, sign_in(account)


@pytest.fixture
def member(session: Session, sign_in: SignIn) -> tuple[int, FlaskClient]:
    return join(session, sign_in)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DrugSample)) or 0


def look(client: FlaskClient, organisation_id: int, data: bytes = TABLE, region: str = "ec-e") -> TestResponse:
    sent = {"file": (io.BytesIO(data), "november.csv"), "region": region, "do": "look"}
    return client.post(f"/organisations/{organisation_id}/samples", data=sent)


def read_hidden(page: str) -> str:
    found = re.search(r'name="table"[^>]*value="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def test_looking_shows_the_reading_and_keeping_takes_the_same_table(
    session: Session, member: tuple[int, FlaskClient]
) -> None:
    organisation_id, client = member
    page = look(client, organisation_id)
    assert page.status_code == 200
    assert "Cocaine HCl" in page.text
    assert re.search(r"Line 6: ", page.text), "the row without a day"
    assert count(session) == 0
    address = f"/organisations/{organisation_id}/samples"
    sent = {"table": read_hidden(page.text), "region": "EC-E", "do": "keep"}
    assert client.post(address, data=sent).status_code == 303
    assert count(session) == 3
    assert "november.csv" in client.get(address).text
    client.post(address, data=sent)
    assert count(session) == 3, "the same table again"
    batch = session.scalars(select(SampleBatch)).one()
    assert client.post(f"{address}/{batch.id}/retract", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/{batch.id}/retract", data={"reason": "Wrong month."}).status_code == 303
    assert count(session) == 0
    assert "Wrong month." in client.get(address).text


def test_a_table_without_a_day_is_refused_with_the_reason(member: tuple[int, FlaskClient]) -> None:
    organisation_id, client = member
    page = look(client, organisation_id, b"a,b\n1,2\n")
    assert page.status_code == 422
    assert "a column with the day" in page.text


def test_a_table_sealed_for_another_organisation_is_refused(
    session: Session, member: tuple[int, FlaskClient], sign_in: SignIn
) -> None:
    organisation_id, client = member
    hidden = read_hidden(look(client, organisation_id).text)
    other_id, other = join(session, sign_in)
    assert other.get(f"/organisations/{organisation_id}/samples").status_code == 404
    sent = {"table": hidden, "region": "EC-E", "do": "keep"}
    assert other.post(f"/organisations/{other_id}/samples", data=sent).status_code == 422
    assert count(session) == 0
