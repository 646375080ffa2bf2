"""Answers on the home page, the lists, a consultation's page, what was heard, and the desk."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.page_cache import PageCache
from consult.digests.results import cache as results_cache
from consult.responses import service
from consult.site import recent_changes
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.counting import statements
from tests.responses.answering import LEADS, answer, argued, owner

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    """Pages that another test made are told by what is in the database, as if it were the same."""
    app.extensions["consult.shelf"] = PageCache(1_000_000)


def closed(days: int) -> dict[str, Any]:
    """A consultation that closed nine days ago and promised an answer within so many days from now."""
    past = {"opens_at": now() - timedelta(days=30), "closes_at": now() - timedelta(days=9), "phase": "closed"}
    return {**past, "answer_by": (now() + timedelta(days=days)).date()}


def close(session: Session, row: Consultation, days: int) -> None:
    for name, value in closed(days).items():
        setattr(row, name, value)
    session.commit()


def page(browser: FlaskClient, address: str) -> str:
    answered = browser.get(address)
    assert answered.status_code == 200, answered.status_code
    return html.unescape(answered.text)


def test_the_home_page_shows_an_answer_at_once_though_it_is_kept(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    close(session, row, -2)
    before = page(client, "/")
    assert "Recent answers" not in before
    assert "Answer overdue since" in before
    assert "0 of 2 arguments answered" in before
    first = answer(session, argument)
    after = page(client, "/")
    assert "Needle exchange" in after.split("Recent answers")[1]
    assert "1 of 2 arguments answered" in after
    answer(session, argument, outcome="not_accepted", seen=first.token)
    assert "Not accepted" in page(client, "/").split("Recent answers")[1]


def test_a_promise_is_kept_once_every_argument_is_answered(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    close(session, row, -2)
    assert [one.id for one in recent_changes.list_owed(session).late] == [row.id]
    answer(session, argument)
    assert "Answer overdue since" in page(client, "/changes")
    later = {"outcome": "deferred", "due_on": (now() + timedelta(days=5)).date()}
    answer(session, holding(session, row, PRISONS[0]), **later)
    assert recent_changes.list_owed(session).rows == []
    for address in ("/", "/consultations?phase=closed", f"/c/{row.slug}"):
        shown = page(client, address)
        assert "Every argument is answered" in shown, address
        assert "Answer overdue" not in shown, address
    session.execute(text("UPDATE response SET due_on = due_on - 30 WHERE outcome = 'deferred'"))
    session.commit()
    assert [one.id for one in recent_changes.list_owed(session).late] == [row.id]
    assert "?show=overdue" in page(client, "/changes")


def test_a_consultation_says_how_many_arguments_are_answered(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    close(session, row, -2)
    answer(session, argument)
    shown = page(client, f"/c/{row.slug}")
    assert "You said, we did" in shown
    assert "1 of 2 arguments answered" in shown
    assert "1 overdue" in shown
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    assert "1 of 2 arguments answered" in page(client, f"/c/{row.slug}/said")
    assert "Accepted" in page(client, f"/c/{row.slug}/arguments")


def test_the_desk_lists_what_waits_for_whoever_is_to_answer(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    other = factories.account(session, Role.POLICYMAKER)
    mine, theirs = sign_in(owner(session, row)), sign_in(other)
    assert "Consultations with answers due" in page(mine, "/desk")
    assert "Consultations with answers due" not in page(theirs, "/desk")
    service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=other.id)
    session.commit()
    assert f"/desk/consultations/{row.id}/answers" in page(theirs, "/desk")
    answer(session, argument)
    answer(session, holding(session, row, PRISONS[0]))
    assert "Consultations with answers due" not in page(mine, "/desk")


def test_these_pages_ask_the_same_however_much_is_answered(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row, argument = argued(session)
    close(session, row, 3)
    answer(session, argument)
    browser = sign_in(owner(session, row))
    public = ("/", "/consultations?phase=closed", "/changes", f"/c/{row.slug}", f"/c/{row.slug}/arguments")

    def counted() -> list[int]:
        page(client, public[-1])  # a process reads the places of a version once
        found = []
        for who, address in (*((client, one) for one in public), (browser, "/"), (browser, "/desk")):
            with statements() as seen:
                page(who, address)
            found.append(len(seen))
        return found

    counted()
    more, _one = argued(session)
    close(session, more, 3)
    few = counted()
    for _number in range(4):
        more, one = argued(session)
        close(session, more, 3)
        answer(session, one)
    assert counted() == few
    assert max(few[: len(public)]) <= 7, few
    assert max(few) <= 12, few


def test_the_page_of_a_paragraph_shows_what_its_arguments_came_to(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])

    def shown() -> tuple[str, int]:
        with statements() as seen:
            said = page(client, f"/c/{row.slug}/p/1.1")
        return said.split('id="arguments"')[1].split("</section>")[0], len(seen)

    assert "Accepted" not in shown()[0]  # a process reads the draft once
    answer(session, argument)
    said, one = shown()
    assert f"arguments/{argument.id}" in said.split("Accepted")[0]
    answer(session, other, outcome="not_accepted")
    said, two = shown()
    assert "Not accepted" in said
    assert one == two


def test_all_of_a_label_with_its_number_is_the_link(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    answer(session, argument)
    assert re.search(r"<a class=\"tag ok\"[^>]*>Accepted 1</a>", page(client, f"/c/{row.slug}/outcome"))


def test_an_answer_that_was_put_off_carries_the_day_it_was_made_and_how_late_it_came(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row, argument = argued(session)
    day = now() - timedelta(days=20)
    until = (day + timedelta(days=9)).date()
    first = answer(session, argument, outcome="deferred", due_on=until, at=day)
    second = answer(
        session, argument, outcome="deferred", reasons="Still.", due_on=until, seen=first.token,
        at=day + timedelta(days=1),
    )  # fmt: skip
    assert second.answered_at == day  # other reasons alone make no other day
    check = sign_in(owner(session, row)).post(
        f"/desk/arguments/{argument.id}/answer",
        data={"stands": second.token, **LEADS, "outcome": "accepted", "reasons": "Yes.", "do": "check"},
    )
    assert "is 11 days overdue. The new answer carries today" in html.unescape(check.text)
    made = answer(session, argument, reasons="Yes.", seen=second.token)
    assert made.answered_at.date() == now().date()
    shown = html.unescape(client.get(f"/c/{row.slug}/arguments/{argument.id}").text)
    assert "the answer was deferred until " in shown
    assert "The next answer was 11 days late." in shown
    assert " changed on " not in shown
    rows = list(csv.DictReader(io.StringIO(client.get(f"/c/{row.slug}/answers.csv").text)))
    assert [(one["answer"], one["answered_on"], one["days_late"]) for one in rows] == [
        ("accepted", str(now().date()), "11")
    ]
    assert rows[0]["put_off_before"] == f"{day.date()} until {until}"


def test_an_answer_after_the_promised_day_says_so(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session, answer_by=(now() - timedelta(days=3)).date())
    answer(session, argument)
    shown = client.get(f"/c/{row.slug}/arguments/{argument.id}").text
    assert "The answer was 3 days late." in shown
    other = holding(session, row, PRISONS[0])
    answer(session, other, at=now() - timedelta(days=4))
    assert "days late" not in client.get(f"/c/{row.slug}/arguments/{other.id}").text
