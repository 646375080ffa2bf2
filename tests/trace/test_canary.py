"""Authors are found only where they agreed to be: not in stored data, logs, exports or digests."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.digests import service as digests
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence
from consult.files.model import StoredFile
from consult.mail import drain
from consult.submissions.model import State, Submission
from tests import factories, filing
from tests.canaries import CANARY, crawl, dump, elsewhere, holds
from tests.files.looking import check
from tests.files.samples import CANARY as AUTHOR
from tests.files.samples import docx, jpeg, odt, pdf, xlsx
from tests.forms import hidden, pressed

SECRETS = {**CANARY, "author": AUTHOR}
FILES = {"jpg": jpeg(), "pdf": pdf(), "docx": docx(), "odt": odt(), "xlsx": xlsx()}
SAID = {"description": "Deaths fell by a third", "kind": "study", "language": "en"}


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session, no_identity=True)
    session.commit()
    return row


def file_with_files(client: FlaskClient, slug: str, **about: str) -> None:
    """One comment and a file of every kind, each called after its author, sent."""
    client.post(f"/c/{slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    for kind, made in FILES.items():
        form: dict[str, Any] = {"file": (io.BytesIO(made), f"{CANARY['name']}.{kind}"), "consent": "y"}
        sent = client.post(f"/c/{slug}/respond/evidence/file", data=form, content_type="multipart/form-data")
        sent.request.environ["wsgi.input"].close()
        assert client.post(sent.headers["Location"], data=SAID).status_code == 303
    client.post(f"/c/{slug}/respond/about", data={"language": "en", **about})
    page = client.get(f"/c/{slug}/respond/check")
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    assert client.post(f"/c/{slug}/respond/check", data=data).status_code == 303


def without_identity(client: FlaskClient, slug: str) -> None:
    """The same in the one form of no-identity mode."""
    at, told = f"/n/{slug}", {"shows": SAID["description"], "evidence_kind": "study", "may_share": "y"}
    page = client.get(at).text
    for kind, made in FILES.items():
        data = pressed(page, ("do", "file"), stance_0="drop", body_0="This is too slow.", **told)
        sent = client.post(at, data={**data, "file": (io.BytesIO(made), f"{CANARY['name']}.{kind}")})
        sent.request.environ["wsgi.input"].close()
        page = sent.text
    checked = client.post(at, data=pressed(page, ("do", "check"))).text
    assert "Received" in client.post(at, data=pressed(checked, ("do", "send"))).text


def as_account(app: Flask, session: Session, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(factories.account(session, email=CANARY["email"], display_name=CANARY["name"]))


@pytest.mark.parametrize("way", ["account", "no account", "no identity"])
def test_a_canary_is_found_only_in_the_places_that_are_named(
    app: Flask, settings: Settings, session: Session, it: Consultation, way: str, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sign_in: Callable[[Any], FlaskClient],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(limiter, "enabled", True)
    client = as_account(app, session, sign_in) if way == "account" else app.test_client()
    client.environ_base |= {"REMOTE_ADDR": CANARY["address"], "HTTP_USER_AGENT": CANARY["agent"]}
    if way == "no identity":
        without_identity(client, it.slug)
    elif way == "account":
        file_with_files(client, it.slug, speaks="none")
    else:
        file_with_files(client, it.slug, speaks="pseudonym", person_name="River", email=CANARY["email"])
    named = {
        "account": {"name": {"account.display_name", "stored_file.name"}},
        "no account": {"name": {"stored_file.name"}},
        "no identity": {},
    }[way]
    shown = published(session, it, sign_in)
    drain.drain(budget=5)
    session.rollback()
    letters = [path.read_bytes() for path in posted(settings)]
    assert any(holds(data, CANARY["email"]) for data in letters) == (way != "no identity"), "the receipt"
    for path in posted(settings):
        path.unlink()
    kept = dump(session) + elsewhere(settings)
    captured = capfd.readouterr()
    kept.append(("logs", (caplog.text + captured.out + captured.err).encode()))
    for secret, words in SECRETS.items():
        assert {place for place, data in kept if holds(data, words)} == named.get(secret, set()), secret
        assert {place for place, data in shown.items() if holds(data, words)} == set(), secret


def posted(settings: Settings) -> list[Path]:
    """The letters that were sent: here a folder stands for the wire."""
    return list(Path(settings.data_dir).rglob("*.eml"))


def published(session: Session, it: Consultation, sign_in: Callable[[Any], FlaskClient]) -> dict[str, bytes]:
    """Return what the public, a policymaker and a subscriber see once all is checked, published and digested."""
    for number in session.scalars(select(StoredFile.id)).all():
        session.commit()
        check(number)
    row = session.scalars(select(Submission)).one()
    filing.decide(session, row, State.PUBLISHED)
    reader = factories.account(session, Role.POLICYMAKER)
    delivery.subscribe(session, account=reader, consultation=it, cadence=Cadence.DAILY, language="en", at=now())
    filing.numbered(session)
    digest = digests.compile_digest(session, consultation_id=it.id, cadence=Cadence.DAILY, slot_at=now())
    assert digest is not None
    session.commit()
    everybody = crawl(sign_in(reader).application.test_client(), "/", f"/c/{it.slug}", "/search.csv", "/search.jsonl")
    desk = crawl(sign_in(reader), "/desk", f"/desk/digests/{digest.id}")
    assert f"/c/{it.slug}/comments/{row.reference}" in everybody
    return {**desk, **everybody}
