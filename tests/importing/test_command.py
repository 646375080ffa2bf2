"""`consult import comments`, as an operator gives it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.cli import import_comments
from consult.consultations.model import Phase
from consult.core.clock import now
from consult.submissions import imports, queries
from consult.submissions.model import Comment, Submission
from consult.submissions.tables import service as tables
from tests import factories

Command = Callable[..., Result]


@pytest.fixture
def command(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Gives the command for a file of `id,text,…` on a fresh consultation."""
    factories.consultation(session, slug="plan")
    session.commit()
    monkeypatch.setattr(import_comments, "application", lambda: app)

    def run(path: Path, *more: str) -> Result:
        line = ["comments", str(path), "--consultation", "plan", "--id-column", "id", "--text-column", "text", *more]
        return CliRunner().invoke(import_comments.import_group, line)

    return run


def file(folder: Path, rows: str, name: str = "comments.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(rows.encode()) if name.endswith(".gz") else rows.encode())
    return path


def test_good_rows_go_in_and_bad_ones_are_told_with_line_and_reason(
    command: Command, session: Session, tmp_path: Path
) -> None:
    rows = 'id,text,where,kind\n1,One.,2.1,support\n2,,,\n3,"broken\n4,Four.,9.9,\n5,Five.,,against\n6,=Six.,1.1,\n'
    errors = tmp_path / "errors.csv"
    ran = command(
        file(tmp_path, rows), "--provision-column", "where", "--stance-column", "kind", "--errors", str(errors)
    )
    assert ran.exit_code == import_comments.EXIT_SOME_BAD, ran.output
    assert "6 rows" in ran.stdout
    assert "2 added, 0 already there, 4 rejected." in ran.stdout
    for told in ("Line 3: the text is empty.", "Line 4: a quotation mark", "Line 5: the draft has no paragraph 9.9."):
        assert told in ran.stderr
    with errors.open(encoding="utf-8") as stream:
        assert [list(row.values()) for row in csv.DictReader(stream)] == [
            ["2", "", "", "", "3", "the text is empty"],
            ["", "", "", "", "4", 'a quotation mark is never closed: 3,"broken'],
            ["4", "Four.", "9.9", "", "5", "the draft has no paragraph 9.9"],
            [
                "5",
                "Five.",
                "",
                "against",
                "6",
                f"the type of comment against is not one of: {', '.join(imports.STANCES)}",
            ],
        ]
    assert sorted(session.scalars(select(Comment.body))) == ["=Six.", "One."]
    assert set(session.scalars(select(Submission.source))) == {"comments.csv"}


def test_giving_the_command_again_adds_nothing(command: Command, session: Session, tmp_path: Path) -> None:
    path = file(tmp_path, "id,text\n" + "".join(f"{n},Comment {n}.\n" for n in range(5000)), "big.csv.gz")
    assert "5,000 added" in command(path).stdout
    assert "0 added, 5,000 already there, 0 rejected." in command(path).stdout
    assert session.scalar(select(func.count()).select_from(Submission)) == 5000


@pytest.mark.parametrize("batch", [2, 100])
def test_a_row_whose_id_stands_for_other_words_is_told(
    command: Command, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(tables, "BATCH", batch)
    rows = "id,text\n1,One.\n1,Quite another.\n2,Two.\n1,ONE.\n2,Third.\n4,\n"
    ran = command(file(tmp_path, rows), "--errors", str(tmp_path / "errors.csv"))
    assert ran.exit_code == import_comments.EXIT_SOME_BAD
    assert "2 added, 1 already there, 3 rejected." in ran.stdout
    assert "Line 3: a different text already has the id 1." in ran.stderr
    assert (tmp_path / "errors.csv").read_text().splitlines()[1:] == [
        "1,Quite another.,3,a different text already has the id 1",
        "2,Third.,6,a different text already has the id 2",
        "4,,7,the text is empty",
    ]
    assert sorted(session.scalars(select(Comment.body))) == ["One.", "Two."]
    ran = command(file(tmp_path, "id,text\n1,One.\n2,Corrected elsewhere.\n"))
    assert "0 added, 1 already there, 1 rejected." in ran.stdout


def test_a_file_that_breaks_off_keeps_what_came_before(command: Command, session: Session, tmp_path: Path) -> None:
    whole = "id,text\n" + "".join(f"{n},Comment {n} {n * 7919 % 9973}.\n" for n in range(5000))
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(whole.encode())[:-2000])
    ran = command(path)
    assert ran.exit_code == 1
    assert "cut off or damaged" in ran.stderr
    count = session.scalar(select(func.count()).select_from(Submission)) or 0
    assert count > 1000
    path.write_bytes(gzip.compress(whole.encode()))
    assert f"{5000 - count:,} added, {count:,} already there" in command(path).stdout


def test_only_the_first_bad_rows_are_shown_and_all_are_in_the_file(command: Command, tmp_path: Path) -> None:
    path, errors = file(tmp_path, "id,text\n" + "7,\n" * 100), tmp_path / "errors.csv"
    ran = command(path, "--errors", str(errors))
    assert ran.stderr.count("the text is empty") == import_comments.MAX_SHOWN_ERRORS
    assert "the file of errors has them all" in ran.stderr
    assert len(errors.read_text(encoding="utf-8").splitlines()) == 101
    assert "--errors FILE" in command(path).stderr


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ("name,words\n", [], "The file has no column 'id'. Its columns: name, words."),
        ("id,text\n", ["--stance-column", "kind"], "The file has no column 'kind'."),
        ("id,text\n", ["--consultation", "nowhere"], "We cannot find a published consultation named nowhere."),
        ("id,text\n", ["--errors", "/nowhere/errors.csv"], "/nowhere/errors.csv"),
        ("", [], "The file is empty."),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(
    command: Command, tmp_path: Path, rows: str, more: list[str], says: str
) -> None:
    ran = command(file(tmp_path, rows), *more)
    assert ran.exit_code in (1, 2)
    assert says in ran.stderr
    assert "Traceback" not in ran.output


def test_a_header_without_rows_is_no_mistake(command: Command, tmp_path: Path) -> None:
    assert "0 rows" in command(file(tmp_path, "id,text\n")).stdout


def test_a_real_campaign_goes_in_and_the_books_balance(
    command: Command, session: Session, tmp_path: Path, data: Path
) -> None:
    with gzip.open(data / "farmworker_h2a_2019.csv.gz", "rb") as stream:
        head = stream.read(2_000_000)
    path = tmp_path / "campaign.csv"
    path.write_bytes(head)
    ran = command(path)
    assert ran.exit_code == 0
    books = queries.audit(session, session.scalars(select(Submission.consultation_id).limit(1)).one())
    assert books.received == books.pending > 1500


def test_a_corrected_file_of_errors_is_taken_in(command: Command, session: Session, tmp_path: Path) -> None:
    first, second = tmp_path / "bad.csv", tmp_path / "worse.csv"
    more = ["--provision-column", "line", "--source", "docket"]
    command(file(tmp_path, 'id,text,line\n1,"=One, two",9.9\n2,,1.1\n'), *more, "--errors", str(first))
    first.write_text(first.read_text(encoding="utf-8").replace("9.9,2", "1.1,2"))
    ran = command(first, *more, "--errors", str(second))
    assert "1 added, 0 already there, 1 rejected." in ran.stdout, ran.output
    assert session.scalars(select(Comment.body)).one() == "=One, two"
    assert second.read_text(encoding="utf-8").splitlines()[0] == "id,text,line,line,reason"


def test_a_file_of_errors_holds_no_formula_but_the_words_that_come_back_are_the_same(
    command: Command, session: Session, tmp_path: Path
) -> None:
    errors, words = tmp_path / "bad.csv", "=1+1;=2+2\n- a list"
    ran = command(
        file(tmp_path, f'id,text,where\n1,"{words}",9.9\n'), "--provision-column", "where", "--errors", str(errors)
    )
    assert ran.exit_code == import_comments.EXIT_SOME_BAD, ran.output
    with errors.open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["text"] == "'=1+1;'=2+2\n'- a list"
    errors.write_text(errors.read_text(encoding="utf-8").replace("9.9,2", "1.1,2"), encoding="utf-8")
    assert "1 added" in command(errors, "--provision-column", "where").stdout
    assert session.scalars(select(Comment.body)).one() == words


def test_the_file_that_is_taken_in_is_not_written_over_with_its_errors(command: Command, tmp_path: Path) -> None:
    path = file(tmp_path, "id,text\n1,\n")
    ran = command(path, "--errors", str(path))
    assert ran.exit_code == 1
    assert f"It is the same file as {path}. Use another name." in ran.stderr
    assert path.read_text(encoding="utf-8") == "id,text\n1,\n"


def test_nothing_goes_into_a_consultation_that_is_not_open_yet_unless_meant(
    command: Command, session: Session, tmp_path: Path
) -> None:
    factories.consultation(session, slug="later", phase=Phase.UPCOMING, opens_at=now() + timedelta(days=3))
    session.commit()
    path = file(tmp_path, "id,text\n1,One.\n")
    ran = command(path, "--consultation", "later")
    assert ran.exit_code == 1
    assert "not open yet. It opens on" in ran.stderr
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
    assert "1 added" in command(path, "--consultation", "later", "--anyway").stdout


def test_the_server_knows_at_once_how_much_came_in(
    command: Command, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 100)
    path = tmp_path / "many.csv"
    path.write_text("id,text\n" + "".join(f"{n},Words number {n}\n" for n in range(150)), encoding="utf-8")
    session.execute(text("ANALYZE comment"))
    session.commit()
    assert command(path).exit_code == 0
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST('comment' AS regclass)")
    assert session.scalar(known) == session.scalar(select(func.count()).select_from(Comment))
