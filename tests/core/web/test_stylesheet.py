"""One style sheet is served, whatever number of files it is written in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.web.access import Role
from consult.core.web.stylesheet import STAFF, compact_script, join_components
from tests import factories


def test_a_page_loads_one_sheet_that_is_kept_for_a_year(client: FlaskClient) -> None:
    [address] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)
    answer = client.get(address)
    assert address.startswith("/static/kit.css?v=")
    assert answer.data == join_components(Path("static/kit"))
    assert answer.content_type == "text/css; charset=utf-8"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    compressed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["Content-Encoding"] == "gzip"


def test_only_people_who_work_here_load_the_sheet_of_their_pages(
    client: FlaskClient, session: Session, sign_in: Callable[[Account], FlaskClient]
) -> None:
    assert "staff.css" not in client.get("/").text
    assert "staff.css" not in sign_in(factories.account(session, Role.CONTRIBUTOR)).get("/").text
    page = sign_in(factories.account(session, Role.MODERATOR)).get("/review").text
    kit, staff = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert kit.startswith("/static/kit.css")
    assert client.get(staff).data == join_components(Path("static/kit"), STAFF)


def test_scripts_are_served_without_comments_and_other_files_as_they_are(client: FlaskClient) -> None:
    answer = client.get("/static/js/kit.js")
    assert answer.data == compact_script(Path("static/js/kit.js").read_bytes())
    assert not re.search(rb"^\s*(//|/\*)", answer.data, re.M)
    again = client.get("/static/js/kit.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    image = next(Path("static/img").rglob("*.*"))
    assert client.get(f"/{image}").data == image.read_bytes()
    assert client.get("/static/nothing.css").status_code == 404
