"""Files that take long: kept, read by a worker, shown as they go."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.imports import service, tasks
from consult.consultations.imports.model import DraftImport, ImportForm, ImportState
from consult.consultations.model import Consultation
from consult.core import queue, sandbox
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Role
from consult.documents.formats import source
from consult.documents.outline import reader
from tests import factories

LONG = (
    "<html><body><h1>Plan</h1><h2>1. Aims</h2>"
    + "".join(f"<p>Each State shall do {n}.</p>" for n in range(1100))
    + "</body></html>"
).encode()


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def desk(owner: Account, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(owner)


@pytest.fixture
def address(session: Session, owner: Account) -> str:
    return f"/desk/consultations/{factories.consultation(session, owner=owner).id}/next"


def send(desk: FlaskClient, address: str, data: bytes = LONG) -> str:
    """Sends a file from the page of the next version; gives where that leads."""
    answer = desk.post(address, data={"file": (io.BytesIO(data), "plan.html"), "do": "save", "text": "## 1 Kept"})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def work(app: Flask, session: Session, job: Callable[[], object]) -> None:
    """Do the work of a worker or the scheduler in its own session."""
    session.commit()
    with app.app_context():
        job()
    session.expire_all()


def only(session: Session) -> DraftImport:
    return session.scalars(select(DraftImport)).one()


def test_a_long_file_is_read_by_a_worker_and_its_text_waits_to_be_saved(
    app: Flask, desk: FlaskClient, session: Session, address: str
) -> None:
    place = send(desk, address)
    assert only(session).state is ImportState.WAITING
    shown = desk.get(place)
    assert ("plan.html" in shown.text, shown.headers.get("Refresh")) == (True, "3")
    work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    assert desk.get(place).headers["Location"].startswith(address)
    page = desk.get(place, follow_redirects=True).text
    assert "Each State shall do 1099." in page
    assert "It is not saved yet" in page
    assert session.scalars(select(Consultation)).one().id


def test_no_request_converts_a_long_file(desk: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> str:
        raise AssertionError("a web thread worked on it")

    monkeypatch.setattr(source, "clean_text", fail)
    assert "/imports/" in send(desk, address)


def test_a_file_that_a_quick_reader_gives_up_is_left_to_a_worker(
    desk: FlaskClient, session: Session, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []

    def run(_reader: str, _data: bytes, *, memory: int, seconds: int) -> bytes:
        given.append(seconds)
        raise sandbox.ParserOutOfTime("late")

    monkeypatch.setattr(source.sandbox, "run", run)
    send(desk, address, b"<html><body><p>Short, but slow.</p></body></html>")
    assert given == [3]
    assert only(session).state is ImportState.WAITING


def test_a_short_file_is_read_at_once(desk: FlaskClient, session: Session, address: str) -> None:
    upload = (io.BytesIO(b"<html><body><h2>1. Aims</h2><p>Each State shall act.</p></body></html>"), "plan.html")
    answer = desk.post(address, data={"file": upload, "do": "preview", "text": ""})
    assert (answer.status_code, "Each State shall act." in answer.text) == (200, True)
    assert session.scalars(select(DraftImport)).all() == []


def test_a_file_that_cannot_be_read_is_kept_and_says_why_and_may_be_tried_again(
    app: Flask, desk: FlaskClient, session: Session, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = send(desk, address)

    def late(*_given: object, **_limits: object) -> bytes:
        raise sandbox.ParserOutOfTime("This file takes too long to read.")

    with monkeypatch.context() as patched:
        patched.setattr(source.sandbox, "run", late)
        work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    assert only(session).state is ImportState.REFUSED
    page = desk.get(place)
    assert "This file takes too long to read." in page.text
    assert "Refresh" not in page.headers
    assert desk.post(f"{place}/again").status_code == 303
    work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    assert only(session).state is ImportState.READ


def test_the_clock_reads_what_no_worker_takes_and_the_page_says_so_meanwhile(
    app: Flask, desk: FlaskClient, session: Session, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = send(desk, address)
    assert "the background process is probably not running" not in desk.get(place).text
    only(session).created_at = now() - timedelta(seconds=90)
    session.commit()
    assert "the background process is probably not running" in desk.get(place).text
    monkeypatch.setitem(queue._away, "until", float("inf"))
    work(app, session, lambda: tasks.sweep(db.session()))
    assert only(session).state is ImportState.READ


def test_a_file_that_ends_its_readers_is_given_up_after_three(
    app: Flask, desk: FlaskClient, session: Session, address: str
) -> None:
    place = send(desk, address)
    row = only(session)
    row.attempts, row.taken_at = service.MAX_ATTEMPTS, now()
    work(app, session, lambda: tasks.sweep(db.session()))
    assert only(session).state is ImportState.READING  # somebody may still be at it
    only(session).taken_at = now() - 2 * service.LEASE
    work(app, session, lambda: service.read(only(session).id))
    assert only(session).state is ImportState.REFUSED
    assert "three times" in desk.get(place).text


def test_what_is_to_mend_in_what_was_read_is_told_before_it_is_saved(
    app: Flask, desk: FlaskClient, session: Session, address: str
) -> None:
    send(desk, address)
    work(app, session, lambda: service.read(only(session).id))
    page = f"{address}?read={only(session).id}"
    assert "to look at" not in desk.get(page).text
    only(session).text = "## Aims\n\n3.1 Later.\n\n3.1 Again.\n"
    session.commit()
    assert "1 line to check" in desk.get(page).text
    assert "to look at" not in desk.get(address).text


def test_files_are_forgotten_after_a_week(desk: FlaskClient, session: Session, address: str) -> None:
    place = send(desk, address)
    service.purge(session, at=now() + timedelta(days=6))
    assert only(session)
    service.purge(session, at=now() + timedelta(days=8))
    assert session.scalars(select(DraftImport)).all() == []
    assert desk.get(place).status_code == 404
    assert desk.get(f"{address}?read=1").status_code == 200


PASTED = "# Plan\n\n## 1 Aims\n\n" + "".join(f"1.{n} Each State shall do {n}.\n\n" for n in range(1, 1101))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The characters of each text that is parsed."""
    lengths: list[int] = []
    parse = reader.parse_blocks

    def count(text: str) -> Any:
        lengths.append(len(text))
        return parse(text)

    monkeypatch.setattr(reader, "parse_blocks", count)
    return lengths


