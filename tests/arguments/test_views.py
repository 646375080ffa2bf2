from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import queries, service
from consult.arguments.model import Argument, Claim
from consult.core.web.access import Role
from consult.submissions.model import State
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, claim, follow, groups, holding, propose, said
from tests.counting import statements
from tests.filing import comment, decide, file

SignIn = Callable[[Any], FlaskClient]


def page(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def test_anybody_reads_the_arguments_that_a_person_named(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS)
    found = holding(session, row, NEEDLES[0])
    service.name_argument(
        session, argument_id=found.id, by=factories.account(session, Role.ADMIN), words="Fund the exchange"
    )
    shown = page(client, f"/c/{row.slug}/arguments")
    assert "Fund the exchange" in shown
    assert "3 submissions" in shown
    other = holding(session, row, PRISONS[0])
    assert other.label not in shown
    assert f"arguments/{other.id}" not in shown, "nobody has checked it"
    assert other.label not in page(client, f"/c/{row.slug}/arguments/{other.id}")
    one = page(client, f"/c/{row.slug}/arguments/{found.id}")
    assert all(words in one for words in NEEDLES)
    assert "read in context" in one


def test_words_taken_down_are_on_no_page(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    filed = file(session, row, NEEDLES[0], published=True)
    said(session, row, *NEEDLES[1:])
    found = holding(session, row, NEEDLES[0])
    decide(session, filed, State.WITHHELD, "off_topic")
    assert NEEDLES[0] not in page(client, f"/c/{row.slug}/arguments/{found.id}")
    assert NEEDLES[0] not in page(client, f"/c/{row.slug}/arguments")


def test_the_address_of_a_merged_argument_leads_on(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS)
    one, other = holding(session, row, NEEDLES[0]), holding(session, row, PRISONS[0])
    service.merge(session, argument_id=one.id, into_id=other.id, by=factories.account(session, Role.ADMIN))
    answer = client.get(f"/c/{row.slug}/arguments/{one.id}")
    assert (answer.status_code, answer.location) == (302, f"/c/{row.slug}/arguments/{other.id}")
    assert client.get(f"/c/elsewhere/arguments/{other.id}").status_code == 404


def test_a_moderator_names_parts_and_merges_by_forms(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    browser = sign_in(factories.account(session, Role.MODERATOR, display_name="Tomas"))
    found = holding(session, row, NEEDLES[0])
    here = f"/desk/arguments/{found.id}"
    assert f"requests?key={found.id}" in page(browser, f"/desk/c/{row.slug}/workbench/requests")
    assert browser.post(f"{here}/name", data={"name": ""}).status_code == 422
    assert browser.post(f"{here}/name", data={"name": "Fund it"}).status_code == 303
    chosen = {"claim": [claim(session, NEEDLES[1]).id], "to": "new", "words": "It spreads"}
    answer = browser.post(f"{here}/statements", data=chosen)
    assert answer.status_code == 303
    assert groups(session, row) == {frozenset(NEEDLES) - {NEEDLES[1]}, frozenset({NEEDLES[1]})}
    made = answer.location.rpartition("/")[2]
    assert browser.post(f"/desk/arguments/{made}/merge", data={"into": str(found.id)}).status_code == 303
    assert groups(session, row) == {frozenset(NEEDLES)}
    shown = page(browser, here)
    assert all(word in shown for word in ("Fund it", "Named", "Split", "Merged", "Tomas"))


def test_a_form_without_statements_says_so(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    browser = sign_in(factories.account(session, Role.ADMIN))
    answer = browser.post(
        f"/desk/arguments/{holding(session, row, NEEDLES[0]).id}/statements", data={"to": "out", "words": ""}
    )
    assert answer.status_code == 422
    assert "Choose at least one excerpt." in answer.text


def test_statements_in_no_argument_are_listed_and_put_into_one(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    alone = "The budget chapter is silent about rural clinics."
    said(session, row, *NEEDLES, alone)
    browser = sign_in(factories.account(session, Role.ADMIN))
    address = f"/desk/arguments/of/{row.slug}/unplaced?at=chp_1__para_1"
    assert alone in page(browser, address)
    assert browser.post(address, data={"to": "new", "words": "Rural clinics"}).status_code == 422
    number = claim(session, alone).id
    assert browser.post(address, data={"to": "new", "words": "Rural clinics", "claim": [number]}).status_code == 303
    session.expire_all()
    assert holding(session, row, alone).name == "Rural clinics"
    assert "All excerpts are in an argument" in page(browser, address)


def test_another_policymaker_reads_but_changes_nothing(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    found = holding(session, row, NEEDLES[0])
    browser = sign_in(factories.account(session, Role.POLICYMAKER))
    assert "Save name" not in page(browser, f"/desk/arguments/{found.id}")
    browser.post(f"/desk/arguments/{found.id}/name", data={"name": "Mine"})
    assert browser.post(f"/desk/arguments/of/{row.slug}/propose").status_code == 403
    assert session.get_one(Argument, found.id, populate_existing=True).name is None


def test_pages_ask_the_same_however_much_there_is(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    row = factories.consultation(session, questions=2)
    said(session, row, *NEEDLES)
    found = holding(session, row, NEEDLES[0])
    browser = sign_in(factories.account(session, Role.ADMIN))
    public = (f"/c/{row.slug}/arguments", f"/c/{row.slug}/arguments/{found.id}")
    staff = (f"/desk/arguments/{found.id}", f"/desk/arguments/of/{row.slug}/unplaced")

    def count(browser: FlaskClient, address: str) -> int:
        with statements() as seen:
            page(browser, address)
        return len(seen)

    [count(client, address) for address in public]
    few = [count(client, one) for one in public], [count(browser, one) for one in staff]
    for number in range(8):
        for words in (*NEEDLES, *PRISONS):
            on = ("1.1", "1.2", "2.1")[number % 3]
            file(session, row, comment(session, row, f"{words} Number {number}.", on, "support"), published=True)
    follow(session, row)
    for place in queries.list_places(session, row.id):
        propose(session, row, place)
    assert session.scalars(select(Argument).where(Argument.stance == "support")).first() is not None
    assert ([count(client, one) for one in public], [count(browser, one) for one in staff]) == few
    assert max(few[0]) <= 6
    assert max(few[1]) <= 10


def test_an_argument_on_a_question_shows_no_stance_for_nobody_could_say_one(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row = factories.consultation(session, questions=1)
    for words in NEEDLES:
        file(session, row, answers={0: words}, published=True)
    for words in PRISONS:
        file(session, row, comment(session, row, words, stance=None), published=True)
    follow(session, row)
    for place in queries.list_places(session, row.id):
        propose(session, row, place)
    asked, on_draft = (
        session.scalars(select(Argument).where(Argument.place.startswith("q") == on, Argument.statements > 0)).first()
        for on in (True, False)
    )
    assert asked
    assert on_draft
    staff = sign_in(factories.account(session, Role.ADMIN))
    for number, said_so in ((asked.id, False), (on_draft.id, True)):
        desk = f"/desk/arguments/{number}"
        for address in (f"/c/{row.slug}/arguments/{number}", desk, f"{desk}/answer"):
            assert ("Not stated" in page(staff, address)) is said_so, address
    for place in (asked.place, on_draft.place):
        assert "Not stated" not in page(staff, f"/c/{row.slug}/arguments?at={place}")


def test_where_all_is_on_one_place_it_is_named_once(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    found = holding(session, row, NEEDLES[0])
    staff = sign_in(factories.account(session, Role.ADMIN))

    def named(address: str) -> int:
        return page(staff, address).split("<main")[1].count(">Paragraph 1.1<")

    unplaced = f"/desk/arguments/of/{row.slug}/unplaced"
    public, desk = f"/c/{row.slug}/arguments/{found.id}", f"/desk/arguments/{found.id}"
    for address in (public, desk):
        assert named(address) == 1, address
    assert named(f"{desk}/answer") == 2, "above the argument, and above the words that it is about"
    service.remove_statements(session, argument_id=found.id, by=factories.account(session, Role.ADMIN), claim_ids=list(
        session.scalars(select(Claim.id).where(Claim.argument_id == found.id))))  # fmt: skip
    session.commit()
    assert named(unplaced) == len(NEEDLES)
    assert named(f"{unplaced}?at={found.place}") == 1
