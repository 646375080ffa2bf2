"""Words that seem to contradict a campaign letter: marked for the moderator, confirmed with one press."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.web.access import Role
from consult.submissions.model import State
from tests import factories
from tests.forms import pressed
from tests.moderation.bulk.test_campaigns import LETTER, SignIn, analysed, number_of, sent
from tests.moderation.cases import filed

AGAINST = "I run a clinic. I sleep badly.\n\n" + LETTER.replace("raise", "lower")
SENTENCE = "<mark>We ask the States to lower the share of people who are reached by services to eighty per cent.</mark>"


def test_a_moderator_sees_why_it_is_marked_and_says_what_it_is(session: Session, sign_in: SignIn) -> None:
    moderator = factories.account(session, Role.MODERATOR)
    consultation, rows = sent(session, 8)
    against = filed(session, consultation=consultation, body=AGAINST)
    analysed(session, consultation)
    browser = sign_in(moderator)
    assert browser.get("/review").text.count("</span>Seems to say the opposite of its campaign letter</span>") == 1
    only = browser.get("/review?letter=contrary").text
    assert against.reference in only
    assert rows[0].reference not in only

    address = f"/review/{against.id}"
    page = browser.get(address).text
    assert SENTENCE in page
    assert "(not checked)" in page
    assert browser.post(f"{address}/contradiction", data=pressed(page, ("verdict", "contradicts"))).status_code == 303
    page = browser.get(address).text
    assert "A moderator confirmed that this submission says the opposite of the campaign letter." in page
    assert "not checked)" not in page
    assert against.reference not in browser.get("/review?letter=contrary").text
    number = number_of(session, consultation)
    assert "1 says the opposite (confirmed)" in browser.get("/review/campaigns").text
    page = browser.get(f"/review/campaigns/{number}").text
    assert SENTENCE in page
    assert "confirmed by a moderator" in page
    assert "not checked" not in page  # all are

    beside = browser.get(f"{address}/beside").text  # where it is decided beside that list
    assert browser.post(f"{address}/contradiction", data=pressed(beside, ("verdict", "agrees"))).status_code == 303
    page = browser.get(address).text
    assert "A moderator found that this submission agrees with the campaign letter." in page
    assert "opposite" not in browser.get("/review/campaigns").text
    assert against.state is State.PENDING  # nothing is decided by that


def test_nobody_checks_their_own_words(session: Session, sign_in: SignIn) -> None:
    moderator = factories.account(session, Role.MODERATOR)
    consultation, _rows = sent(session, 8)
    own = filed(session, consultation=consultation, body=AGAINST, account_id=moderator.id)
    analysed(session, consultation)
    browser = sign_in(moderator)
    page = browser.get(f"/review/{own.id}").text
    assert "Mark as agreeing" not in page
    token = pressed(page, having="csrf_token")["csrf_token"]
    others = {"csrf_token": token, "verdict": "agrees"}
    assert browser.post(f"/review/{own.id}/contradiction", data=others).status_code in (403, 409, 422)
