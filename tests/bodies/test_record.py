"""The record of a body: its page, the table of all, and that the ledger says the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.audit import promises
from consult.audit.records import check_next as check_records
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.web import page_cache
from consult.core.web.access import Role
from consult.responses import overdue
from consult.responses.model import Response
from consult.responses.records import service as records
from consult.responses.records.model import BodyRecord
from consult.responses.records.service import Record
from consult.site.bodies import queries
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.bodies.working import asked_by, make_body, work
from tests.counting import statements
from tests.responses.answering import answer, argued


def closed(session: Session, body: PublicBody, **values: Any) -> tuple[Consultation, int, int]:
    """A consultation of a body that closed two days ago, with the numbers of its two named arguments."""
    owner = work(session, body)
    row, first = argued(session, owner=owner, body=body.name, body_id=body.id, **values)
    row.closes_at, row.phase = now() - timedelta(days=2), Phase.CLOSED
    session.commit()
    return row, first.id, holding(session, row, PRISONS[0]).id


def test_the_record_tells_what_came_in_time_late_and_not_and_the_ledger_says_the_same(
    session: Session, client: FlaskClient
) -> None:
    body, today = make_body(session, "Council"), now().date()
    for days in (0, 0):  # two in time
        _row, first, second = closed(session, body, answer_by=today + timedelta(days=days))
        answer_number(session, first)
    _row, first, second = closed(session, body, answer_by=today - timedelta(days=3))
    answer_number(session, first)  # late, and the other is overdue
    few = client.get("/b/council").text
    assert "4 answers due or given so far, too few to measure how many are on time" in few
    answer_number(session, closed(session, body, answer_by=today + timedelta(days=20))[1])
    record = queries.get_record(session, body.id)
    assert (record.kept, record.late, record.overdue, record.days) == (3, 1, 1, 2)
    assert overdue.record_missed(session, at=now()) == 1
    assert overdue.record_missed(session, at=now()) == 0
    counted = promises.count_by_ledger(session, body.id)
    assert (counted.kept, counted.late, counted.overdue, counted.changed) == (3, 1, 1, 0)
    page = client.get("/b/council").text
    assert "3 of 5 answers given on time" in page
    assert "the oldest by 3 days" in page
    assert "Overdue by 3 days" in page
    assert second
    assert dict(queries.list_records(session))[body] == record


def test_what_is_put_off_is_neither_kept_nor_late_until_its_day(session: Session, client: FlaskClient) -> None:
    body, today = make_body(session, "Council"), now().date()
    _row, first, second = closed(session, body, answer_by=today)
    put_off = {"outcome": "deferred", "due_on": today + timedelta(days=5)}
    answer_number(session, first, **put_off)
    answer_number(session, second, **put_off)
    assert queries.get_record(session, body.id) == Record(deferred=2)
    with time_machine.travel(now() + timedelta(days=6)):
        found = queries.get_record(session, body.id)
        assert (found.overdue, found.oldest, found.deferred) == (2, today + timedelta(days=5), 0)
        current = session.scalars(select(Response).where(Response.argument_id == first)).one()
        answer_number(session, first, seen=current.token)
        after = queries.get_record(session, body.id)
        overdue.record_missed(session, at=now())
        assert (after.kept, after.late, after.overdue) == (0, 1, 1)
        counted = promises.count_by_ledger(session, body.id)
        assert (counted.kept, counted.late, counted.overdue) == (0, 1, 1)


def answer_number(session: Session, number: int, **values: Any) -> None:
    answer(session, session.get_one(Argument, number), **values)


def test_an_answer_that_says_another_day_than_its_entry_is_found_by_the_audit(session: Session) -> None:
    body = make_body(session)
    _row, first, _second = closed(session, body, answer_by=now().date() - timedelta(days=3))
    answer_number(session, first)
    assert promises.check_next(session, after=0)[0] == []
    session.execute(update(Response).values(promised_for=now().date()))
    assert [found.code for found in promises.check_next(session, after=0)[0]] == ["promise"]


def test_the_pages_take_as_many_statements_with_many_consultations(session: Session, client: FlaskClient) -> None:
    body = make_body(session, "Council")
    counts = []
    for more in (1, 9):
        for _ in range(more):
            _row, first, _second = closed(session, body, answer_by=now().date() - timedelta(days=3))
            answer_number(session, first)
        recount_later(session)
        for path in ("/b/council", "/bodies.csv"):
            with statements() as made:
                assert client.get(path).status_code == 200
            counts.append(len(made))
    assert counts[:2] == counts[2:]
    assert (counts[0], counts[1] <= 3) == (5, True)


def recount_later(session: Session) -> None:
    """The clock counts, a moment after the last answer."""
    records.recount(session, at=now() + timedelta(microseconds=1))
    session.commit()


def test_a_kept_record_is_read_until_an_answer_a_minute_or_a_day_has_passed(
    session: Session, client: FlaskClient
) -> None:
    body, today = make_body(session, "Council"), now().date()
    with time_machine.travel(datetime.combine(today, time(12), UTC), tick=False) as clock:
        _row, first, second = closed(session, body, answer_by=today - timedelta(days=3))
        answer_number(session, first)
        recount_later(session)
        clock.shift(1)
        assert records.get_record(session, body.id) == records.count(session)[body.id]
        session.execute(update(BodyRecord).values(kept=90))
        assert records.get_record(session, body.id).record.kept == 90
        assert records.list_records(session, [body.id])[body.id].record.kept == 90
        assert [number for number, _due in records.get_record(session, body.id).owed] == [second]
        assert "Overdue by 3 days" in client.get("/b/council").text
        session.execute(update(Argument).where(Argument.id == second).values(statements=0))
        assert "Overdue by" not in client.get("/bodies?sort=kept").text + page_anew(client)
        clock.shift(60)
        assert records.get_record(session, body.id).record.kept == 0
        recount_later(session)
        session.execute(update(BodyRecord).values(kept=90))
        clock.shift(1)
        assert records.get_record(session, body.id).record.kept == 90
        answer_number(session, closed(session, body, answer_by=today)[1])
        assert records.get_record(session, body.id).record.kept == 1
        clock.move_to(datetime.combine(today, time(23, 59, 50), UTC))
        recount_later(session)
        session.execute(update(BodyRecord).values(kept=90))
        clock.shift(9)
        assert records.get_record(session, body.id).record.kept == 90
        clock.shift(2)
        assert records.get_record(session, body.id).record.kept == 1


def page_anew(client: FlaskClient) -> str:
    page_cache.init_app(client.application)
    return client.get("/b/council").text


def test_the_audit_finds_a_record_that_says_something_else_and_puts_it_right(session: Session) -> None:
    body, today = make_body(session), now().date()
    with time_machine.travel(now() - timedelta(minutes=2)):
        answer_number(session, closed(session, body, answer_by=today)[1])
    records.recount(session)
    assert check_records(session, after=0) == ([], None)
    session.execute(update(BodyRecord).values(kept=90))
    assert [found.sentence for found in check_records(session, after=0)[0]] == [
        f"Record of body {body.id}: stored as 90 kept, 0 late, 0 changed, but its answers add up to 1 kept, 0 late, "
        "0 changed. It was recounted. Check who changed it."
    ]
    assert session.scalars(select(BodyRecord.kept)).one() == 1


def test_the_table_of_all_is_sorted_by_a_column_and_is_a_file(session: Session, client: FlaskClient) -> None:
    one, other = make_body(session, "Alpha"), make_body(session, "Beta")
    for body, late in ((one, 0), (other, 3)):
        for _ in range(3):
            _row, first, _second = closed(session, body, answer_by=now().date() - timedelta(days=late))
            answer_number(session, first)
    page = client.get("/bodies?sort=overdue").text
    assert page.index("Beta") < page.index("Too few answers") < page.index("Alpha")  # of which three answers are few
    assert "We count fewer than 5 answers for each of these bodies, so we do not say" in page
    lines = client.get("/bodies.csv").text.replace("\ufeff", "").splitlines()
    assert lines[1].split(",")[3:] == ["3", "", "", "", "", "", "yes"]
    assert lines[2].split(",")[3:] == ["6", "0", "3", "3", "2", "0", ""]
    assert client.get("/bodies?sort=name; drop").status_code == 404


def test_a_body_without_anything_has_a_page(session: Session, client: FlaskClient) -> None:
    make_body(session, "Quiet council", colour="#a3721e", about="**We listen.**")
    page = client.get("/b/quiet-council").text
    assert "This body has not run a consultation yet" in page
    assert "<strong>We listen.</strong>" in page
    assert client.get("/b/nobody").status_code == 404
    assert client.get("/b/quiet-council/logo.png").status_code == 404


def test_a_body_says_in_one_line_why_an_answer_came_late(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    body, today = make_body(session, "Council"), now().date()
    row, first, second = closed(session, body, answer_by=today - timedelta(days=3))
    answer_number(session, first)
    owner = session.get_one(Account, row.owner_id)
    desk = sign_in(owner)
    assert "Give a reason for the delay" in desk.get(f"/desk/arguments/{first}/answer").text
    long = desk.post(f"/desk/arguments/{first}/lateness", data={"lateness": "x" * 201})
    assert (long.status_code, "x" * 201 in long.text) == (422, True)
    desk.post(f"/desk/arguments/{first}/lateness", data={"lateness": "The minister was <ill>."})
    for path in ("/b/council", f"/c/{row.slug}/arguments/{first}"):
        assert "The minister was &lt;ill&gt;." in client.get(path).text, path
    assert queries.get_record(session, body.id).late == 1
    assert promises.check_next(session, after=0)[0] == []
    assert desk.post(f"/desk/arguments/{second}/lateness", data={"lateness": "No."}).status_code == 409
    other = sign_in(factories.account(session, Role.POLICYMAKER))
    assert other.post(f"/desk/arguments/{first}/lateness", data={"lateness": "No."}).status_code == 403


def test_the_page_leads_to_all_that_a_body_asked_alone_or_with_others(session: Session, client: FlaskClient) -> None:
    body, other = make_body(session, "Council"), make_body(session, "Other")
    for number in range(12):
        over = now() - timedelta(days=20 - number)
        asked_by(session, body, title=f"Own {number} of it", opens_at=over - timedelta(days=9), closes_at=over)
    over = now() - timedelta(days=40)
    joint = asked_by(
        session, other, title="Joint with it", phase=Phase.DRAFT, opens_at=over - timedelta(days=9), closes_at=over
    )
    part = PartInConsultation.ASKS
    session.add(ConsultationBody(consultation_id=joint.id, body_id=body.id, part=part, agreed_at=now()))
    session.flush()
    joint.phase = Phase.CLOSED
    asked_by(session, other, title="Of another", opens_at=over - timedelta(days=9), closes_at=over)
    session.commit()
    page = client.get("/b/council").text
    assert [f"Own {number} of it" in page for number in range(12)] == [False] * 2 + [True] * 10
    assert "/consultations?phase=closed&amp;body=council" in page
    narrowed = client.get("/consultations?phase=closed&body=council").text
    assert all(f"Own {number} of it" in narrowed for number in range(12))
    assert ("Joint with it" in narrowed, "Of another" in narrowed) == (True, False)
    assert "Own 1 of it" not in client.get("/consultations?phase=closed&body=nobody%00").text


def test_a_body_that_owes_answers_of_which_none_was_due_is_not_said_to_have_promised_nothing(
    session: Session, client: FlaskClient
) -> None:
    body = make_body(session, "Council")
    closed(session, body, answer_by=now().date() + timedelta(days=20))
    session.commit()
    page = client.get("/b/council").text
    assert "No answers due yet" in page
    assert "0 commitments" not in page
    assert "0 answers" not in page
