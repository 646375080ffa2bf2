"""The regulations.gov interface: its lists in any order, each comment once, its errors, keys and filing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import Scope
from consult.api.v4 import stamps
from consult.api.v4.dockets import load_dockets
from consult.api.v4.model import PostedSubmission
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.ledger import service as ledger
from consult.submissions import imports, service
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import Submitter
from tests import factories, filing

EASTERN = ZoneInfo("America/New_York")
Page = dict[str, Any]


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session)


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session, questions=1)


@pytest.fixture
def key(session: Session, account: Account) -> dict[str, str]:
    secret = tokens.create(session, account, name="A client", scopes=list(Scope), organisation_id=None, days=30)
    return {"X-Api-Key": secret}


def posted(session: Session, row: Consultation, count: int, *, first: int = 1) -> None:
    """Import published comments and give them their times, as the scheduler does."""
    into = imports.get_target(session, slug=row.slug, source="docket", published=True)
    rows = [
        imports.check_record(into, source_id=f"C-{number}", body=f"Comment {number}.")
        for number in range(first, first + count)
    ]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())
    follow(session)


def follow(session: Session) -> None:
    ledger.number_entries(session)
    stamps.follow(session)
    session.commit()


def read(client: FlaskClient, path: str, key: dict[str, str], **query: object) -> Page:
    answer = client.get(f"/v4/{path}", headers=key, query_string={k: str(v) for k, v in query.items()})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def by_pages(client: FlaskClient, key: dict[str, str], **query: object) -> Iterator[Page]:
    number = 1
    while True:
        page = read(client, "comments", key, **{**query, "page[number]": number})
        yield page
        if not page["meta"]["hasNextPage"]:
            return
        number += 1


def by_windows(client: FlaskClient, key: dict[str, str], on: str, size: int, pages: int) -> set[str]:
    """Read as regulations.gov asks for: some pages, then again from the last time, which is given in another zone."""
    found: set[str] = set()
    since: dict[str, str] = {}
    while True:
        before, last = len(found), ""
        for number in range(1, pages + 1):
            page = read(
                client, "comments", key, **{
                    "filter[commentOnId]": on, "sort": "lastModifiedDate,documentId", "page[size]": size,
                    "page[number]": number, **since,
                },
            )  # fmt: skip
            found |= {each["id"] for each in page["data"]}
            last = page["data"][-1]["attributes"]["lastModifiedDate"] if page["data"] else last
            if not page["meta"]["hasNextPage"]:
                return found
        assert len(found) > before, "a window brought nothing new"
        moment = datetime.strptime(last, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(EASTERN)
        since = {"filter[lastModifiedDate][ge]": f"{moment:%Y-%m-%d %H:%M:%S}"}


def test_every_comment_is_read_once_by_pages_and_by_windows(
    session: Session, client: FlaskClient, row: Consultation, key: dict[str, str]
) -> None:
    posted(session, row, 60)
    document = read(client, "documents", key)["data"][0]
    on = document["attributes"]["objectId"]
    pages = list(by_pages(client, key, **{"filter[commentOnId]": on, "page[size]": 25}))
    ids = [each["id"] for page in pages for each in page["data"]]
    assert (len(ids), len(set(ids)), pages[0]["meta"]["totalElements"]) == (60, 60, 60)
    assert by_windows(client, key, on, size=5, pages=3) == set(ids)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bursts=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 7200)), min_size=1, max_size=4))
def test_times_are_in_order_in_their_hour_and_shared_by_few(
    session: Session, row: Consultation, monkeypatch: pytest.MonkeyPatch, bursts: list[tuple[int, int]]
) -> None:
    moment = max(now(), session.scalar(select(func.max(PostedSubmission.modified_at))) or now())
    monkeypatch.setattr(stamps, "A_SECOND", 5)
    for burst, (count, later) in enumerate(bursts):
        moment += timedelta(seconds=later)
        monkeypatch.setattr(stamps, "now", lambda at=moment: at)
        last = session.scalar(select(func.max(PostedSubmission.modified_at)))
        before = session.scalar(select(func.count()).select_from(PostedSubmission)) or 0
        into = imports.get_target(session, slug=row.slug, source=f"{moment}{burst}", published=True)
        rows = [imports.check_record(into, source_id=str(number), body="Words") for number in range(count)]
        imports.file_batch(session, into, imports.seal_batch(into, rows), at=moment)
        ledger.number_entries(session)
        while stamps.follow(session):
            fresh = session.scalars(
                select(PostedSubmission).order_by(PostedSubmission.submission_id).offset(before)
            ).all()
            times = [each.modified_at for each in fresh]
            assert times == sorted(times)
            assert all(at <= moment for at in times)
            hour = moment.replace(minute=0, second=0, microsecond=0)
            assert all(at >= hour for at in times)
            assert last is None or all(at >= last for at in times)
        assert session.scalar(select(func.count()).select_from(PostedSubmission)) == before + count
        room = int(moment.timestamp()) - max(int(hour.timestamp()) - 1, int(last.timestamp()) if last else 0)
        if room >= count:
            assert len(set(times)) == count


def test_a_burst_larger_than_its_seconds_waits_in_part(
    session: Session, row: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = now().replace(minute=0, second=1, microsecond=0) + timedelta(hours=1)
    monkeypatch.setattr(stamps, "now", lambda: start)
    monkeypatch.setattr(stamps, "A_SECOND", 10)
    into = imports.get_target(session, slug=row.slug, source="docket", published=True)
    rows = [imports.check_record(into, source_id=str(number), body="Words") for number in range(50)]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=start)
    ledger.number_entries(session)
    stamps.follow(session)
    count = select(func.count()).select_from(PostedSubmission)
    assert (session.scalar(count) or 0) < 50
    while stamps.follow(session):
        pass
    assert session.scalar(count) == 50


def test_what_is_withdrawn_leaves_the_list_at_once(
    session: Session, client: FlaskClient, row: Consultation, key: dict[str, str]
) -> None:
    posted(session, row, 2)
    ids = [each["id"] for each in read(client, "comments", key)["data"]]
    submission = session.scalars(select(Submission).order_by(Submission.id)).first()
    assert submission is not None
    service.withdraw(session, submission)
    session.commit()
    assert [each["id"] for each in read(client, "comments", key)["data"]] == ids[1:]
    assert client.get(f"/v4/comments/{ids[0]}", headers=key).status_code == 404


def test_details_have_every_field_and_hide_what_is_not_public(
    session: Session, client: FlaskClient, row: Consultation, key: dict[str, str]
) -> None:
    by = Submitter(name_rule=NameRule.OWN, person_name="Ana Rojas", email="secret@example.org", country="PE")
    said = [filing.comment(session, row, "Words & more")]
    submission = service.file(session, consultation=row, by=by, comments=said, key="v4-detail")
    filing.decide(session, submission, State.PUBLISHED)
    session.commit()
    follow(session)
    listed = read(client, "comments", key)["data"][0]
    detail = read(client, f"comments/{listed['id']}", key)["data"]["attributes"]
    assert (detail["firstName"], detail["lastName"], detail["email"]) == ("Ana", "Rojas", None)
    assert detail["trackingNbr"] == submission.reference
    assert "Words &amp; more" in detail["comment"]
    assert detail["receiveDate"].endswith(":00:00Z")
    assert "secret@example.org" not in str(read(client, "comments", key)) + str(detail)
    document = read(client, f"documents/{detail['commentOnDocumentId']}", key)["data"]
    assert document["attributes"]["objectId"] == detail["commentOn"]
    docket = read(client, f"dockets/{detail['docketId']}", key)["data"]
    assert docket["attributes"]["title"] == row.title


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("comments?filter[color]=red", 400, "Invalid filter field name: color"),
        ("comments?page[size]=4", 400, "page[size]"),
        ("comments?page[size]=251", 400, "page[size]"),
        ("comments?page[number]=0", 400, "page[number]"),
        ("comments?page[number]=99999999999999999999", 400, "page[number]"),
        ("comments?sort=-title", 400, "Invalid sort field name: title"),
        ("documents?filter[withinCommentPeriod]=false", 400, "withinCommentPeriod"),
        ("documents?filter[postedDate][ge]=2026-13-01", 400, "yyyy-MM-dd"),
        ("comments?filter[lastModifiedDate][ge]=2026-01-01T00:00:00Z", 400, "yyyy-MM-dd HH:mm:ss"),
        ("comments?filter[lastModifiedDate][ge]=0001-01-01 00:00:00", 200, "data"),
        ("comments/nonsense!", 400, "Invalid ID: nonsense!"),
        ("documents/ABC-2026-0001-0009", 404, "could not be found"),
        ("dockets/ABC-2026-9999", 404, "could not be found"),
        ("documents/FDA-2009-N-0501-0012", 200, "FDA-2009-N-0501-0012"),
        ("agency-categories", 400, "filter[acronym]"),
        ("agency-categories?filter[acronym]=EPA", 200, "data"),
        ("nothing", 404, "404"),
        ("comments?page[number]=77", 200, '"data": []'),
        ("comments?filter[commentOnId]=ABC-2026-0001-0001", 200, '"data": []'),
    ],
)
def test_errors_are_those_of_regulations_gov(
    client: FlaskClient, row: Consultation, key: dict[str, str], path: str, status: int, expected: str
) -> None:
    answer = client.get(f"/v4/{path}", headers=key)
    assert (answer.status_code, expected in answer.text) == (status, True), answer.text
    if status >= 400:
        assert [error["status"] for error in (answer.json or {})["errors"]] == [str(status)]
    assert answer.headers["X-RateLimit-Limit"].isdigit()
    assert answer.headers["X-RateLimit-Remaining"].isdigit()


def test_a_key_is_required_and_the_demo_has_one(client: FlaskClient, row: Consultation) -> None:
    missing, wrong = client.get("/v4/dockets"), client.get("/v4/dockets", headers={"X-Api-Key": "nonsense"})
    assert [(each.status_code, each.json["error"]["code"]) for each in (missing, wrong)] == [
        (403, "API_KEY_MISSING"), (403, "API_KEY_INVALID"),
    ]  # fmt: skip
    demo = client.get("/v4/dockets?api_key=DEMO_KEY")
    assert (demo.status_code, demo.headers["X-RateLimit-Limit"]) == (200, "40")
    refused = client.post("/v4/comments?api_key=DEMO_KEY", json={})
    assert (refused.status_code, "errors" in refused.json) == (403, True)


SENT: dict[str, Any] = {
    "comment": "Words of a client", "submissionType": "API", "submitterType": "INDIVIDUAL", "firstName": "Ana",
    "lastName": "Rojas", "country": "Peru", "submissionKey": "one-key",
}  # fmt: skip


def send(client: FlaskClient, key: dict[str, str], row: Consultation, session: Session, **values: object) -> Any:
    document = load_dockets(session)[row.id].current
    assert document is not None
    attributes = {**SENT, "commentOnDocumentId": document.id, **values}
    return client.post("/v4/comments", json={"data": {"type": "comments", "attributes": attributes}}, headers=key)


def test_a_comment_is_filed_once_for_each_key_with_its_file(
    session: Session, client: FlaskClient, row: Consultation, key: dict[str, str]
) -> None:
    made = client.post("/v4/submission-keys", json={"data": {"type": "submissionKeys"}}, headers=key).json["data"]["id"]
    asked = {"data": {"attributes": {"submissionKey": made, "fileName": "a.txt", "contentType": "text/plain"}}}
    address = client.post("/v4/file-upload-urls", json=asked, headers=key).json["data"]["id"]
    assert client.put("/v4/" + address.partition("/v4/")[2], data=b"Words of a file").status_code == 200
    answers = [send(client, key, row, session, submissionKey=made, files=["a.txt"]) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    assert answers[0].json["data"]["id"] == answers[1].json["data"]["id"]
    filed = session.scalars(select(Submission)).one()
    assert (filed.public_name, filed.country, filed.reference) == ("Ana Rojas", "PE", answers[0].json["data"]["id"])
    assert session.scalar(text("SELECT count(*) FROM evidence WHERE submission_id = :n"), {"n": filed.id}) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"comment": ""}, "comment is required"),
        ({"comment": "x" * 5001}, "5000"),
        ({"firstName": None}, "firstName is required"),
        ({"lastName": "x" * 26}, "25"),
        ({"submitterType": "ROBOT"}, "submitterType"),
        ({"submissionType": "WEB"}, "submissionType"),
        ({"country": "Atlantis"}, "Invalid country"),
        ({"sendEmailReceipt": True}, "email is required"),
        ({"files": ["b.txt"]}, "No file named b.txt"),
        ({"files": 3}, "files must be"),
        ({"comment": 7}, "must be a string"),
    ],
)
def test_a_comment_that_is_not_valid_is_refused_by_name(
    session: Session, client: FlaskClient, row: Consultation, key: dict[str, str], change: Any, expected: str
) -> None:
    answer = send(client, key, row, session, **change)
    assert (answer.status_code, expected in answer.text) == (400, True), answer.text
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
