"""Reading by /api/v1: everything public, nothing else, page by page and as files."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from limits import parse
from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.api import openapi
from consult.api.paging import ListPage
from consult.api.reading import collections, records
from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.submissions.model import NameRule, State
from consult.submissions.values import NewComment, Submitter
from tests import factories, filing

V1 = "/api/v1"


def get(client: FlaskClient, path: str, **headers: str) -> Any:
    answer = client.get(f"{V1}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session, questions=1, title="Plan on alternatives")


def test_each_page_has_published_comments_only_and_the_pages_have_them_once(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    for number in range(5):
        filing.file(session, row, f"Published words {number}", "A second comment", published=True)
    filing.file(session, row, "Words that wait for a moderator")
    withdrawn = filing.file(session, row, "Words that were withdrawn", published=True)
    filing.decide(session, withdrawn, State.WITHDRAWN)
    filing.numbered(session)
    seen, path = [], f"/consultations/{row.slug}/comments?limit=3"
    while path:
        page = get(client, path)
        seen += page["data"]
        path = page["next"] and f"/consultations/{row.slug}/comments?limit=3&cursor={page['next']}"
    assert [comment["body"] for comment in seen].count("A second comment") == 5
    assert len(seen) == len({comment["id"] for comment in seen}) == 10
    assert page["as_of"] == filing.numbered(session) - 1


def test_records_are_as_declared(session: Session, client: FlaskClient, row: Consultation) -> None:
    filing.file(session, row, "On a paragraph", answers={0: "An answer"}, organisation="Harm Reduction Peru",
                published=True)  # fmt: skip
    for name, kind in {"comments": records.CommentRecord, "submissions": records.SubmissionRecord}.items():
        answer = client.get(f"{V1}/consultations/{row.slug}/{name}")
        page = msgspec.json.decode(answer.data, type=ListPage[kind], strict=True)  # type: ignore[valid-type]
        assert page.data
        assert set(answer.json["data"][0]) == set(kind.__struct_fields__)
    comment, answered = get(client, f"/consultations/{row.slug}/comments")["data"]
    assert (comment["name"], comment["confirmed"], comment["stance"]) == ("Harm Reduction Peru", False, "concern")
    assert comment["provision"] == "chp_1__para_1"
    assert (answered["question"], answered["provision"]) == (1, None)
    detail = get(client, f"/submissions/{comment['reference']}")
    assert [one["body"] for one in detail["comments"]] == ["On a paragraph", "An answer"]


def test_filters_narrow_the_comments(session: Session, client: FlaskClient, row: Consultation) -> None:
    said = [filing.comment(session, row, f"On {on} {stance}", on, stance) for on in ("1.1", "1.2")
            for stance in ("support", "concern")]  # fmt: skip
    filing.file(session, row, *said, published=True, answers={0: "An answer"})
    page = get(client, f"/consultations/{row.slug}/comments?provision=chp_1__para_2&stance=support")
    assert [one["body"] for one in page["data"]] == ["On 1.2 support"]
    assert [one["body"] for one in get(client, f"/consultations/{row.slug}/comments?question=1")["data"]] == [
        "An answer"
    ]


@pytest.mark.parametrize(
    ("asked", "wrong"), [("limit=0", "limit"), ("limit=x", "limit"), ("colour=red", None), ("question=-1", "question")]
)
def test_a_parameter_that_is_not_valid_is_named(
    client: FlaskClient, row: Consultation, asked: str, wrong: str | None
) -> None:
    answer = client.get(f"{V1}/consultations/{row.slug}/comments?{asked}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["type"].endswith("/problems/invalid-parameter")
    assert answer.json["errors"][0].get("parameter") == wrong


def test_a_cursor_is_of_one_list_with_its_filters(session: Session, client: FlaskClient, row: Consultation) -> None:
    filing.file(session, row, "One", "Two", published=True)
    cursor = get(client, f"/consultations/{row.slug}/comments?limit=1")["next"]
    for path in (
        f"submissions?cursor={cursor}",
        f"comments?stance=support&cursor={cursor}",
        "comments?cursor=nonsense",
    ):
        assert client.get(f"{V1}/consultations/{row.slug}/{path}").status_code == 404


def test_an_unchanged_list_is_not_sent_again_and_a_changed_one_is(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    filing.file(session, row, "One", published=True)
    filing.numbered(session)
    path = f"{V1}/consultations/{row.slug}/comments"
    for encoding in ("identity", "gzip"):
        first = client.get(path, headers={"Accept-Encoding": encoding})
        assert first.headers["ETag"].startswith('"')
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": encoding})
        assert (again.status_code, again.data) == (304, b"")
    filing.file(session, row, "Two", published=True)
    filing.numbered(session)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_names_that_are_not_for_publication_are_in_no_answer(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    paragraph = filing.comment(session, row, "Words").provision_id
    for rule in NameRule:
        who = Submitter(name_rule=rule, person_name=f"Person {rule}", organisation_name=f"Group {rule}",
                        email="canary@example.org")  # fmt: skip
        filed = filing.service.file(
            session, consultation=row, by=who, comments=[NewComment(paragraph, None, "Words")], key=f"key {rule}"
        )
        filing.decide(session, filed, State.PUBLISHED)
    paths = [f"/consultations/{row.slug}/{name}{form}" for name in collections.COLLECTIONS
             for form in ("", ".csv", ".ndjson")]  # fmt: skip
    shown = "".join(client.get(f"{V1}{path}").text for path in (*paths, "/consultations", f"/consultations/{row.slug}"))
    assert "Person own" in shown
    assert "Person pseudonym" in shown
    assert "Group organisation" in shown
    for hidden in ("Person none", "Group none", "Group own", "Person organisation", "canary@example.org"):
        assert hidden not in shown


def test_an_argument_is_listed_once_a_person_has_checked_it(session: Session, client: FlaskClient) -> None:
    it = factories.with_draft(session, "# Plan\n\n## 1 Aims\n\n1.1 Warn of new substances soon.")
    for n in range(5):
        words = f"Early warning of new substances saves lives in every valley, says reader number {n}."
        filing.file(session, it, filing.comment(session, it, words, "1.1"), person=f"P{n}", published=True)
    until = filing.numbered(session)
    arguments.FOLLOWER.follow(session, consultation_id=it.id, until=until)
    arguments.propose(session, consultation_id=it.id, place="chp_1__para_1")
    session.commit()
    address = f"/api/v1/consultations/{it.slug}/arguments"
    assert client.get(address).json["data"] == []
    session.execute(update(Argument).values(name="Warnings save lives"))
    session.commit()
    assert [each["name"] for each in client.get(address).json["data"]] == ["Warnings save lives"]


def test_a_submission_that_is_not_published_is_not_found(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    waiting = filing.file(session, row, "Words that wait")
    withdrawn = filing.file(session, row, "Words that were withdrawn", published=True)
    filing.decide(session, withdrawn, State.WITHDRAWN)
    for one in (waiting, withdrawn):
        answer = client.get(f"{V1}/submissions/{one.reference}")
        assert answer.status_code == 404
        assert "Words" not in answer.text
    assert "withdrew" in client.get(f"{V1}/submissions/{withdrawn.reference}").json["detail"]


def test_a_draft_consultation_and_practice_copies_are_in_no_list(session: Session, client: FlaskClient) -> None:
    hidden = factories.consultation(session, phase="draft", title="Not yet public")
    assert get(client, "/consultations")["data"] == []
    assert client.get(f"{V1}/consultations/{hidden.slug}/comments").status_code == 404


def test_the_draft_and_its_questions_are_read(session: Session, client: FlaskClient, row: Consultation) -> None:
    assert [one["number"] for one in get(client, f"/consultations/{row.slug}/versions")] == [1]
    found = get(client, f"/consultations/{row.slug}/versions/1/provisions")
    assert [one["label"] for one in found][:2] == ["1", "1.1"]
    assert found[1]["parent"] == found[0]["id"]
    assert client.get(f"{V1}/consultations/{row.slug}/versions/2/provisions").status_code == 404
    assert [one["number"] for one in get(client, f"/consultations/{row.slug}/questions")] == [1]
    assert get(client, f"/consultations/{row.slug}")["count"]["received"] == 0


def test_errors_of_every_kind_are_problem_details(client: FlaskClient) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404), ("DELETE", "/consultations", 405), ("GET", "/consultations/none", 404),
    ):  # fmt: skip
        answer = client.open(f"{V1}{path}", method=method, headers={"Accept": "*/*"})
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json["status"] == status
        described = client.get(answer.json["type"])
        assert (described.status_code, described.json["status"]) == (200, status)
    french = client.get(f"{V1}/consultations/none", headers={"Accept-Language": "fr"}).json
    assert french["title"] != client.get(f"{V1}/consultations/none").json["title"]


def test_no_cookie_is_set_and_other_sites_may_read(client: FlaskClient, row: Consultation) -> None:
    for answer in (client.get(f"{V1}/consultations?lang=fr"), client.options(f"{V1}/consultations")):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.usefixtures("limits")
def test_what_is_left_of_the_limit_is_said_and_then_requests_are_refused(
    client: FlaskClient, row: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consult.api.limits.READS", parse("2/hour"))
    left = [client.get(f"{V1}/consultations").headers["RateLimit"].split(";")[1] for _each in range(2)]
    assert left == ["r=1", "r=0"]
    refused = client.get(f"{V1}/consultations")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 0 < int(refused.headers["Retry-After"]) <= 3601


def test_the_document_describes_every_operation(client: FlaskClient) -> None:
    document = get(client, "/openapi.json")
    assert document["openapi"] == "3.1.0"
    listed = {each["operationId"] for path in document["paths"].values() for each in path.values()}
    assert listed == {each.name for each in openapi.OPERATIONS}
    assert all(each.summary.endswith(".") for each in openapi.OPERATIONS)
