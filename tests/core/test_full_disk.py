"""F11: without room, or a database, the answer says so, nothing is half kept, and what was there stays."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from consult import create_app
from consult.core.settings import Settings
from consult.files.model import StoredFile
from consult.submissions.model import Draft
from tests import factories
from tests.files.samples import jpeg
from tests.forms import pressed

_NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON draft FOR EACH ROW EXECUTE FUNCTION no_room();
"""


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process can grow larger, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def form(photo: bytes) -> dict[str, Any]:
    """A form with a file, as a browser encodes it."""
    mark, data = encode_multipart({"consent": "y", "file": FileStorage(BytesIO(photo), "photo.jpg")})
    return {"data": data, "content_type": f"multipart/form-data; boundary={mark}"}


def test_a_file_for_which_there_is_no_room_is_refused_in_a_sentence_and_leaves_nothing(
    session: Session, client: FlaskClient, settings: Settings
) -> None:
    slug, photo = factories.consultation(session).slug, jpeg(800, 600)
    client.post(f"/c/{slug}/respond/comment/2.1", data={"stance": "drop", "body": "Typed before."})
    before = sorted((settings.data_dir / "files").rglob("*"))
    path, sent = f"/c/{slug}/respond/evidence/file", form(photo)
    with files_of_at_most(len(photo) // 2):
        answer = client.post(path, **sent)
    assert answer.status_code == 503
    assert "We cannot save files at the moment. Your text is safe" in answer.text
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert [path for path in (settings.data_dir / "files").rglob("*") if path not in before and path.is_file()] == []
    assert "Typed before." in client.get(f"/c/{slug}/respond/check").text
    assert client.post(path, **sent).status_code == 303


def test_a_file_for_which_there_is_no_room_leaves_the_words_of_who_files_without_identity_in_the_form(
    session: Session, client: FlaskClient
) -> None:
    slug, photo = factories.consultation(session, no_identity=True).slug, jpeg(800, 600)
    page = client.get(f"/n/{slug}").text
    told = pressed(page, ("do", "file"), shows="It", may_share="y", body_0="Typed before.").to_dict()
    mark, data = encode_multipart({**told, "file": FileStorage(BytesIO(photo), "photo.jpg")})
    with files_of_at_most(len(photo) // 2):
        answer = client.post(f"/n/{slug}", data=data, content_type=f"multipart/form-data; boundary={mark}")
    assert answer.status_code == 503
    assert "We cannot save files at the moment. Your text is safe" in answer.text
    assert "Typed before." in answer.text
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what the parser had begun to write
def test_a_large_file_that_cannot_even_be_received_is_answered_too(session: Session, client: FlaskClient) -> None:
    path, sent = f"/c/{factories.consultation(session).slug}/respond/evidence/file", form(bytes(2**20))
    with files_of_at_most(2**16):
        answer = client.post(path, **sent)
    assert answer.status_code == 503
    assert "Our storage is full, so we saved nothing." in answer.text


def test_words_for_which_the_database_has_no_room_are_answered_with_a_way_back_and_sent_again_later(
    session: Session, client: FlaskClient
) -> None:
    slug = factories.consultation(session).slug
    place, said = f"/c/{slug}/respond/comment/2.1", {"stance": "drop", "body": "Typed now."}
    session.execute(text(_NO_ROOM))
    session.commit()
    try:
        answer = client.post(place, data=said)
    finally:
        session.execute(text("DROP FUNCTION no_room CASCADE"))
        session.commit()
    assert answer.status_code == 503
    assert "We saved nothing you sent." in answer.text
    assert "go back in your browser. Your text should still be there" in answer.text
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert client.post(place, data=said).status_code == 303


@pytest.mark.parametrize("signed_in", [False, True])
def test_without_a_database_a_page_says_that_the_site_is_away(
    application: Flask, settings: Settings, signed_in: bool
) -> None:
    nowhere = "postgresql+psycopg://postgres@127.0.0.1:9/none"
    client = create_app(replace(settings, database_url=nowhere)).test_client()
    if signed_in:
        with client.session_transaction() as kept:
            kept["_user_id"] = "1.0"
    answer = client.get("/consultations")
    assert answer.status_code == 503
    assert "Site temporarily unavailable" in answer.text
