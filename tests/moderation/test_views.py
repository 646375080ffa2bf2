"""The queue, the decision and the logs, as moderators and the public meet them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from consult.accounts.model import Account
from consult.consultations.model import Question
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.files import service as files
from consult.ledger.service import number_entries
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.model import Decision, DecisionOutcome
from consult.moderation.queue import queries as queue_queries
from consult.submissions import service as submissions
from consult.submissions.anchors import selectors
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import EvidenceKind, Stance, State, Submission
from consult.submissions.values import NewAnswer, NewComment
from tests import factories
from tests.counting import statements
from tests.files.looking import check
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later, paragraphs

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def browser(sign_in: SignIn, moderator: Account) -> FlaskClient:
    return sign_in(moderator)


def decision(page: str, outcome: str, **typed: str) -> MultiDict[str, str]:
    """Return the data a browser sends when a button of the page is pressed."""
    return pressed(page, ("outcome", outcome), **typed)


def references(page: str) -> list[str]:
    return re.findall(r'id="ref-([^"]+)"', page)


def test_the_queue_is_oldest_first_and_names_nobody(browser: FlaskClient, session: Session) -> None:
    consultation = factories.consultation(session)
    ages = [timedelta(minutes=5), timedelta(days=3), timedelta(hours=2)]
    rows = [filed(session, consultation=consultation, at=now() - age) for age in ages]
    page = browser.get("/review").text
    assert references(page) == [rows[1].reference, rows[2].reference, rows[0].reference]
    assert "Rosa Quispe" not in page
    assert "3 days ago" in page
    assert re.search(r"<b>3</b>\s*waiting", page)


def test_the_queue_pages_through_everything_once_though_it_shrinks(
    browser: FlaskClient, session: Session, moderator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_queries, "PAGE", 4)
    consultation, moment = factories.consultation(session), now()
    rows = [filed(session, consultation=consultation, at=moment - timedelta(minutes=n // 3)) for n in range(11)]
    seen: list[str] = []
    address = "/review"
    while address:
        page = browser.get(address).text
        seen += references(page)
        following = re.search(r'<a href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
        first = session.scalars(select(Submission).where(Submission.reference == seen[0])).one()
        if first.state is State.PENDING:  # somebody decides on the first while we read on
            service.decide(
                session,
                moderator=moderator,
                submission_id=first.id,
                revision=first.revision,
                outcome=DecisionOutcome.PUBLISH,
            )
    assert sorted(seen) == sorted(row.reference for row in rows)


def test_the_queue_shows_only_what_is_asked_for(browser: FlaskClient, session: Session) -> None:
    one, two = factories.consultation(session), factories.consultation(session)
    spanish = filed(session, consultation=one, language="es", stance=Stance.SUPPORT)
    arabic = filed(session, consultation=two, language="ar", stance=Stance.EVIDENCE)
    assert references(browser.get("/review?language=es").text) == [spanish.reference]
    assert references(browser.get("/review?stance=evidence").text) == [arabic.reference]
    assert references(browser.get(f"/review?consultation={two.slug}").text) == [arabic.reference]
    assert references(browser.get(f"/review?consultation={two.slug}&language=es").text) == []
    assert len(references(browser.get("/review?stance=king&state=published&language=&consultation=").text)) == 2


def test_the_head_counts_what_the_queues_beside_it_say_and_not_what_waits_for_authors(
    browser: FlaskClient, session: Session, moderator: Account
) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation) for _n in range(3)]
    filed(session, consultation=consultation, body="Write to ana@example.org")
    service.decide(
        session,
        moderator=moderator,
        submission_id=rows[0].id,
        revision=1,
        outcome=DecisionOutcome.RETURN,
        reason="unclear",
    )
    session.commit()
    assert re.search(r"<b>3</b>\s*waiting", browser.get("/review").text)


def test_a_card_says_what_it_does_not_show_and_why_it_stands_where_it_does(
    browser: FlaskClient, session: Session
) -> None:
    consultation = factories.consultation(session, questions=1)
    moment = now() - timedelta(hours=9)
    row = filed(session, consultation=consultation, at=moment)
    assert "keeps its position in the queue" not in browser.get("/review").text
    asked = session.scalars(select(Question).where(Question.consultation_id == consultation.id)).one()
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(
        session, row, comments=[NewComment(place, None, "I mean 2030.")], answers=[NewAnswer(asked.id, "Yes.")]
    )
    queue.requeue(session, [row.id])
    session.commit()
    page = browser.get("/review").text
    assert "1 response" in page
    assert "keeps its position in the queue" in page


@pytest.mark.parametrize("after", ["x", "WzFd", "WyJ4IiwgMV0", "WzEsIDJd", "%00", "W251bGwsIG51bGxd", "x" * 5000])
def test_a_forged_page_of_the_queue_is_not_there(browser: FlaskClient, after: str) -> None:
    assert browser.get(f"/review?after={after}").status_code == 404


def test_an_item_shows_the_words_beside_the_paragraph_and_no_name(browser: FlaskClient, session: Session) -> None:
    row = filed(session, body="<script>alert(1)</script> Raise it.\nSecond line.")
    page = browser.get(f"/review/{row.id}").text
    assert "what paragraph 1.1 says" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Raise it." in page
    assert "Rosa Quispe" not in page
    service_page = browser.post(f"/review/{row.id}", data=decision(page, "publish"))
    assert service_page.status_code == 303
    assert "Rosa Quispe" not in browser.get(f"/review/{row.id}").text  # it can still be taken back
    half_a_minute_later(session)
    assert "Rosa Quispe" in browser.get(f"/review/{row.id}").text


def test_the_words_that_a_comment_is_about_are_marked(browser: FlaskClient, session: Session) -> None:
    consultation = factories.consultation(session)
    place = paragraphs(session, consultation)[0]
    row = filed(session, consultation=consultation)
    [comment] = comments_queries.list_comments(session, row.id)
    comment.anchor = selectors.anchor_at(place.text, 0, 4).record
    session.commit()
    for path in (f"/review/{row.id}", f"/review/{row.id}/beside"):
        page = browser.get(path).text
        assert f"<mark>{place.text[:4]}</mark>{place.text[4:]}" in page
        assert "No phone number found" in page
        assert "Rosa Quispe" not in page


def test_the_checks_say_how_far_the_files_are(browser: FlaskClient, session: Session) -> None:
    row = filed(session)
    file = files.receive(session, data=b"district;note\nNorth;214 people\n", name="figures.csv")
    said = {"kind": EvidenceKind.STATISTICS, "description": "Kits", "language": "en"}
    evidence.attach(session, row, [EvidenceItem(file_id=file.id, name=file.name, consent=True, **said)])
    session.commit()
    number, stored = row.id, file.id
    listed = browser.get("/review?queue=files").text + browser.get("/review").text
    assert "1 item of evidence" in listed
    assert 'name="publish"' not in listed  # nobody publishes from the list what the list does not show
    for path in (f"/review/{number}", f"/review/{number}/beside"):
        assert "File not checked yet: 1" in browser.get(path).text
    check(stored)
    for path in (f"/review/{number}", f"/review/{number}/beside"):
        page = browser.get(path).text
        assert "File checked: 1" in page
        assert "not checked yet" not in page


def test_after_a_decision_comes_the_next_one(browser: FlaskClient, session: Session) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation, at=now() - timedelta(hours=9 - n)) for n in range(3)]
    ids = [row.id for row in rows]
    second = browser.get(f"/review/{ids[1]}").text
    answer = browser.post(f"/review/{ids[1]}", data=decision(second, "publish"))
    assert answer.location == f"/review/{ids[2]}"
    third = browser.get(answer.location).text
    assert (third.count("takes effect at"), third.count('role="status"')) == (1, 1), "said once, where it is undone"
    answer = browser.post(f"/review/{ids[2]}", data=decision(third, "return", reason="unclear", note="Which target?"))
    assert answer.location == f"/review/{ids[0]}"  # what was skipped comes back
    first = browser.get(answer.location).text
    answer = browser.post(f"/review/{ids[0]}?language=en", data=decision(first, "withhold", reason="hate"))
    assert answer.location == "/review?language=en"
    assert {row.state for row in rows} == {State.PENDING}
    half_a_minute_later(session)
    assert [row.state for row in rows] == [State.WITHHELD, State.PUBLISHED, State.RETURNED]


def test_skipping_goes_on_without_deciding(browser: FlaskClient, session: Session) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation, at=now() - timedelta(hours=9 - n)) for n in range(2)]
    ids = [row.id for row in rows]
    assert browser.get(f"/review/{ids[0]}/skip").location == f"/review/{ids[1]}"
    assert browser.get(f"/review/{ids[1]}/skip").location == f"/review/{ids[0]}"


def test_ones_own_words_are_marked_and_never_next(browser: FlaskClient, session: Session, moderator: Account) -> None:
    consultation = factories.consultation(session)
    own = filed(session, consultation=consultation, account_id=moderator.id, at=now() - timedelta(days=1))
    other, last = (filed(session, consultation=consultation) for _ in range(2))
    number, other_id, last_id = own.id, other.id, last.id
    assert "You are involved, so someone else must decide" in browser.get("/review").text
    page = browser.get(f"/review/{number}").text
    assert "another moderator must decide" in page
    assert 'value="publish"' not in page
    forged = {"revision": "1", "seen": "", "outcome": "publish"}
    assert browser.post(f"/review/{number}", data=forged).status_code == 422
    page = browser.get(f"/review/{last_id}").text
    assert browser.post(f"/review/{last_id}", data=decision(page, "publish")).location == f"/review/{other_id}"
    page = browser.get(f"/review/{other_id}").text
    assert browser.post(f"/review/{other_id}", data=decision(page, "publish")).location == "/review"


def test_two_browsers_on_one_item_never_overwrite_each_other(
    browser: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    colleague = sign_in(factories.account(session, Role.MODERATOR, display_name="Jo P."))
    row = filed(session)
    number = row.id
    mine, theirs = browser.get(f"/review/{number}").text, colleague.get(f"/review/{number}").text
    colleague.post(f"/review/{number}", data=decision(theirs, "return", reason="unclear", note="Which year?"))
    answer = browser.post(f"/review/{number}", data=decision(mine, "withhold", reason="hate", note="My note."))
    assert answer.status_code == 409
    assert "Decided by a colleague" in answer.text
    assert "Jo P." in answer.text
    assert "Which year?" in answer.text
    assert "My note." in answer.text
    assert "Text changed by the author" not in answer.text
    half_a_minute_later(session)
    assert row.state is State.RETURNED
    assert len(session.scalars(select(Decision)).all()) == 1


def test_a_moderator_is_shown_which_words_the_author_has_changed(browser: FlaskClient, session: Session) -> None:
    row = filed(session, comments=2)
    service.decide(
        session, moderator=factories.account(session, Role.MODERATOR), submission_id=row.id, revision=row.revision,
        outcome=DecisionOutcome.RETURN, reason=Reason.UNCLEAR,
    )  # fmt: skip
    page = browser.get(f"/review/{row.id}").text
    same, other = comments_queries.list_comments(session, row.id)
    said = [
        NewComment(same.provision_id, same.stance, same.body),
        NewComment(other.provision_id, other.stance, "Quite other words."),
    ]
    submissions.amend(session, row, comments=said)
    kept = same.body
    answer = browser.post(f"/review/{row.id}", data=decision(page, "publish"))
    assert answer.status_code == 409
    assert "Text changed by the author" in answer.text
    assert "Quite other words." in answer.text
    assert kept not in answer.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"outcome": "publish"},
        {"outcome": "publish", "revision": "x"},
        {"outcome": "publish", "revision": "9" * 30},
        {"outcome": "erase", "revision": "1"},
        {"outcome": "withhold", "revision": "1"},
        {"outcome": "withhold", "revision": "1", "reason": "because"},
        {"outcome": "return", "revision": "1", "reason": "unclear", "note": "x" * 2001},
    ],
)
def test_a_decision_that_makes_no_sense_changes_nothing(
    browser: FlaskClient, session: Session, data: dict[str, str]
) -> None:
    row = filed(session)
    answer = browser.post(f"/review/{row.id}", data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    session.expire_all()
    assert row.state is State.PENDING


def test_a_note_is_kept_without_control_characters_and_shown_as_text(browser: FlaskClient, session: Session) -> None:
    row = filed(session)
    page = browser.get(f"/review/{row.id}").text
    note = "Please\x00 \u202ebackwards\r\n<b>bold</b>"
    browser.post(f"/review/{row.id}", data=decision(page, "return", reason="unclear", note=note))
    assert session.scalars(select(Decision.note)).one() == "Please backwards\n<b>bold</b>"
    half_a_minute_later(session)
    assert "&lt;b&gt;bold&lt;/b&gt;" in browser.get("/review/log").text


@pytest.mark.parametrize("path", ["/review/404", f"/review/{10**30}", "/review/404/skip"])
def test_what_is_not_there_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def decided(session: Session, moderator: Account, outcome: DecisionOutcome) -> Submission:
    row = filed(session)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=outcome,
        reason=Reason.HATE, note="=cmd|' /C calc'!A0",
    )  # fmt: skip
    return row


def test_the_public_log_has_codes_and_hours_and_no_names(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    rows = [decided(session, moderator, outcome) for outcome in DecisionOutcome]
    assert "No decisions yet" in client.get("/log").text  # not numbered yet
    number_entries(session)
    page = client.get("/log").text
    for row in rows:
        assert row.reference in page
    assert "Hate or threats" in page
    assert re.search(r"\d\d:00 UTC", page)
    assert not re.search(r"\d\d:(?!00)\d\d UTC", page)
    for secret in ("Amina", "Rosa", "calc"):
        assert secret not in page
    assert [rows[2].reference] == re.findall(r"/r/([\w-]+)", client.get("/log?kind=submission.withheld").text)


def test_the_log_is_a_csv_too(client: FlaskClient, session: Session, moderator: Account) -> None:
    rows = [decided(session, moderator, outcome) for outcome in DecisionOutcome]
    number_entries(session)
    answer = client.get("/log.csv")
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["reference"] for line in lines] == [row.reference for row in rows]
    assert [line["decision"] for line in lines] == ["published", "returned", "withheld"]
    assert [line["reason"] for line in lines] == ["", "hate", "hate"]
    assert all(line["hour"].endswith(":00Z") for line in lines)


def test_moderators_see_who_decided_what_and_why(browser: FlaskClient, session: Session, moderator: Account) -> None:
    decided(session, moderator, DecisionOutcome.WITHHOLD)
    page = browser.get("/review/log").text
    assert "Amina K." in page
    assert "=cmd|" in page
    number_entries(session)
    assert 'href="/moderation/versions/1">moderation policy 1</a>' in browser.get("/log").text


def test_the_logs_page_by_key(
    browser: FlaskClient, session: Session, moderator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consult.moderation.decision_log.PAGE", 2)
    for _ in range(5):
        decided(session, moderator, DecisionOutcome.PUBLISH)
    number_entries(session)
    for address in ("/log", "/review/log"):
        seen: list[str] = []
        while address:
            page = browser.get(address).text
            seen += re.findall(r"<bdi>(DP27-[\w-]+)</bdi>", page)
            following = re.search(r'<a href="([^"]+)" rel="next"', page)
            address = following[1].replace("&amp;", "&") if following else ""
        assert len(seen) == len(set(seen)) == 5


def test_the_policy_explains_every_reason(client: FlaskClient) -> None:
    page = client.get("/moderation").text
    for reason in Reason:
        assert f'id="{reason}"' in page


@pytest.mark.parametrize("many", [3, 40])
def test_pages_cost_the_same_statements_however_much_waits(browser: FlaskClient, session: Session, many: int) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation, comments=4) for _ in range(many)]
    number_entries(session)
    number = rows[0].id
    session.commit()
    for path, most in [("/review", 16), (f"/review/{number}", 14), ("/review/log", 2), ("/log", 3)]:
        with statements() as seen:
            assert browser.get(path).status_code == 200
        assert len(seen) <= most, (path, seen)
