"""Files on S3: tried against a server that speaks its protocol, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consult.core.db import db
from consult.core.settings import Secret, Settings, SettingsError
from consult.files import queries, service, store
from consult.files.model import State
from consult.site import service as health
from tests.files.looking import check

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an empty bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _make_bucket(f"{endpoint}/evidence")
        yield f"s3://key:s%2Fecret@evidence/some/folder?endpoint={endpoint}&region=us-east-1"
    finally:
        server.terminate()
        server.wait()


def _make_bucket(address: str) -> None:
    for _try in range(200):
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5).close()
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the S3 server did not start")


@pytest.fixture
def on_s3(app: Flask, bucket: str) -> Iterator[None]:
    before: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, files_url=Secret(bucket))
    yield
    app.config["SETTINGS"] = before


@pytest.mark.usefixtures("on_s3")
def test_a_file_goes_to_s3_is_checked_read_and_destroyed_there(session: Session) -> None:
    row = service.receive(session, data=b"district,deaths\nNorth,12\n", name="a.csv")
    session.commit()
    assert check(row.id)
    assert row.state is State.CLEAN
    assert queries.read_copy(row) == b"district,deaths\nNorth,12\n"
    path, salt = row.copy, row.salt or b""
    service.erase(session, [row.id])
    assert service.shred(session) == 1
    with pytest.raises(store.NotInStore):
        store.get(path, salt)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("evidence", ""),
        ("no-bucket", "The bucket of the file store does not exist."),
    ],
)
def test_a_bucket_that_is_not_there_is_told_and_keeps_no_file_for_gone(
    app: Flask, bucket: str, address: str, said: str
) -> None:
    before: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = chosen = replace(before, files_url=Secret(bucket.replace("@evidence", f"@{address}")))
    try:
        assert health.find_store_problem(chosen) == said
        states = {check.name: check.status for check in health.check_health(db.session(), chosen).checks}
        assert states["files"] == ("degraded" if said else "ok")
        with pytest.raises(store.StoreAway if said else store.NotInStore):
            store.get("nothing/here", b"salt")
        if said:
            with pytest.raises(store.StoreAway):
                store.delete(["nothing/here"])
            assert said in app.test_client().get("/health").text
    finally:
        app.config["SETTINGS"] = before


def test_a_setting_of_s3_that_is_misspelt_is_told_to_the_operator() -> None:
    with pytest.raises(SettingsError, match=r"After the [?], use endpoint, region"):
        store.open_store(Settings(files_url=Secret("s3://a:b@evidence?endpont=http://127.0.0.1:9")))


def test_an_s3_that_is_away_is_a_clear_answer(app: Flask, session: Session) -> None:
    before: Settings = app.config["SETTINGS"]
    away = Secret("s3://a:b@evidence?endpoint=http://127.0.0.1:9&region=us-east-1")
    app.config["SETTINGS"] = replace(before, files_url=away)
    try:
        with pytest.raises(store.StoreAway) as refused:
            service.receive(session, data=b"a,b\n", name="a.csv")
        assert refused.value.status == 503
    finally:
        app.config["SETTINGS"] = before


def test_an_address_that_is_no_store_is_told_to_the_operator() -> None:
    with pytest.raises(SettingsError, match="CONSULT_FILES_URL"):
        store.open_store(Settings(files_url=Secret("s3:///folder")))
