"""`consult audit`: what it prints, what it answers, and the head that somebody wrote down."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner
from sqlalchemy.orm import Session

from consult.cli import main
from tests.audit.forging import Scene, forge


def test_an_audit_that_finds_nothing_prints_the_books_and_the_head(run: CliRunner, session: Session) -> None:
    scene = Scene(session)
    slug = scene.row.slug
    answer = run.invoke(main, ["audit"])
    assert answer.exit_code == 0, answer.output
    books = "received 14 = published 10 + not published 0 + withdrawn 1 + erased 1 + pending 2"
    assert f"{slug}: {books}\n" in answer.output
    assert answer.output.endswith("All data match the public record.\n")
    head = re.search(r"Head (\d+:[0-9a-f]{64})", answer.output)
    assert head
    assert run.invoke(main, ["audit", "--head", head[1]]).exit_code == 0
    number, _colon, digest = head[1].partition(":")
    later = run.invoke(main, ["audit", "--head", f"{int(number) + 1}:{digest}"])
    assert later.exit_code == 1
    other = run.invoke(main, ["audit", "--head", f"{number}:{'0' * 64}"])
    assert (other.exit_code, "This is not the same public record" in other.output) == (1, True)
    assert run.invoke(main, ["audit", "--head", "312"]).exit_code == 2


def test_an_audit_names_each_thing_that_does_not_agree_and_fails(run: CliRunner, session: Session) -> None:
    scene = Scene(session)
    reference = scene.plain.reference
    forge(
        session,
        "UPDATE comment SET body = 'Forged.' WHERE submission_id = :id",
        "UPDATE response SET reasons = 'Forged.' WHERE :id > 0",
        id=scene.plain.id,
    )
    answer = run.invoke(main, ["audit"])
    assert answer.exit_code == 1
    assert f"{reference}: the text, its position" in answer.output
    assert "the answer does not match entry" in answer.output
    assert answer.output.endswith("3 differences from the public record.\n")
    told = json.loads(run.invoke(main, ["audit", "--json"]).output)
    assert [one["code"] for one in told["findings"]] == ["answer", "contents", "seal"]
    assert (told["agrees"], told["findings"][1]["about"]) == (False, reference)
    assert told["books"][scene.row.slug]["received"] > 10
