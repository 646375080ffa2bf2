"""Events, bodies, answers, plans and signals by /api/v1, and the recipes of the page for developers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import Scope
from consult.api.developers import views
from consult.core.db import db
from consult.documents.model import Provision
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation.recourse.model import ProcessCount
from consult.submissions.model import Stance, State
from consult.submissions.values import NewComment
from consult.taxonomy.model import Scheme, Term
from tests import factories, filing

V1 = "/api/v1"
_NOTHING = {"queue": "", "reason": "", "language": "", "stance": ""}
RECIPES = Path(views.__file__).with_name("recipes")


def test_events_are_public_ones_in_order_and_page_by_page(session: Session, client: FlaskClient) -> None:
    row, hidden = factories.consultation(session), factories.consultation(session, phase="draft")
    published = filing.file(session, row, "Words", published=True)
    filing.file(session, row, "Words that wait")
    ledger.record(session, Kind.CONSULTATION_CHANGED, subject_id=hidden.id, consultation_id=hidden.id)
    ledger.record(session, Kind.ROLE_CHANGED, subject_id=1)
    filing.decide(session, published, State.WITHDRAWN)
    filing.numbered(session)
    first = client.get(f"{V1}/changes?limit=1").json
    second = client.get(f"{V1}/changes?limit=1&cursor={first['next']}").json
    events = [(one["kind"], one["reference"]) for one in (*first["data"], *second["data"])]
    assert events == [(kind, published.reference) for kind in ("submission.published", "submission.withdrawn")]
    assert second["next"] is None
    assert client.get(f"{V1}/changes?after={second['data'][0]['number']}").json["data"] == []


@pytest.mark.parametrize("path", ["bodies", "plans", "signals", "taxonomies", "case-studies", "signals?country=PE"])
def test_public_lists_are_answered_also_when_they_are_empty(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{V1}/{path}")
    assert (answer.status_code, answer.json) == (200, [])
    assert client.get(f"{V1}/{path}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_suggested_wordings_have_their_supporters_and_collisions(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    place = session.scalars(select(Provision).where(Provision.wid == "chp_1__para_1")).one()
    first, second = (
        filing.file(
            session, row, NewComment(place.id, Stance.WORDING, f"{wording}\n\nBecause", amendment=len(wording)),
            published=True,
        )
        for wording in ("Quite other words", "Different words entirely")
    )  # fmt: skip
    listed = client.get(f"{V1}/consultations/{row.slug}/amendments").json
    assert [(one["reference"], one["proposed"], one["reason"], one["text"]) for one in listed] == [
        (first.reference, "Quite other words", "Because", place.text),
        (second.reference, "Different words entirely", "Because", place.text),
    ]
    assert [one["collides_with"] for one in listed] == [[listed[1]["comment"]], [listed[0]["comment"]]]
    assert [one["provision"] for one in listed] == ["chp_1__para_1"] * 2


def test_the_decision_log_is_read_to_its_end_in_order(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    filed = [filing.file(session, row, "Words", published=True) for _n in range(3)]
    filing.numbered(session)
    address, seen = f"{V1}/decisions?limit=2", []
    while address:
        page = client.get(address).json
        seen += page["data"]
        address = page["next"] and f"{V1}/decisions?limit=2&cursor={page['next']}"
    assert [(one["reference"], one["decision"]) for one in seen] == [(one.reference, "published") for one in filed]
    assert [one["number"] for one in seen] == sorted(one["number"] for one in seen)


def test_statistics_leave_out_small_counts(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    session.add(ProcessCount(consultation_id=row.id, what="published", n=43, **_NOTHING))
    session.add(ProcessCount(consultation_id=row.id, what="withheld", n=9, **_NOTHING))
    session.flush()
    counts = client.get(f"{V1}/statistics").json
    assert (counts["counts"], counts["smallest"], counts["rounded_to"]) == ({"published": 45}, 10, 5)


def test_a_vocabulary_has_its_terms_after_their_broader_ones(session: Session, client: FlaskClient) -> None:
    scheme = Scheme(uri="https://example.org/s", notation="things", labels={"en": "Things"}, position=1)
    session.add(scheme)
    session.flush()
    above = Term(
        scheme_id=scheme.id, uri="https://example.org/a", notation="a", labels={"en": "A"}, others={"en": ["AA"]},
        source="", position=1,
    )  # fmt: skip
    session.add(above)
    session.flush()
    session.add(Term(scheme_id=scheme.id, uri="https://example.org/b", notation="b", labels={"en": "B"}, others={},
                     source="", position=2, broader_id=above.id))  # fmt: skip
    session.flush()
    found = client.get(f"{V1}/taxonomies/things").json
    assert [(one["id"], one["broader"], one["other_names"]) for one in found["terms"]] == [
        ("https://example.org/a", None, {"en": ["AA"]}), ("https://example.org/b", "https://example.org/a", {}),
    ]  # fmt: skip
    assert client.get(f"{V1}/taxonomies/none").status_code == 404


def test_lists_of_a_consultation_are_answered(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    for name in ("answers", "campaigns", "amendments"):
        assert client.get(f"{V1}/consultations/{row.slug}/{name}").json == []
        assert client.get(f"{V1}/consultations/none/{name}").status_code == 404


@pytest.fixture
def site(app: Flask, session: Session) -> Iterator[str]:
    """The address of this application, served to other programs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_recipe_for_reading_prints_every_comment(session: Session, site: str) -> None:
    row = factories.consultation(session)
    for number in range(3):
        filing.file(session, row, f"Words {number}", published=True)
    filing.numbered(session)
    recipe = [sys.executable, str(RECIPES / "read_comments.py"), site, row.slug]
    printed = subprocess.run(recipe, capture_output=True, text=True, check=True).stdout
    assert [line.split("\t")[2] for line in printed.splitlines()] == ["Words 0", "Words 1", "Words 2"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_recipe_for_sending_files_once_however_often_it_runs(session: Session, site: str) -> None:
    row, account = factories.consultation(session), factories.account(session)
    token = tokens.create(session, account, name="A", scopes=[Scope.FILE], organisation_id=None, days=30)
    db.session.commit()
    given = {"SITE": site, "SLUG": row.slug, "TOKEN": token, "KEY": "first-submission", "PATH": "/usr/bin:/bin"}
    answers = {
        subprocess.run(["sh", str(RECIPES / "send_submission.sh")], env=given, capture_output=True, text=True,
                       check=True).stdout
        for _time in range(2)
    }  # fmt: skip
    assert len(answers) == 1
    assert '"state":"pending"' in answers.pop()


def test_the_page_for_developers_shows_the_recipes_that_are_run(client: FlaskClient) -> None:
    shown = [unescape(code) for code in re.findall(r"<code>(.*?)</code>", client.get("/developers").text, re.DOTALL)]
    assert len(shown) == 4
    assert all("noqa" not in code for code in shown)
    assert "Idempotency-Key" in shown[1]
