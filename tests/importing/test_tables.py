"""Exports of other platforms: recognised by their columns, previewed, imported once, with bad rows named by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import Scope
from consult.cli import import_comments
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.submissions.model import Comment, Submission
from consult.submissions.tables.platforms import propose_mapping
from tests import factories

EXPORTS = {
    "regulations.gov": (
        "Document ID,Agency ID,Docket ID,Tracking Number,Posted Date,Comment,First Name,Last Name,City,Country\n"
        'EPA-2026-1-0002,EPA,EPA-2026-1,k1,2026-01-02,"Keep it.<br/>Please &amp; thanks.",Ana,Canary,Lima,Peru\n',
        "Keep it.\nPlease & thanks.",
    ),
    "Have your say": (
        "id,feedback,language,userType,country,firstName,surname\n77,A longer text,EN,NGO,FRA,Ana,Canary\n",
        "A longer text",
    ),
    "Decidim": (
        "id;reference;title/ca;title/en;body/ca;body/en;author/name;published_at\n"
        "9;XX-PROP-9;Títol;A title;<p>Cos</p>;<p>A body</p>;Ana Canary;2026-01-01\n",
        "A title\n\nA body",
    ),
    "Decidim comments": (
        "id;created_at;body;locale;author/id;author/name;alignment;depth\n5;2026;Against this;en;1;Ana Canary;-1;0\n",
        "Against this",
    ),
    "Consul Democracy": (
        "id,title,summary,description,hot_score,author_name\n3,A title,A summary,<p>Words</p>,4,Ana Canary\n",
        "A title\n\nA summary\n\nWords",
    ),
    "Citizen Space": (
        "Response ID,Date Submitted,What is your name?,What is your email address?,"
        "1. Do you agree with the proposed limit?,2. Why do you think so?\n"
        "ANON-1,2026-01-01,Ana Canary,canary@nowhere.example,Agree,It works elsewhere\n",
        "Agree\n\nIt works elsewhere",
    ),
}


@pytest.fixture
def row(session: Session) -> Consultation:
    owner = factories.account(session, Role.POLICYMAKER)
    made = factories.consultation(session, slug="plan", owner_id=owner.id)
    session.commit()
    return made


def bearer(session: Session, number: int) -> dict[str, str]:
    account = session.get_one(Account, number)
    secret = tokens.create(session, account, name="x", scopes=[Scope.TABLES], organisation_id=None, days=1)
    return {"Authorization": f"Bearer {secret}"}


def send(client: FlaskClient, token: dict[str, str], table: str, **query: Any) -> Any:
    asked = {"source": "elsewhere", **query}
    return client.post("/api/v1/consultations/plan/tables", data=table.encode(), query_string=asked, headers=token)


@pytest.mark.parametrize("platform", EXPORTS)
def test_an_export_is_recognised_previewed_and_imported_once_without_names(
    session: Session, client: FlaskClient, row: Consultation, platform: str
) -> None:
    table, expected = EXPORTS[platform]
    token = bearer(session, row.owner_id)
    seen = send(client, token, table, look="true")
    assert (seen.status_code, seen.json["platform"]) == (200, platform), seen.text
    assert [each["text"] for each in seen.json["rows"]] == [expected]
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    counts = [
        [answer.json[name] for name in ("added", "known", "rejected")]
        for answer in (send(client, token, table) for _time in range(2))
    ]
    assert counts == [[1, 0, 0], [0, 1, 0]]
    assert session.scalars(select(Comment.body)).all() == [expected]
    assert "Canary" not in seen.text


def test_a_hundred_broken_rows_are_named_by_line(session: Session, client: FlaskClient, row: Consultation) -> None:
    lines = [f"{n}," if n % 3 == 0 else f"{n},Words {n}" for n in range(300)]
    answer = send(
        client, bearer(session, row.owner_id), "\n".join(["nr,words", *lines]), id_column="nr", text_column="words"
    )
    assert [answer.json[name] for name in ("added", "rejected")] == [200, 100]
    assert [each["line"] for each in answer.json["reasons"]] == list(range(2, 302, 3))


@pytest.mark.parametrize(
    ("table", "query", "expected"),
    [
        ("a,b\n1,2\n", {}, "a, b"),
        ("", {}, "empty"),
        ("a,b\n1,2\n", {"id_column": "a", "text_column": "z"}, "no column"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_columns(
    session: Session, client: FlaskClient, row: Consultation, table: str, query: Any, expected: str
) -> None:
    answer = send(client, bearer(session, row.owner_id), table, **query)
    assert (answer.status_code, expected in answer.text) == (422, True), answer.text


def test_only_the_person_in_charge_imports(session: Session, client: FlaskClient, row: Consultation) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    assert send(client, bearer(session, other.id), "id,body\n").status_code == 403


def test_columns_with_people_are_in_no_mapping() -> None:
    for table, _expected in EXPORTS.values():
        names = table.partition("\n")[0].replace(";", ",").split(",")
        columns = propose_mapping(names).columns
        assert not [name for name in columns if "name" in name.lower() or "mail" in name.lower()]


def test_the_command_recognises_an_export_and_its_preview_keeps_nothing(
    app: Flask, session: Session, row: Consultation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_comments, "application", lambda: app)
    path = tmp_path / "proposals.csv"
    path.write_text(EXPORTS["Decidim"][0])
    line = ["comments", str(path), "--consultation", "plan"]
    seen = CliRunner().invoke(import_comments.import_group, [*line, "--preview"])
    assert (seen.exit_code, "Platform: Decidim" in seen.stdout, "A title A body" in seen.stdout) == (0, True, True)
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    assert "1 added" in CliRunner().invoke(import_comments.import_group, line).stdout
