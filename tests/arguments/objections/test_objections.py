"""An author says "that is not my point": by link or by seven words; it is looked at, and the outcome told."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.arguments import service
from consult.arguments.model import Argument, Claim
from consult.arguments.objections import queries
from consult.arguments.objections import service as objections
from consult.arguments.objections.model import ArgumentObjection, ObjectionOutcome
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.submissions import contacts, return_codes
from consult.submissions import service as submissions
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import Submitter
from consult.trace import erasure, export
from tests import factories, filing
from tests.accounts.letters import letters
from tests.arguments.speaking import NEEDLES, PRISONS, claim, follow, holding, said
from tests.counting import statements
from tests.forms import pressed
from tests.locks import wait_until_somebody_waits
from tests.submissions.test_traceless import come_back

SAYS = "I speak of <b>prisons</b> only."
REASON = "It says the same as the others, in our reading."
Mine = tuple[Consultation, Submission]
SignIn = Callable[[Any], FlaskClient]


def filed(session: Session, row: Consultation, words: str, code: str | None = None, email: str = "") -> Submission:
    by = Submitter(name_rule=NameRule.NONE, language="en", email=email)
    made = submissions.file(
        session, consultation=row, key=words, by=by, code=code, comments=[filing.comment(session, row, words)]
    )
    filing.decide(session, made, State.PUBLISHED)
    return made


@pytest.fixture
def mine(session: Session) -> Mine:
    """One of the three who speak of needles gave an address."""
    row = factories.consultation(session, no_identity=True)
    made = filed(session, row, NEEDLES[0], email="ada@example.org")
    said(session, row, *NEEDLES[1:], *PRISONS)
    return row, made


@pytest.fixture
def person(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def private(row: Submission) -> str:
    return f"/r/{row.reference}/{submissions.author_secret(row)}"


def stored(session: Session) -> ArgumentObjection:
    session.expire_all()
    return session.scalars(select(ArgumentObjection).order_by(ArgumentObjection.id.desc()).limit(1)).one()


def object_to(session: Session, client: FlaskClient, made: Submission, words: str = SAYS) -> str:
    number = claim(session, NEEDLES[0]).id
    answered = client.post(f"{private(made)}/not-my-point", data={"statement": number, "words": words})
    assert answered.status_code == 303, answered.text
    return html.unescape(client.get(private(made)).text)


def decide(session: Session, desk: FlaskClient, row: Consultation, **data: Any) -> int:
    return desk.post(f"/desk/arguments/of/{row.slug}/objections/{stored(session).id}", data=data).status_code


def test_an_author_says_with_one_button_that_a_point_is_not_theirs_and_only_they_are_offered_it(
    session: Session, client: FlaskClient, mine: Mine
) -> None:
    _row, made = mine
    assert "Not my point?" not in client.get(f"/r/{made.reference}").text
    page = client.get(private(made)).text
    assert "Not my point?" in page
    after = object_to(session, client, made, "")
    assert "You said this is not your point. The team will check your objection." in after
    assert "<summary>Not my point?" not in after
    assert stored(session).sealed is None


def test_what_they_say_is_sealed_and_read_only_by_those_who_work_on_arguments(
    session: Session, client: FlaskClient, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    object_to(session, client, made)
    assert SAYS.encode() not in bytes(stored(session).sealed or b"")
    desk = sign_in(person)
    assert "1 open objection" in desk.get(f"/desk/c/{row.slug}/workbench/requests").text
    listed = desk.get(f"/desk/arguments/of/{row.slug}/objections").text
    assert html.escape(SAYS) in listed
    assert NEEDLES[0] in listed
    stranger = sign_in(factories.account(session, Role.POLICYMAKER))
    assert stranger.get(f"/desk/arguments/of/{row.slug}/objections").status_code == 403
    assert decide(session, stranger, row, do="agree") == 403
    assert export.submission_record(session, made)["not_my_point"][0]["words"] == SAYS


def test_agreed_the_statement_leaves_its_argument_and_the_author_is_told_on_the_page_and_by_letter(
    session: Session, client: FlaskClient, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    object_to(session, client, made)
    assert decide(session, sign_in(person), row, do="agree", to="out", words="You are right.") == 303
    assert stored(session).outcome is ObjectionOutcome.TAKEN_OUT
    assert (claim(session, NEEDLES[0]).argument_id, claim(session, NEEDLES[0]).kept) == (None, True)
    assert holding(session, row, NEEDLES[1]).voices == 2
    page = html.unescape(client.get(private(made)).text)
    assert "We removed the excerpt from that argument." in page
    assert "You are right." in page
    (letter,) = [one for one in letters(session) if "your objection" in one.subject]
    assert letter.to == "ada@example.org"
    assert "You are right." in letter.text
    assert queries.count_open(session, row.id) == 0


def test_agreed_it_can_go_to_another_argument_of_the_place(
    session: Session, client: FlaskClient, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    object_to(session, client, made)
    to = holding(session, row, PRISONS[0])
    service.name_argument(session, argument_id=to.id, by=person, words="Naloxone on release")
    session.commit()
    assert decide(session, sign_in(person), row, do="agree", to=str(to.id)) == 303
    assert (stored(session).outcome, stored(session).moved_to_id) == (ObjectionOutcome.MOVED, to.id)
    assert claim(session, NEEDLES[0]).argument_id == to.id
    page = html.unescape(client.get(private(made)).text)
    assert "We moved the excerpt to another argument." in page
    assert "Naloxone on release" in page
    assert "Not my point?" in page, "the other argument may be wrong too"


def test_it_stays_only_for_a_reason_that_is_told_and_is_not_asked_again(
    session: Session, client: FlaskClient, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    object_to(session, client, made)
    desk = sign_in(person)
    assert decide(session, desk, row, do="leave", words="  ") == 422
    assert stored(session).outcome is None
    assert decide(session, desk, row, do="leave", words=REASON) == 303
    assert claim(session, NEEDLES[0]).argument_id == holding(session, row, NEEDLES[1]).id
    page = html.unescape(client.get(private(made)).text)
    assert REASON in page
    assert "<summary>Not my point?" not in page
    object_to(session, client, made, "Again.")
    assert session.query(ArgumentObjection).count() == 1
    assert decide(session, desk, row, do="agree", to="out") == 303
    assert stored(session).outcome is ObjectionOutcome.LEFT, "answered once"


def test_each_author_of_a_text_is_heard_and_told_and_what_they_say_is_decided_together(
    session: Session, client: FlaskClient, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    copy = filed(session, row, NEEDLES[0] + " ", email="bo@example.org")
    follow(session, row)
    object_to(session, client, made)
    after = object_to(session, client, copy, "Nor do I mean that.")
    assert "You said this is not your point. The team will check your objection." in after
    object_to(session, client, copy, "Nor do I mean that, I say.")
    assert session.query(ArgumentObjection).count() == 2
    desk = sign_in(person)
    listed = html.unescape(desk.get(f"/desk/arguments/of/{row.slug}/objections").text)
    assert listed.count('<li class="item"') == 1
    assert "2 authors of these words object" in listed
    assert SAYS in listed
    assert "Nor do I mean that." in listed
    assert queries.count_outcomes(session, row.id) == queries.ObjectionCounts(1, 0, 0), "one statement"
    assert decide(session, desk, row, do="leave", words=REASON) == 303
    assert {one.outcome for one in session.scalars(select(ArgumentObjection))} == {ObjectionOutcome.LEFT}
    for each in (made, copy):
        assert REASON in html.unescape(client.get(private(each)).text)
    told = [one.to for one in letters(session) if "your objection" in one.subject]
    assert sorted(told) == ["ada@example.org", "bo@example.org"]
    assert queries.count_outcomes(session, row.id) == queries.ObjectionCounts(1, 0, 1)


def test_an_author_who_comes_after_the_answer_to_another_is_heard_too(
    session: Session, client: FlaskClient, mine: Mine, person: Account
) -> None:
    row, made = mine
    copy = filed(session, row, NEEDLES[0] + " ")
    follow(session, row)
    object_to(session, client, made)
    objections.leave(session, objection_id=stored(session).id, by=person, words=REASON)
    session.commit()
    object_to(session, client, copy, "I see it otherwise.")
    assert queries.count_open(session, row.id) == 1
    assert objections.unseal_words(stored(session), copy) == "I see it otherwise."


def test_only_ones_own_published_words_can_be_objected_to_and_at_most_in_500_characters(
    session: Session, client: FlaskClient, mine: Mine
) -> None:
    _row, made = mine
    other = claim(session, PRISONS[0]).id
    assert client.post(f"{private(made)}/not-my-point", data={"statement": other}).status_code == 404
    assert client.post(f"/r/{made.reference}/wrong/not-my-point", data={"statement": other}).status_code == 404
    own = claim(session, NEEDLES[0]).id
    long = client.post(f"{private(made)}/not-my-point", data={"statement": own, "words": "x" * 501})
    assert long.status_code == 422
    assert "x" * 501 in long.text
    with pytest.raises(Refusal):
        objections.file(session, made, claim_id=own, words="x" * 501)
    assert session.query(ArgumentObjection).count() == 0


def test_a_holder_of_seven_words_says_it_without_a_script_and_reads_the_outcome(
    session: Session, client: FlaskClient, person: Account
) -> None:
    row, code = factories.consultation(session, no_identity=True), return_codes.new_code()
    filed(session, row, NEEDLES[0], code)
    said(session, row, *NEEDLES[1:])
    page = come_back(client, code)
    assert "Not my point?" in page.text
    data = pressed(page.text, ("do", "not-my-point"))
    after = client.post("/return/do", data={**data, "words": SAYS})
    assert after.status_code == 200
    assert "Set-Cookie" not in after.headers
    assert "The team will check your objection. The result will appear here." in after.text
    objections.leave(session, objection_id=stored(session).id, by=person, words=REASON)
    session.commit()
    assert REASON in come_back(client, code).text
    assert letters(session) == []


def test_nobody_decides_on_what_they_sent_themselves(session: Session, mine: Mine, person: Account) -> None:
    _row, made = mine
    made.account_id = person.id
    session.flush()
    objection = objections.file(session, made, claim_id=claim(session, NEEDLES[0]).id)
    with pytest.raises(Forbidden):
        objections.agree(session, objection_id=objection.id, by=person, to_id=None)


@pytest.mark.parametrize("theirs", ["organisation", "address"])
def test_nobody_decides_on_what_their_organisation_or_their_address_sent(
    session: Session, sign_in: SignIn, mine: Mine, person: Account, theirs: str
) -> None:
    row, made = mine
    if theirs == "organisation":
        it = factories.organisation(session)
        session.add(Membership(account_id=person.id, organisation_id=it.id, owner=False, since=now()))
        made.organisation_id = it.id
    else:
        by = Submitter(name_rule=NameRule.NONE, language="en", email=unseal(person.email_sealed))
        contact = contacts.keep_contact(session, by)
        assert contact
        made.contact_id = contact.id
    objection = objections.file(session, made, claim_id=claim(session, NEEDLES[0]).id)
    session.commit()
    for decision in (
        lambda: objections.agree(session, objection_id=objection.id, by=person, to_id=None),
        lambda: objections.leave(session, objection_id=objection.id, by=person, words=REASON),
    ):
        with pytest.raises(Forbidden):
            decision()
    listed = sign_in(person).get(f"/desk/arguments/of/{row.slug}/objections").text
    assert "You or your organisation sent this submission" in listed
    assert 'name="do"' not in listed
    objections.leave(session, objection_id=objection.id, by=factories.account(session, Role.MODERATOR), words=REASON)


def beside(app: Flask, session: Session, act: Callable[[Session], object]) -> list[str]:
    """Return the outcome of a call that runs while another transaction is open."""
    outcome: list[str] = []

    def run() -> None:
        with app.app_context():
            try:
                act(db.session())
                db.session.commit()
                outcome.append("done")
            except Refusal as refusal:
                outcome.append(type(refusal).__name__)
            finally:
                db.session.remove()

    other = threading.Thread(target=run)
    other.start()
    wait_until_somebody_waits()
    session.commit()
    other.join()
    session.expire_all()
    return outcome


def test_an_objection_that_comes_while_its_submission_is_erased_is_not_kept(
    app: Flask, session: Session, mine: Mine
) -> None:
    _row, made = mine
    number, statement = made.id, claim(session, NEEDLES[0]).id
    session.commit()
    erasure.erase(session, made)

    def file(other: Session) -> None:
        objections.file(other, other.get_one(Submission, number), claim_id=statement, words=SAYS)

    assert beside(app, session, file) == ["NotFound"]
    assert session.query(ArgumentObjection).count() == 0


def test_an_answer_that_comes_while_the_submission_is_erased_tells_nothing(
    app: Flask, session: Session, mine: Mine, person: Account
) -> None:
    _row, made = mine
    objection, by = objections.file(session, made, claim_id=claim(session, NEEDLES[0]).id).id, person.id
    session.commit()
    erasure.erase(session, made)

    def leave(other: Session) -> None:
        objections.leave(other, objection_id=objection, by=other.get_one(Account, by), words=REASON)

    assert beside(app, session, leave) == ["Conflict"]
    left = stored(session)
    assert (left.outcome, left.answer) == (ObjectionOutcome.LAPSED, "")
    assert [one for one in letters(session) if "your objection" in one.subject] == []


def test_what_is_no_longer_said_waits_for_nobody(session: Session, mine: Mine, person: Account) -> None:
    row, made = mine
    number = claim(session, NEEDLES[0]).id
    objection = objections.file(session, made, claim_id=number)
    filing.decide(session, made, State.WITHDRAWN)
    follow(session, row)
    assert session.get(Claim, number) is None
    assert queries.count_open(session, row.id) == 0
    session.refresh(objection)
    with pytest.raises(Conflict):
        objections.leave(session, objection_id=objection.id, by=person, words=REASON)
    with pytest.raises(NotFound):
        objections.file(session, made, claim_id=number)


def test_what_somebody_moved_meanwhile_stays_where_it_is(session: Session, mine: Mine, person: Account) -> None:
    row, made = mine
    one = claim(session, NEEDLES[0])
    objection = objections.file(session, made, claim_id=one.id)
    here, to = holding(session, row, NEEDLES[0]), holding(session, row, PRISONS[0])
    service.move_statements(session, argument_id=here.id, claim_ids=[one.id], to_id=to.id, by=person)
    objections.agree(session, objection_id=objection.id, by=person, to_id=None)
    assert (objection.outcome, objection.moved_to_id) == (ObjectionOutcome.MOVED, to.id)
    assert claim(session, NEEDLES[0]).argument_id == to.id


def test_counts_say_how_many_said_so_and_what_became_of_it(session: Session, mine: Mine, person: Account) -> None:
    row, made = mine
    assert queries.count_outcomes(session, row.id) == queries.ObjectionCounts(0, 0, 0)
    objection = objections.file(session, made, claim_id=claim(session, NEEDLES[0]).id)
    assert queries.count_outcomes(session, row.id) == queries.ObjectionCounts(1, 0, 0)
    objections.agree(session, objection_id=objection.id, by=person, to_id=None)
    assert queries.count_outcomes(session, row.id) == queries.ObjectionCounts(1, 1, 0)


def test_the_list_asks_the_database_as_often_for_many_objections(
    session: Session, sign_in: SignIn, mine: Mine, person: Account
) -> None:
    row, made = mine
    desk, address = sign_in(person), f"/desk/arguments/of/{row.slug}/objections"
    objections.file(session, made, claim_id=claim(session, NEEDLES[0]).id)
    session.commit()
    desk.get(address)
    with statements() as few:
        desk.get(address)
    for words in (*NEEDLES[1:], *PRISONS):
        its = session.get_one(Submission, claim(session, words).submission_id)
        objections.file(session, its, claim_id=claim(session, words).id)
    session.commit()
    with statements() as many:
        desk.get(address)
    assert len(many) == len(few)
    assert session.scalars(select(Argument)).first()
