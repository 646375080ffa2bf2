from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from consult.cli import main
from tests import factories
from tests.filing import file, numbered


def test_a_digest_is_compiled_and_shown_from_the_command_line(run: CliRunner, session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, "Sixty per cent is low.", published=True)
    numbered(session)
    made = run.invoke(main, ["digest", "compile", "--consultation", row.slug])
    assert made.exit_code == 0, made.output
    number = made.output.split()[1].rstrip(":")
    letter = run.invoke(main, ["digest", "show", number]).output
    assert "Sixty per cent is low." in letter
    assert "(asked" not in letter
    assert "(unsubscribe)" not in letter
    assert "Unsubscribe: http" in letter
    assert "Read the draft with its comments" in letter
    assert "<html" in run.invoke(main, ["digest", "show", number, "--format", "html"]).output
    body = json.loads(run.invoke(main, ["digest", "show", number, "--format", "json"]).output)
    assert body["books"]["received"] == 1
    again = run.invoke(main, ["digest", "compile", "--consultation", row.slug])
    assert "nothing new" in again.output


@pytest.mark.parametrize("arguments", [["compile", "--consultation", "no-such-plan"], ["show", "1"], ["show", "0"]])
def test_what_is_not_there_is_one_clear_sentence(run: CliRunner, session: Session, arguments: list[str]) -> None:
    answer = run.invoke(main, ["digest", *arguments])
    assert answer.exit_code != 0
    assert "Traceback" not in answer.output
    assert answer.output.strip()
