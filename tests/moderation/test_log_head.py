"""Letters carry the head of the ledger; the same line stands at an address, and the script compares them."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from consult.core.clock import now
from consult.core.crypto import seal
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.ledger import chain
from consult.submissions import service as submissions
from consult.submissions.model import NameRule
from consult.submissions.values import Submitter
from tests import factories, filing
from tests.accounts.letters import letters
from tests.arguments.speaking import follow
from tests.processes import run_python

SignIn = Callable[[Any], FlaskClient]


def remember(session: Session) -> str:
    """The clock remembers the head; gives its line."""
    filing.numbered(session)
    while chain.FOLLOWER.follow_site(session):
        session.commit()
    session.commit()
    return chain.write_head(session)


@pytest.fixture
def line(session: Session) -> str:
    """The head after three entries."""
    row = factories.consultation(session)
    for n in range(3):
        filing.file(session, row, f"Words {n}.")
    return remember(session)


def test_the_head_of_a_number_stands_at_its_address_also_when_there_are_later_ones(
    session: Session, client: FlaskClient, line: str
) -> None:
    number = line.partition(":")[0]
    assert client.get("/log/head").text == f"{line}\n"
    filing.file(session, factories.consultation(session), "Later.")
    later = remember(session)
    assert later != line
    answer = client.get(f"/log/head?number={number}")
    assert (answer.text, answer.mimetype) == (f"{line}\n", "text/plain")
    assert client.get("/log/head").text == f"{later}\n"
    for wrong in ("0", "999999", "9" * 30, "x", "-1", ""):
        assert client.get(f"/log/head?number={wrong}").status_code == 404, wrong


def test_a_receipt_carries_the_head_before_it(session: Session, client: FlaskClient, line: str) -> None:
    row = factories.consultation(session)
    by = Submitter(name_rule=NameRule.NONE, language="en", email="ana@example.org")
    submissions.file(session, consultation=row, key="k", by=by, comments=[filing.comment(session, row, "Words.")])
    session.commit()
    (letter,) = letters(session)
    for text in (letter.text, html.unescape(letter.html)):
        assert line in text
        assert f"/log/head?number={line.partition(':')[0]}" in text


def test_a_receipt_says_nothing_of_heads_where_none_is_remembered(session: Session) -> None:
    row = factories.consultation(session)
    by = Submitter(name_rule=NameRule.NONE, language="en", email="ana@example.org")
    submissions.file(session, consultation=row, key="k", by=by, comments=[filing.comment(session, row, "Words.")])
    session.commit()
    (letter,) = letters(session)
    assert "Public record before your submission" not in letter.text + letter.html


def test_a_digest_carries_the_head_of_what_it_is_about_and_not_of_what_came_later(session: Session) -> None:
    row = factories.consultation(session)
    reader = factories.account(session, Role.POLICYMAKER)
    filing.file(session, row, "Words of a person.", published=True)
    follow(session, row)
    line = remember(session)
    made = digests.compile_digest(session, consultation_id=row.id, cadence=Cadence.DAILY, slot_at=now())
    assert made
    filing.file(session, row, "Later words.", published=True)
    assert remember(session) != line
    assert chain.write_head(session, before=made.until) == line
    to = delivery_letters.DigestRecipient(1, "en", seal("reader@example.org"), reader.id)
    delivery_letters.write_letters(session, made, [to])
    session.commit()
    (letter,) = [one for one in letters(session) if line in one.text]
    assert line in letter.html


def test_the_script_compares_a_line_with_what_the_site_says(client: FlaskClient, line: str, tmp_path: Path) -> None:
    kept = tmp_path / "head.txt"
    kept.write_text(client.get(f"/log/head?number={line.partition(':')[0]}").text)

    assert compare(line, kept) == (0, "fits")
    assert compare(another(line), kept) == (1, "DIFFERS")
    kept.write_text("Not found")
    assert compare(line, kept) == (1, "")


def another(line: str) -> str:
    """A line of the same number with another hash."""
    return line[:-1] + ("0" if line[-1] != "0" else "1")


def compare(line: str, where: object) -> tuple[int, str]:
    """Return the exit status of the script and its first word; none if it cannot tell."""
    done = run_python(["-I", "docs/verify_receipt.py", "--head", line, str(where)])
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.partition(" ")[0]


def test_the_script_asks_a_site_that_runs_also_by_the_address_in_a_letter(app: Flask, line: str) -> None:
    number = line.partition(":")[0]
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        site = f"http://127.0.0.1:{server.server_port}/log/head"
        assert compare(line, site) == (0, "fits")
        assert compare(line, f"{site}?number={number}") == (0, "fits")
        assert compare(another(line), site) == (1, "DIFFERS")
        assert compare(f"999999:{'0' * 64}", site) == (1, "DIFFERS")
        assert compare(line, site.removesuffix("/head")) == (1, "")  # a page, and no line
        assert compare(f"{number} 1:{'0' * 64}", site) == (1, "")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert compare(line, site) == (1, "")  # nobody answers
