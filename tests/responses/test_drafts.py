"""Answers that are being written: kept for their writer, overwritten by nobody, gone once they are published."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.datetimes import to_wall_clock
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.responses import service
from consult.responses.model import Response, ResponseDraft
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.counting import statements
from tests.responses.answering import LEADS, REASONS, answer, argued, entries, owner

SignIn = Callable[[Any], FlaskClient]
TYPED = {
    "stands": "",
    "seen": "",
    "outcome": "deferred",
    "reasons": "Half a sen",
    "due_on": ["3", "", ""],
    "change": "",
}


def address(argument: Argument, step: str = "") -> str:
    return f"/desk/arguments/{argument.id}/answer{step}"


def shown(browser: FlaskClient, argument: Argument) -> tuple[str, dict[str, str]]:
    """The page of the form, and its hidden fields."""
    text = html.unescape(browser.get(address(argument)).text)
    return text, dict(re.findall(r'name="(seen|stands)" type="hidden" value="([^"]*)"', text))


def drafts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(ResponseDraft)) or 0


@pytest.fixture
def two(session: Session, sign_in: SignIn) -> tuple[Argument, FlaskClient, FlaskClient]:
    """An argument, whoever owns its consultation, and whom they asked to answer it."""
    row, argument = argued(session)
    other = factories.account(session, Role.POLICYMAKER)
    service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=other.id)
    session.commit()
    return argument, sign_in(owner(session, row)), sign_in(other)


def test_what_is_half_typed_is_kept_as_it_was_for_its_writer_alone(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, theirs = two
    for step, do in (("/save", None), ("", "save")):
        _text, seen = shown(mine, argument)
        said = mine.post(address(argument, step), data=TYPED | seen | ({"do": do} if do else {}))
        assert said.status_code == (303 if do else 200)
        text, now_seen = shown(mine, argument)
        assert "This is your unfinished answer, saved" in text
        assert "Half a sen</textarea>" in text
        assert re.search(r'<input[^>]* checked[^>]*value="deferred"', text)
        assert 'value="3"' in text
        assert do or said.json["seen"] == now_seen["seen"]
    text, _seen = shown(theirs, argument)
    assert "Half a sen" not in text
    assert "This is your unfinished answer" not in text
    assert entries(session) == []
    assert b"Half" not in session.scalars(select(ResponseDraft.sealed)).one()


def test_a_list_shows_what_one_has_begun(session: Session, two: tuple[Argument, FlaskClient, FlaskClient]) -> None:
    argument, mine, theirs = two
    mine.post(address(argument, "/save"), data=TYPED)
    lists = f"/desk/consultations/{argument.consultation_id}/answers"
    for show in ("", "?show=begun"):
        assert mine.get(lists + show).text.count("Unfinished answer") == 1
        assert "Unfinished answer" not in theirs.get(lists + show).text
    assert "Nothing in this list" in theirs.get(f"{lists}?show=begun").text


def test_a_draft_is_gone_once_it_is_published_and_not_before(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    given = TYPED | {**LEADS, "outcome": "accepted", "reasons": REASONS, "due_on": ["", "", ""]}
    checked = mine.post(address(argument), data=given | {"do": "check"})
    text, seen = shown(mine, argument)
    assert f"{REASONS}</textarea>" in text
    assert f'name="seen" type="hidden" value="{seen["seen"]}"' in checked.text
    assert mine.post(address(argument), data=given | seen | {"do": "publish"}).status_code == 303
    assert drafts(session) == 0
    assert "This is your unfinished answer" not in shown(mine, argument)[0]


def test_two_windows_of_one_writer_do_not_overwrite_each_other(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    assert mine.post(address(argument, "/save"), data=TYPED | {"reasons": "From the first window."}).status_code == 200
    late = TYPED | {**LEADS, "outcome": "accepted", "reasons": "From the second.", "due_on": ["", "", ""]}
    told = mine.post(address(argument, "/save"), data=late)
    assert told.status_code == 409
    assert "changed elsewhere" in told.json["message"]
    for do in ("save", "check", "publish"):
        both = mine.post(address(argument), data=late | {"do": do})
        assert both.status_code == 409, do
        assert "There are two versions of your unfinished answer" in both.text
        assert "From the first window." in both.text
        assert "From the second.</textarea>" in both.text
        assert "data-save=" not in both.text, "nothing is overwritten while both are looked at"
    assert entries(session) == []
    _text, seen = shown(mine, argument)
    assert mine.post(address(argument), data=late | seen | {"do": "save"}).status_code == 303
    assert "From the second.</textarea>" in shown(mine, argument)[0]


def test_whoever_goes_on_with_a_draft_is_told_of_an_answer_that_was_published_meanwhile(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, theirs = two
    mine.post(address(argument, "/save"), data=TYPED | {**LEADS, "outcome": "accepted", "reasons": "My own."})
    given = {"stands": "", "seen": "", **LEADS, "outcome": "accepted", "reasons": "Theirs.", "change": ""}
    assert theirs.post(address(argument), data=given | {"do": "publish"}).status_code == 303
    text, seen = shown(mine, argument)
    assert "Someone else answered first" in text
    assert "Theirs." in text
    assert "My own.</textarea>" in text
    assert seen["stands"] == session.scalars(select(Response)).one().token
    stale = mine.post(address(argument), data=given | {"reasons": "My own.", "seen": seen["seen"], "do": "publish"})
    assert stale.status_code == 409
    assert len(entries(session)) == 1


def test_what_says_no_more_than_the_published_answer_is_no_draft(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    answer(session, argument)
    _text, seen = shown(mine, argument)
    same = {**seen, **LEADS, "outcome": "accepted", "reasons": REASONS, "due_on": ["", "", ""], "change": ""}
    saved = mine.post(address(argument, "/save"), data=same | {"reasons": "Another."})
    assert drafts(session) == 1
    assert mine.post(address(argument, "/save"), data=same | {"seen": saved.json["seen"]}).json == {"seen": ""}
    assert drafts(session) == 0
    assert mine.post(address(argument, "/save"), data=same | {"reasons": "x" * 20_001}).status_code == 422


def test_a_draft_is_deleted_when_its_writer_says_so_twice(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, theirs = two
    for browser in (mine, theirs):
        browser.post(address(argument, "/save"), data=TYPED)
    assert f'href="{address(argument, "/discard")}"' in shown(mine, argument)[0]
    assert "Delete your unfinished answer?" in mine.get(address(argument, "/discard")).text
    assert drafts(session) == 2
    assert mine.post(address(argument, "/discard")).status_code == 303
    assert "Half a sen" not in shown(mine, argument)[0]
    assert "Half a sen" in shown(theirs, argument)[0], "somebody else's stays"


def test_a_draft_goes_with_its_argument_where_that_becomes_part_of_another(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    mine.post(address(argument, "/save"), data=TYPED)
    row = session.get_one(Consultation, argument.consultation_id)
    other = holding(session, row, PRISONS[0])
    arguments.merge(session, argument_id=argument.id, into_id=other.id, by=owner(session, row))
    session.commit()
    text, seen = shown(mine, other)
    assert "Half a sen</textarea>" in text
    mine.post(
        address(other), data=TYPED | seen | {**LEADS, "outcome": "accepted", "due_on": ["", "", ""], "do": "publish"}
    )
    assert drafts(session) == 0


def test_nobody_keeps_a_draft_who_may_not_answer(session: Session, sign_in: SignIn) -> None:
    _row, argument = argued(session)
    browser = sign_in(factories.account(session, Role.POLICYMAKER))
    assert browser.post(address(argument, "/save"), data=TYPED).status_code == 403
    assert browser.post(address(argument), data=TYPED | {"do": "save"}).status_code == 403
    assert drafts(session) == 0


def test_saving_while_typing_asks_little_of_the_database(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    mine.post(address(argument, "/save"), data=TYPED)
    _text, seen = shown(mine, argument)
    with statements() as asked:
        assert mine.post(address(argument, "/save"), data=TYPED | seen | {"reasons": "More."}).status_code == 200
    assert len(asked) <= 10, asked


def test_the_form_says_that_it_changes_an_answer_and_since_when_that_stands(
    session: Session, two: tuple[Argument, FlaskClient, FlaskClient]
) -> None:
    argument, mine, _theirs = two
    text, _seen = shown(mine, argument)
    assert "You are changing a published answer" not in text
    assert "The new answer" not in text
    made = answer(session, argument)
    text, seen = shown(mine, argument)
    place = session.get_one(Consultation, argument.consultation_id).timezone
    day = f"{to_wall_clock(made.said_at, place):%-d %B %Y}"
    assert "You are changing a published answer" in text
    assert f"The current answer dates from {day}." in text
    assert "The new answer" in text
    assert "Current answer" in text
    assert len(re.findall(">The answer<", text)) == 0
    given = {**seen, **LEADS, "outcome": "in_part", "reasons": "Half.", "change": "", "do": "check"}
    assert f"This replaces the answer of {day}." in mine.post(address(argument), data=given).text
