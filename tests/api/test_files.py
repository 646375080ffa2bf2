"""Whole lists as files: every published row once, columns as described, nothing sent again that is unchanged."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from limits import parse
from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.api.files import columns, streams
from consult.api.reading import records
from consult.api.reading.collections import COLLECTIONS
from consult.consultations.model import Consultation
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as attached
from consult.submissions.model import Evidence, EvidenceKind, State
from tests import factories, filing

V1 = "/api/v1"
WORDS = ["=1+1", 'Quotes " and, commas', "Two\nlines\tand a tab", "\\ backslash é 漢 \U0001f600"]


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session, questions=2, title="Plan on alternatives")


@pytest.fixture
def filled(session: Session, row: Consultation) -> Consultation:
    for one in WORDS:
        filing.file(session, row, one, published=True, answers={0: f"To the first: {one}", 1: "To the second"})
    filing.file(session, row, "Words that wait", answers={0: "A response that waits"})
    filing.file(session, factories.consultation(session), "Elsewhere", published=True)
    filing.numbered(session)
    return row


def address(row: Consultation, name: str) -> str:
    return f"{V1}/consultations/{row.slug}/{name}"


def read_table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).text, newline="")))


def test_files_have_every_published_row_once_in_any_step_and_block(
    client: FlaskClient, filled: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step, block in ((100_000, 100), (2, 1), (3, 2), (1, 100)):
        monkeypatch.setattr(streams, "_STEP", step)
        monkeypatch.setattr(streams, "_BLOCK", block)
        lines = client.get(address(filled, "comments.ndjson")).data.splitlines()
        read = [msgspec.json.decode(line, type=records.CommentRecord) for line in lines]
        assert [one.body for one in read if one.question is None] == WORDS
        assert [one.id for one in read] == sorted({one.id for one in read})
        table = read_table(client, address(filled, "comments.csv"))
        assert [line["id"] for line in table] == [str(one.id) for one in read]
        assert [line["body"] for line in table if not line["question"]] == ["'=1+1", *WORDS[1:]]
        assert list(table[0]) == list(records.CommentRecord.__struct_fields__)


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_compressed_files_have_the_same_content(
    client: FlaskClient, filled: Consultation, name: str, form: str
) -> None:
    plain, packed = (client.get(address(filled, f"{name}.{form}{end}")) for end in ("", ".gz"))
    assert gzip.decompress(packed.data) == plain.data
    assert packed.mimetype == "application/gzip"
    assert "Content-Encoding" not in packed.headers


def test_responses_to_one_question_begin_with_the_columns_of_themefinder(
    client: FlaskClient, filled: Consultation
) -> None:
    table = read_table(client, address(filled, "questions/1/responses.csv"))
    assert list(table[0])[:2] == ["response_id", "response"]
    assert [line["response"] for line in table] == [f"To the first: {one}" for one in WORDS]
    assert {line["question"] for line in table} == {"1"}
    lines = client.get(address(filled, "questions/2/responses.ndjson")).data.splitlines()
    assert [msgspec.json.decode(line)["response"] for line in lines] == ["To the second"] * len(WORDS)
    assert len(read_table(client, address(filled, "responses.csv"))) == 2 * len(WORDS)
    for missing in (0, 3):
        assert client.get(address(filled, f"questions/{missing}/responses.csv")).status_code == 404


@pytest.mark.parametrize("name", ["comments.ndjson", "submissions.csv.gz", "evidence.csv", "questions/1/responses.csv"])
def test_an_unchanged_file_is_not_sent_again_and_not_counted(
    session: Session, client: FlaskClient, filled: Consultation, name: str, monkeypatch: pytest.MonkeyPatch, limits: Any
) -> None:
    monkeypatch.setattr("consult.api.limits.FILES", parse("2/hour"))
    tag = client.get(address(filled, name)).headers["ETag"]
    for _each in range(3):
        again = client.get(address(filled, name), headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
    filing.file(session, filled, "One more", published=True)
    filing.numbered(session)
    changed = client.get(address(filled, name), headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert client.get(address(filled, name)).status_code == 429


def test_evidence_that_changes_without_an_entry_has_another_tag(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    filed = filing.file(session, row, "Words")
    attached.attach(
        session,
        filed,
        [
            EvidenceItem(
                kind=EvidenceKind.STUDY,
                description="What it shows",
                language="en",
                reference="https://example.org/study",
            )
        ],
    )
    filing.decide(session, filed, State.PUBLISHED)
    filing.numbered(session)
    tag = client.get(address(row, "evidence.csv")).headers["ETag"]
    session.execute(update(Evidence).values(description="Corrected"))
    session.commit()
    assert client.get(address(row, "evidence.csv"), headers={"If-None-Match": tag}).status_code == 200


def test_every_column_is_described_and_the_readme_has_each(client: FlaskClient) -> None:
    said = client.get(f"{V1}/files/README.md")
    assert said.mimetype == "text/markdown"
    for name in COLLECTIONS:
        assert f"## {name}\n" in said.text
        for column in columns.list_columns(name):
            assert column.description.endswith("."), (name, column.name)
            assert f"| `{column.name}` | {column.kind} | {column.description} |" in said.text


def test_the_page_of_files_leads_to_each_of_them(client: FlaskClient, filled: Consultation) -> None:
    page = client.get(f"/c/{filled.slug}/files").text
    for name in COLLECTIONS:
        for form in ("csv", "ndjson", "csv.gz", "ndjson.gz"):
            assert f'"{address(filled, name)}.{form}"' in page
    assert f'"{address(filled, "questions/2/responses.csv")}"' in page
    assert f'"/c/{filled.slug}/files"' in client.get(f"/c/{filled.slug}").text
    assert client.get("/c/none/files").status_code == 404
