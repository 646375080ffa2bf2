"""The queues: what waits is in exactly one, claims end by themselves, and filters are kept by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger.model import FollowerPosition
from consult.ledger.service import number_entries
from consult.moderation import service
from consult.moderation import waiting_list as moderation_queue
from consult.moderation.model import DecisionOutcome, Queue, QueueEntry, SavedFilter
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue import saved_filters
from consult.moderation.queue.filters import QueueFilter
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Stance, State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def colleague(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Tomás R.")


def queue_of(session: Session, row: Submission) -> Queue:
    return session.get_one(QueueEntry, row.id, populate_existing=True).queue


@pytest.mark.parametrize(
    ("words", "queue"),
    [
        ("Raise it to eighty.", Queue.NEW),
        ("Write to rosa@example.org.", Queue.HELD),
        ("Call +51 999 888 777.", Queue.HELD),
        ("My cousin Pedro waits.", Queue.NEW),
        ("You idiots, we will kill you.", Queue.NEW),
    ],
)
def test_contact_details_hold_and_nothing_else_does(session: Session, words: str, queue: Queue) -> None:
    row = filed(session, body=words)
    assert (queue_of(session, row), row.state) == (queue, State.PENDING)


def test_rough_words_wait_some_hours_longer_and_no_more(session: Session, moderator: Account) -> None:
    consultation, moment = factories.consultation(session), now()
    rough = filed(session, consultation=consultation, body="We will kill you.", at=moment - timedelta(hours=5))
    soft = filed(session, consultation=consultation, at=moment - timedelta(hours=2))
    older = filed(session, consultation=consultation, at=moment - timedelta(hours=6))
    found = queue_queries.get_queue_page(session, moderator, QueueFilter()).items.items
    assert [row.id for row in found] == [older.id, soft.id, rough.id]


def test_the_fifth_sender_of_the_same_words_moves_all_of_them_to_one_queue(session: Session) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation, body="Sixty is too low.") for _number in range(4)]
    assert {queue_of(session, row) for row in rows} == {Queue.NEW}
    rows.append(filed(session, consultation=consultation, body="Sixty is too low."))
    assert {queue_of(session, row) for row in rows} == {Queue.SAME}


def test_the_docket_made_anew_from_the_ledger_is_the_one_that_followed(session: Session, moderator: Account) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation) for _number in range(6)]
    rows.append(filed(session, consultation=consultation, body="Write to rosa@example.org."))
    for row, outcome in zip(
        rows, [DecisionOutcome.PUBLISH, DecisionOutcome.RETURN, DecisionOutcome.WITHHOLD], strict=False
    ):
        service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=outcome,
            reason=Reason.UNCLEAR,
        )  # fmt: skip
    submissions.withdraw(session, rows[3])
    session.commit()
    number_entries(session)
    while moderation_queue.FOLLOWER.follow_site(session, most=3):
        session.commit()
    columns = (
        QueueEntry.submission_id,
        QueueEntry.queue,
        QueueEntry.home,
        QueueEntry.turn,
        QueueEntry.revision,
        QueueEntry.found,
    )
    followed = session.execute(select(*columns).order_by(QueueEntry.submission_id)).all()
    assert len(followed) == 4
    session.execute(delete(QueueEntry))
    session.execute(delete(FollowerPosition))
    session.expire_all()
    while moderation_queue.FOLLOWER.follow_site(session, most=2):
        pass
    assert session.execute(select(*columns).order_by(QueueEntry.submission_id)).all() == followed


def test_a_claim_keeps_colleagues_away_for_a_quarter_of_an_hour(
    session: Session, moderator: Account, colleague: Account
) -> None:
    consultation, moment = factories.consultation(session), now()
    first, second = (filed(session, consultation=consultation, at=moment - timedelta(hours=2 - n)) for n in range(2))
    third = filed(session, consultation=consultation)
    assert moderation_queue.claim(session, moderator=moderator, submission_ids=[second.id], at=moment) == 1
    assert (
        moderation_queue.claim(session, moderator=moderator, submission_ids=[second.id], at=moment) == 1
    )  # may be repeated
    assert moderation_queue.claim(session, moderator=colleague, submission_ids=[second.id], at=moment) == 0
    assert queue_queries.find_next(session, moderator, QueueFilter(), submission_id=first.id) == second.id
    assert queue_queries.find_next(session, colleague, QueueFilter(), submission_id=first.id) == third.id
    moderation_queue.release(session, moderator=colleague, submission_ids=[second.id])  # not theirs to give
    assert moderation_queue.claim(session, moderator=colleague, submission_ids=[second.id], at=moment) == 0
    later = moment + moderation_queue.CLAIM_DURATION
    assert moderation_queue.claim(session, moderator=colleague, submission_ids=[second.id], at=later) == 1


def test_what_somebody_reads_is_marked_on_the_pages_and_can_still_be_decided(
    sign_in: SignIn, session: Session, moderator: Account, colleague: Account
) -> None:
    row = filed(session)
    number, browser, other = row.id, sign_in(moderator), sign_in(colleague)
    page = browser.get(f"/review/{number}").text
    browser.post(f"/review/{number}/claim", data=pressed(page))
    assert "You are reading this" in browser.get("/review").text
    assert "Amina K. is reading this" in other.get("/review").text
    theirs = other.get(f"/review/{number}").text
    assert "Amina K. is reading this until" in theirs
    answer = other.post(f"/review/{number}", data=pressed(theirs, ("outcome", "publish")))
    assert answer.status_code == 303
    half_a_minute_later(session)
    assert row.state is State.PUBLISHED


def test_a_claim_is_given_back_on_the_page(sign_in: SignIn, session: Session, moderator: Account) -> None:
    number, browser = filed(session).id, sign_in(moderator)
    browser.post(f"/review/{number}/claim", data=pressed(browser.get(f"/review/{number}").text))
    page = browser.get(f"/review/{number}").text
    browser.post(f"/review/{number}/claim", data=pressed(page, ("back", "yes")))
    assert session.get_one(QueueEntry, number, populate_existing=True).claimed_by is None


def test_what_a_page_says_is_read_is_claimed_for_minutes_and_given_back_for_the_next(
    sign_in: SignIn, session: Session, moderator: Account, colleague: Account
) -> None:
    first, second = (filed(session).id for _n in range(2))
    browser, other = sign_in(moderator), sign_in(colleague)
    assert browser.post(f"/review/{first}/claim", data={"reading": "yes"}).status_code == 204
    said = other.get("/review/claims")
    assert said.json == {str(first): "Amina K."}
    assert other.get("/review/claims", headers={"If-None-Match": said.headers["ETag"]}).status_code == 304
    assert browser.get("/review/claims").json == {}  # one's own are known
    browser.post(f"/review/{second}/claim", data={"reading": "yes", "left": str(first)})
    assert other.get("/review/claims").json == {str(second): "Amina K."}
    later = now() + moderation_queue.READING_DURATION
    assert moderation_queue.list_claims(session, moderator=colleague, at=later) == {}
    moderation_queue.claim(session, moderator=moderator, submission_ids=[second])  # by hand: for longer
    session.commit()
    browser.post(f"/review/{second}/claim", data={"reading": "yes", "back": "yes", "left": str(second)})
    assert other.get("/review/claims").json == {str(second): "Amina K."}


def test_a_decision_beside_the_list_claims_what_comes_next(
    sign_in: SignIn, session: Session, moderator: Account, colleague: Account
) -> None:
    first, second = (filed(session).id for _n in range(2))
    browser = sign_in(moderator)
    beside = browser.get(f"/review/{first}/beside").text
    sent = pressed(beside, ("outcome", "publish"))
    sent.add("next", str(second))
    done = browser.post(f"/review/{first}/beside", data=sent)
    assert (done.status_code, "data-strip" in done.text) == (200, True)
    assert sign_in(colleague).get("/review/claims").json == {str(second): "Amina K."}
    assert service.get_open_decision(session, first) is not None
    again = browser.post(f"/review/{first}/beside", data=pressed(beside, ("outcome", "publish")))
    assert (again.status_code, "Your decision was not saved" in again.text) == (409, True)
    beside = browser.get(f"/review/{second}/beside").text
    wrong = browser.post(f"/review/{second}/beside", data=pressed(beside, ("outcome", "return")))
    assert (wrong.status_code, "Choose a reason" in wrong.text) == (422, True)


def test_a_filter_is_kept_by_name_shown_and_forgotten(sign_in: SignIn, session: Session, moderator: Account) -> None:
    filed(session, stance=Stance.SUPPORT)
    browser = sign_in(moderator)
    page = browser.get("/review?stance=support&place=1.1").text
    saved = browser.post("/review/filters?stance=support&place=1.1", data=pressed(page, name="Praise <1.1>"))
    assert saved.location == "/review?place=1.1&stance=support"
    page = browser.get("/review").text
    assert "Praise &lt;1.1&gt;" in page
    assert 'href="/review?place=1.1&amp;stance=support"' in page
    page = browser.get("/review?stance=support&place=1.1").text
    browser.post("/review/filters?stance=support&place=1.1", data=pressed(page, ("forget", "Praise <1.1>")))
    assert "Praise" not in browser.get("/review").text


def test_a_filter_without_a_name_is_asked_for_one(sign_in: SignIn, session: Session, moderator: Account) -> None:
    browser = sign_in(moderator)
    browser.post("/review/filters?stance=support", data={"name": " "})
    assert "Name the filter" in browser.get("/review").text
    assert session.scalars(select(SavedFilter)).all() == []


def test_filters_are_ones_own_and_twenty_at_most(session: Session, moderator: Account, colleague: Account) -> None:
    for number in range(20):
        saved_filters.save(
            session, moderator=moderator, name=f"Filter {number}", queue_filter=QueueFilter(language="es")
        )
    with pytest.raises(Refusal):
        saved_filters.save(session, moderator=moderator, name="One more", queue_filter=QueueFilter())
    saved_filters.save(session, moderator=moderator, name="Filter 3", queue_filter=QueueFilter(language="ar"))
    kept = queue_queries.list_saved_filters(session, moderator)
    assert (len(kept), {row.query["language"] for row in kept}) == (20, {"es", "ar"})
    saved_filters.forget(session, moderator=colleague, name="Filter 3")
    assert len(queue_queries.list_saved_filters(session, moderator)) == 20
    assert queue_queries.list_saved_filters(session, colleague) == []


def test_counts_stop_at_a_thousand_and_say_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_queries, "COUNTED", 3)
    consultation = factories.consultation(session)
    for _number in range(5):
        filed(session, consultation=consultation)
    new = next(row for row in queue_queries.count_queues(session) if row.queue is Queue.NEW)
    assert (new.count, new.more) == (4, True)


def test_what_comes_back_from_its_author_is_new_again(session: Session, moderator: Account) -> None:
    row = filed(session)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
        reason=Reason.UNCLEAR, note="Which year?",
    )  # fmt: skip
    assert queue_of(session, row) is Queue.RETURNED
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "I mean 2030.")])
    moderation_queue.requeue(session, [row.id])
    assert (queue_of(session, row), row.state) == (Queue.NEW, State.PENDING)


def test_the_promise_counts_from_when_it_was_sent_in_again_and_the_turn_is_kept(
    session: Session, moderator: Account
) -> None:
    long_ago, later = now() - timedelta(hours=9), now() - timedelta(hours=1)
    row = filed(session, at=long_ago)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
        reason=Reason.UNCLEAR, at=later - timedelta(hours=2),
    )  # fmt: skip
    waits = session.get_one(QueueEntry, row.id, populate_existing=True)
    assert (waits.received_at, waits.turn) == (later - timedelta(hours=2), long_ago)  # its author has had two hours
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "I mean 2030.")], at=later)
    moderation_queue.requeue(session, [row.id])
    waits = session.get_one(QueueEntry, row.id, populate_existing=True)
    assert (waits.received_at, waits.turn) == (later, long_ago)
