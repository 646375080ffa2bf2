"""Outcomes of an organisation's submissions: the page, its sums, its files and the e-mails."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.responses.outcomes import paper, queries
from consult.responses.outcomes.queries import AskState
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import NameRule, State, Submission
from tests import factories, filing
from tests.arguments.speaking import NEEDLES, PRISONS, holding, said
from tests.counting import statements
from tests.responses.answering import answer, name_argument
from tests.responses.test_letters import MORNING, tell

SignIn = Callable[[Any], FlaskClient]


def spoken(session: Session) -> tuple[Consultation, Organisation, Account, Submission]:
    """A consultation in which an organisation says one of the words of two named arguments."""
    row = factories.consultation(session)
    it, member = factories.organisation(session, name="Exchange Now"), factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=member.id, owner=True)
    mine = filing.file(session, row, NEEDLES[0], organisation=it.name)
    mine.organisation_id = it.id
    filing.decide(session, mine, State.PUBLISHED)
    said(session, row, *NEEDLES[1:], *PRISONS)
    for words, name in ((NEEDLES[0], "Needle exchange"), (PRISONS[0], "Naloxone on release")):
        name_argument(session, holding(session, row, words), name)
    return row, it, member, mine


def needles(session: Session, row: Consultation) -> Argument:
    return holding(session, row, NEEDLES[0])


def test_the_page_has_what_the_organisation_said_and_nothing_else(session: Session, sign_in: SignIn) -> None:
    row, it, member, mine = spoken(session)
    page = sign_in(member).get(f"/org/{it.id}/outcomes").text
    assert "Needle exchange" in page
    assert "Naloxone on release" not in page
    assert mine.reference in page
    assert "unanswered" in page
    answer(session, needles(session, row), reasons="Each State pays for it now.")
    assert "Each State pays for it now." in sign_in(member).get(f"/org/{it.id}/outcomes").text


def test_an_ask_moves_with_its_answer_and_with_its_days(session: Session) -> None:
    row, it, _member, _mine = spoken(session)
    today = now().date()

    def state() -> AskState:
        session.expire_all()
        return queries.get_page(session, it.id).consultations[0].asks[0].state

    assert state() is AskState.UNANSWERED
    row.answer_by = today - timedelta(days=1)
    session.commit()
    assert state() is AskState.LATE
    made = answer(session, needles(session, row), outcome="deferred", due_on=today + timedelta(days=9))
    assert state() is AskState.PROMISED
    answer(session, needles(session, row), outcome="not_accepted", seen=made.token)
    assert state() is AskState.NOT_ACCEPTED


def test_what_changed_the_words_is_said_with_the_version(session: Session) -> None:
    row, it, _member, _mine = spoken(session)
    version = factories.publish_next(session, row, "# Plan\n\n## 1 One\n\n1.1 Each State shall pay for it.\n")
    made = answer(session, needles(session, row))
    made.version_id = version.id
    session.commit()
    page = queries.get_page(session, it.id)
    assert (page.sums.asks, page.sums.changed, page.sums.states) == (1, 1, {"accepted": 1})
    assert paper.say_sums(page.sums) == "1 request: 1 accepted, 1 changed the text"
    assert paper.say_state(page.consultations[0].asks[0]).endswith("text changed in version 2")


def test_words_that_are_not_published_or_not_in_its_name_are_left_out(session: Session) -> None:
    row, it, _member, mine = spoken(session)
    mine.name_rule = NameRule.NONE
    session.commit()
    assert queries.get_page(session, it.id).consultations == []
    mine.name_rule = NameRule.ORGANISATION
    filing.decide(session, mine, State.WITHHELD, "hate")
    assert queries.get_page(session, it.id).consultations == []
    assert row.id


def test_an_organisation_that_joined_has_the_same_asks(session: Session) -> None:
    _row, _it, _member, mine = spoken(session)
    other = factories.organisation(session, name="River Council")
    signed = coalitions.invite(session, submission=mine, name=other.name)
    assert queries.get_page(session, other.id).sums.asks == 0
    signed.confirmed_at = now()
    session.commit()
    assert queries.get_page(session, other.id).sums.asks == 1


def test_the_page_is_public_only_where_an_owner_wishes(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    _row, it, member, _mine = spoken(session)
    plain = factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=plain.id)
    assert client.get("/o/exchange-now").status_code == 404
    asked = {"public": "y", "address": "exchange-now"}
    assert sign_in(plain).post(f"/org/{it.id}/outcomes", data=asked).status_code == 403
    assert sign_in(member).post(f"/org/{it.id}/outcomes", data=asked).status_code == 303
    for path in ("/o/exchange-now", "/o/exchange-now/outcomes.csv", "/o/exchange-now/outcomes.pdf"):
        assert client.get(path).status_code == 200
    sign_in(member).post(f"/org/{it.id}/outcomes", data={"address": "exchange-now"})
    assert client.get("/o/exchange-now").status_code == 404


def test_an_address_is_taken_once_and_what_was_typed_is_kept(session: Session, sign_in: SignIn) -> None:
    _row, it, member, _mine = spoken(session)
    factories.organisation(session, outcomes_address="exchange-now")
    for address in ("exchange-now", "Not An Address!", ""):
        refused = sign_in(member).post(f"/org/{it.id}/outcomes", data={"public": "y", "address": address})
        assert refused.status_code == 422
        assert f'value="{address}"' in refused.text


def test_the_file_has_a_row_for_each_ask_and_the_printed_report_is_a_pdf(session: Session, sign_in: SignIn) -> None:
    row, it, member, mine = spoken(session)
    answer(session, needles(session, row))
    browser = sign_in(member)
    head, *rows = csv.reader(io.StringIO(browser.get(f"/org/{it.id}/outcomes.csv").text))
    assert head == list(paper.COLUMNS)
    assert [(line[2], line[3], line[4], line[5], line[-1]) for line in rows] == [
        (mine.reference, "1.1", "Needle exchange", "accepted", "yes")
    ]
    assert browser.get(f"/org/{it.id}/outcomes.pdf").data.startswith(b"%PDF")


def test_owners_are_written_to_once_when_an_ask_is_answered(session: Session) -> None:
    row, it, _member, _mine = spoken(session)
    second = factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=second.id)
    answer(session, needles(session, row), at=MORNING - timedelta(hours=20))
    asks = [one for one in tell(session, MORNING) if "your organisation" in one.subject]
    assert len(asks) == 1
    assert f"/org/{it.id}/outcomes" in asks[0].text
    tell(session, MORNING + timedelta(hours=1))
    assert len([one for one in tell(session, MORNING + timedelta(days=1)) if "your organisation" in one.subject]) == 1


def test_an_owner_who_sent_the_words_gets_one_letter_not_two(session: Session) -> None:
    row, _it, member, mine = spoken(session)
    mine.account_id = member.id
    session.commit()
    answer(session, needles(session, row), at=MORNING - timedelta(hours=20))
    subjects = [one.subject for one in tell(session, MORNING)]
    assert len(subjects) == 1
    assert "your organisation" not in subjects[0]


def test_the_page_costs_the_same_however_many_said_it(session: Session, client: FlaskClient) -> None:
    row, it, _member, _mine = spoken(session)
    it.outcomes_address = "exchange-now"
    session.commit()
    client.get("/o/exchange-now")
    with statements() as few:
        client.get("/o/exchange-now")
    said(session, row, *(f"{NEEDLES[0]} So says town {n}." for n in range(10)))
    with statements() as many:
        client.get("/o/exchange-now")
    assert len(many) == len(few)
