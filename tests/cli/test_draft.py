"""`consult draft read` prints how a file is read, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from consult.cli.main import main
from tests.documents.word_files import read_spec


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")


@pytest.mark.usefixtures("no_database")
def test_the_outline_of_a_file_is_printed_as_json(tmp_path: Path) -> None:
    file = tmp_path / "draft.docx"
    file.write_bytes(read_spec("T~T~Plan\n~0 sec Article 1~Article 1. Aims\n~1 par 1~1. One.\n~1 par 1~1. Two.").save())
    answer = CliRunner().invoke(main, ["draft", "read", str(file), "--json"])
    assert answer.exit_code == 0
    found = json.loads(answer.output)
    assert found["title"] == "Plan"
    kept = [(row["kind"], row["label"], row["id"], row["heading"], row["text"]) for row in found["pieces"]]
    assert kept == [
        ("section", "Article 1", "art_1", "Aims", ""),
        ("paragraph", "1", "art_1__para_1", "", "One."),
        ("paragraph", "1", "art_1__para_1-2", "", "Two."),
    ]
    assert found["doubts"] == [{"doubt": "twice", "id": "art_1__para_1-2", "label": "1"}]
    assert "Article 1 Aims\n  1 One.\n" in CliRunner().invoke(main, ["draft", "read", str(file)]).output


@pytest.mark.usefixtures("no_database")
def test_a_file_that_cannot_be_opened_ends_with_one(tmp_path: Path) -> None:
    file = tmp_path / "draft.docx"
    file.write_bytes(b"PK\x03\x04nonsense")
    answer = CliRunner().invoke(main, ["draft", "read", str(file), "--json"])
    assert answer.exit_code == 1
    assert "This Word file is damaged" in answer.output
