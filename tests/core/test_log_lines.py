"""All lines have one format, and the ID of a request joins its lines, its error page and its jobs."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core import logs, queue

SCRIPT = """if True:
    import logging
    from consult.core import logs
    logs.configure("info", {format!r})
    logs.name_process("worker")
    logs.log.info("package.ours", id=7)
    logging.getLogger("celery.trace").warning("A %s of a library", "line")
    logs.begin_request("abc")
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("library").exception("It broke")
    logs.log.info("package.asked")
"""


def write_lines(line_format: str) -> list[str]:
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(format=line_format)], capture_output=True, text=True, check=True
    )
    assert made.stdout == ""
    return made.stderr.splitlines()


def test_lines_of_ours_and_of_libraries_are_json_with_the_same_first_fields() -> None:
    ours, library, broken, asked = map(json.loads, write_lines("json"))
    assert [list(line)[:4] for line in (ours, library, broken, asked)] == [["time", "level", "process", "event"]] * 4
    assert (ours["event"], ours["level"], ours["process"], ours["id"]) == ("package.ours", "info", "worker", 7)
    assert (library["event"], library["logger"]) == ("A line of a library", "celery.trace")
    assert "ZeroDivisionError" in broken["exception"]
    assert ("request" in ours, broken["request"], asked["request"]) == (False, "abc", "abc")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", ours["time"])


def test_lines_for_people_are_text() -> None:
    lines = write_lines("text")
    assert "package.ours" in lines[0]
    assert not any(line.startswith("{") for line in lines)


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A site whose home page breaks."""

    def fail(*_arguments: object) -> None:
        raise RuntimeError("broken for a test")

    monkeypatch.setitem(app.view_functions, "site.robots", fail)
    monkeypatch.setattr(app, "testing", False)
    return app.test_client()


def test_an_error_page_shows_the_id_of_the_line_and_no_header_sets_it(
    broken: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    page = broken.get("/robots.txt", headers={"X-Request-Id": "chosen-by-a-visitor"})
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "request.broke" in line]
    assert page.status_code == 500
    assert re.fullmatch("[0-9a-f]{16}", line["request"])
    assert f"Reference {line['request']}" in page.text
    assert "chosen-by-a-visitor" not in page.text + json.dumps(line)
    problem = broken.get("/robots.txt", headers={"Accept": "application/json"})
    assert re.fullmatch("[0-9a-f]{16}", problem.json["reference"] if problem.json else "")
    assert problem.json
    assert problem.json["reference"] != line["request"]


def test_a_page_that_does_not_exist_has_no_reference(app: Flask) -> None:
    assert "Reference" not in app.test_client().get("/nowhere").text


def test_the_id_of_a_request_is_passed_on_to_its_jobs(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str] | None] = []
    work = queue.find_task("site.beat")
    monkeypatch.setattr(work.published, "apply_async", lambda *_args, headers, **_rest: sent.append(headers))
    logs.begin_request("0123456789abcdef")
    assert queue.publish(work)
    assert sent == [{"reference": "0123456789abcdef"}]
    taken: list[str] = []

    def note(_session: Session) -> None:
        taken.append(logs.get_request_id())

    noting = queue.task("site.note_request", limited=False)(note)
    noting.published.push_request(reference="0123456789abcdef")
    try:
        noting.published.run()
    finally:
        noting.published.pop_request()
    assert taken == ["0123456789abcdef"]
