"""Requests are suggested by software, checked by a person, counted once for each submission, and only then public."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument, Claim, StatementPart
from consult.consultations.model import Consultation
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests.model import Digest
from consult.digests.render import current_quotes, template_helpers
from consult.positions import requests
from consult.positions.requests import RequestAct, RequestItem
from consult.responses import answer_queries
from tests import factories
from tests.arguments.speaking import follow
from tests.digests.conftest import compile as compile
from tests.filing import comment, file
from tests.forms import pressed

SignIn = Callable[[Any], FlaskClient]
Compile = Callable[..., Digest]
ASK = "Please withdraw this rule before it takes effect in our region."
OTHER_ASK = "We ask you to withdraw the rule and to start again with the farmers."
REASON = "It would close the only clinic that serves three hundred families in the valley."
LETTERS = (
    f"I am writing as somebody who has lived here for many years. {REASON} {ASK}",
    f"The harvest begins in early summer and the roads are long and bad. {REASON} {OTHER_ASK}",
)


@pytest.fixture
def docket(session: Session) -> Consultation:
    """Seven copies of one letter, one of them with the other letter's reason added; five of the other; one text."""
    row = factories.consultation(session)
    texts = [LETTERS[0]] * 6 + [f"My own mother was treated in this clinic for years. {LETTERS[0]}"] + [LETTERS[1]] * 5
    for words in [*texts, f"I keep bees in the hills above the town. {ASK}"]:
        file(session, row, comment(session, row, words, "", None), published=True)
    follow(session, row)
    return row


def first(session: Session, row: Consultation, by: Any) -> RequestItem:
    item = requests.find_next(session, row.id, by)
    assert item
    return item


def decide(session: Session, item: RequestItem, act: RequestAct, by: Any, **values: Any) -> None:
    requests.decide(session, argument_id=item.argument.id, revision=item.argument.revision, act=act, by=by, **values)
    session.commit()


def test_a_request_and_its_reason_are_one_argument_of_all_letters_that_have_them(
    session: Session, docket: Consultation, compile: Compile, app: Flask
) -> None:
    by = factories.account(session, Role.MODERATOR)
    item = first(session, docket, by)
    assert [one.text for one in item.quotes][:1] == [ASK]
    assert not compile(docket).body.arguments, "nobody has checked it"
    reason = next(one for one in item.beside if one.text == REASON)
    decide(session, item, RequestAct.CONFIRM, by, words="Withdraw the rule", reasons=[reason.id])
    other = first(session, docket, by)
    assert [one.text for one in other.quotes] == [OTHER_ASK]
    decide(session, other, RequestAct.SAME, by, into_id=item.argument.id)

    argument = session.get_one(Argument, item.argument.id)
    assert (argument.submissions, argument.senders) == (13, 12), "each submission counts once"
    parts = session.execute(select(Claim.part, Claim.campaign_id).where(Claim.argument_id == argument.id)).all()
    assert sorted(str(part) for part, campaign in parts if campaign) == ["None", "ask", "reason", "reason"]
    body = current_quotes.fill_quotes(session, compile(docket, "daily").body)
    (row,) = body.arguments
    assert (row.voices, row.copies) == (13, 12)
    with app.test_request_context(), force_locale("en"):
        assert [quote.words for quote in template_helpers.shown_quotes(row)][1:] == [REASON]
        assert template_helpers.say_requests(body).startswith("13 of 13 published submissions")
    waiting = answer_queries.count_answers(session, {docket.id: None})[docket.id].waiting
    assert waiting == 1, "one answer is due for all of them"


def test_what_is_set_aside_is_neither_public_nor_due(session: Session, docket: Consultation) -> None:
    by = factories.account(session, Role.MODERATOR)
    while item := requests.find_next(session, docket.id, by):
        decide(session, item, RequestAct.NONE, by)
    assert requests.list_checked(session, docket.id) == []
    follow(session, docket)
    assert requests.find_next(session, docket.id, by) is None
    counts = answer_queries.count_answers(session, {docket.id: None})[docket.id]
    assert (counts.waiting, counts.unchecked) == (0, 0)


def test_two_people_do_not_overwrite_each_other(session: Session, docket: Consultation) -> None:
    by = factories.account(session, Role.MODERATOR)
    item = first(session, docket, by)
    seen = item.argument.revision
    decide(session, item, RequestAct.CONFIRM, by, words="Withdraw the rule")
    with pytest.raises(Conflict):
        requests.decide(session, argument_id=item.argument.id, revision=seen, act=RequestAct.NONE, by=by)
    session.rollback()
    other = first(session, docket, by)
    with pytest.raises(Refusal):
        requests.decide(
            session, argument_id=other.argument.id, revision=other.argument.revision, act=RequestAct.SAME, by=by
        )


def test_the_workbench_is_worked_by_form_and_undone(session: Session, docket: Consultation, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, Role.MODERATOR))
    address = f"/desk/c/{docket.slug}/workbench/requests"
    page = browser.get(address).text
    assert ASK in page
    assert REASON in page
    assert browser.post(address, data=pressed(page, ("act", "confirm"))).status_code == 303
    session.expire_all()
    (checked,) = requests.list_checked(session, docket.id)
    assert checked.name == ASK
    result = browser.get(f"/desk/c/{docket.slug}/workbench/check").text
    assert ASK in result
    assert "8 submissions, 7 of them copies of campaign letters" in result
    page = browser.get(address).text
    assert browser.post(address, data=pressed(page, ("act", "undo"))).status_code == 303
    session.expire_all()
    assert requests.list_checked(session, docket.id) == []
    part = select(Claim.part).where(Claim.part == StatementPart.REASON)
    assert session.scalars(part).all() == []