def give(desk: FlaskClient, address: str, text: str, do: str = "preview", **more: Any) -> Any:
    """As a browser sends the box."""
    return desk.post(address, data={"text": text.replace("\n", "\r\n"), "do": do, **more})


def test_no_request_parses_a_long_text_however_often_its_pages_are_opened(
    app: Flask, desk: FlaskClient, session: Session, address: str, parsed: list[int]
) -> None:
    answer = give(desk, address, PASTED, "save")
    place = answer.headers["Location"]
    assert (answer.status_code, "/imports/" in place) == (303, True)
    assert "Splitting your text" in desk.get(place).text
    assert parsed == []
    work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    assert len(parsed) == 1, "by the worker, once"
    page = desk.get(place, follow_redirects=True)
    assert "It is not saved yet" in page.text
    assert page.text.count("Each State shall do 1099.") == 2  # in the box, and beside it
    typed = html.unescape(re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page.text, re.DOTALL)[0])
    assert give(desk, address, typed, "preview").status_code == 200
    saved = give(desk, address, typed, "save")
    assert saved.headers["Location"].endswith("/next/map")
    shown = desk.get(address).text
    assert shown.count("Each State shall do 1099.") == 2
    assert "It is not saved yet" not in shown
    assert len(parsed) == 1
    assert session.scalars(select(DraftImport.id)).all() == [only(session).id]


def test_a_correction_in_a_long_text_is_written_by_a_worker(
    app: Flask, desk: FlaskClient, session: Session, address: str, parsed: list[int]
) -> None:
    place = give(desk, address, PASTED).headers["Location"]
    work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    parsed.clear()
    asked = give(desk, address, PASTED, "correct-1")
    assert asked.status_code == 200
    correction = {"p1-kind": "paragraph", "p1-number": "1.999999", "p1-heading": "", "p1-under": "0"}
    answer = give(desk, address, PASTED, "apply-1", **correction)
    assert (answer.status_code, answer.headers["Location"] != place) == (303, True)
    assert parsed == []
    number = session.scalars(select(DraftImport.id).order_by(DraftImport.id.desc())).first()
    work(app, session, lambda: tasks.read_draft(db.session(), number))
    parsed.clear()
    page = desk.get(answer.headers["Location"], follow_redirects=True).text
    assert re.search(r"1\.999999\W[^E]*Each State shall do 1\.", page)
    assert parsed == []


def test_what_is_wrong_in_a_long_text_is_told_line_by_line_and_it_is_not_saved(
    app: Flask, desk: FlaskClient, session: Session, address: str, parsed: list[int]
) -> None:
    twice = PASTED + f"1.1101 {'word ' * 5000}\n"
    place = give(desk, address, twice, "save").headers["Location"]
    work(app, session, lambda: tasks.read_draft(db.session(), only(session).id))
    page = desk.get(place, follow_redirects=True).text
    line = PASTED.count("\n") + 1
    assert f"Line {line:,}" in page
    again = give(desk, address, twice, "save")
    assert (again.status_code, f"Line {line:,}" in again.text) == (422, True)
    assert len(parsed) == 1
    too_long = give(desk, address, "a\n" * 500_001, "save")
    assert too_long.status_code == 422
    assert len(parsed) == 1


def test_a_short_text_is_parsed_at_once(desk: FlaskClient, session: Session, address: str, parsed: list[int]) -> None:
    answer = give(desk, address, "## 1 Aims\n\n1.1 Each State shall act.")
    assert (answer.status_code, len(parsed)) == (200, 1)
    assert session.scalars(select(DraftImport)).all() == []


def test_what_a_worker_parsed_for_one_consultation_or_language_is_not_found_for_another(
    app: Flask, session: Session
) -> None:
    one, other = (factories.consultation(session).id for _n in range(2))
    kept = service.keep(
        session, consultation_id=one, page="draft", data=PASTED.encode(), name="x", form=ImportForm.TEXT
    )
    number = kept.id
    work(app, session, lambda: service.read(number))
    asked = [(one, "en"), (other, "en"), (one, "fr")]
    found = [service.find_outline(session, consultation_id=of, text=PASTED, language=code) for of, code in asked]
    assert [split is None for split in found] == [False, True, True]
    assert found[0] == reader.parse_outline(PASTED)
