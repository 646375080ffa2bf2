"""Answers on pages: the form that keeps what was typed, the check, the public's page, the lists and their numbers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.core.clock import now
from consult.core.errors import Forbidden, NotFound
from consult.core.web.access import Role
from consult.responses import answer_queries, owed_queries, pages, queries, service
from consult.responses.model import AnswerOutcome, Obligation, Response
from consult.responses.service import OtherAnsweredMeanwhile, ProposedAnswer
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.counting import statements
from tests.factories import publish_next
from tests.responses.answering import LEADS, PROMISED, REASONS, answer, argued, entries, owner, provision

SignIn = Callable[[Any], FlaskClient]
_HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")[^>]*name="(\w+)"[^>]*value="([^"]*)"')


def page(browser: FlaskClient, address: str, status: int = 200) -> str:
    answered = browser.get(address)
    assert answered.status_code == status, answered.status_code
    return html.unescape(answered.text)


def hidden(text: str) -> dict[str, Any]:
    """The hidden fields of the form on the check page; fields of the same name as a list."""
    found: dict[str, Any] = {}
    for name, value in _HIDDEN.findall(text[text.index("<main") :]):
        found.setdefault(name, []).append(html.unescape(value))
    return {name: values if name in ("due_on", "action_due") else values[0] for name, values in found.items()}


def many(session: Session, consultation_id: int, n: int) -> None:
    """Arguments of one submission less each, so that their order is known."""
    for number in range(n):
        session.add(Argument(
            consultation_id=consultation_id, place="chp_1__para_1", stance="concern", name=f"Argument {number}",
            phrases=[], kept=True, submissions=100 - number // 2, statements=1, made_at=now(),
        ))  # fmt: skip
    session.commit()


def test_a_policymaker_answers_by_one_form_and_checks_it_first(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    browser = sign_in(owner(session, row))
    here = f"/desk/arguments/{argument.id}/answer"
    assert here in page(browser, f"/desk/arguments/{argument.id}")
    day = now() + timedelta(days=99)
    given = {"stands": "", "outcome": "deferred", "reasons": "Later, & with <care>.\nTwo lines.", "do": "check",
             "due_on": ["3", str(day.month), str(day.year)], "change": ""}  # fmt: skip
    checked = browser.post(here, data=given)
    assert checked.status_code == 200
    assert f"3 {day:%B %Y}" in checked.text
    assert "Later, &amp; with &lt;care&gt;." in checked.text
    assert entries(session) == [], "what is only checked is not published"
    kept = hidden(checked.text)
    assert kept["due_on"] == ["3", str(day.month), str(day.year)]
    changing = browser.post(here, data=kept | {"do": "change"})
    assert changing.status_code == 200
    assert "Two lines.</textarea>" in changing.text
    assert browser.post(here, data=kept | {"do": "publish"}).status_code == 303
    assert entries(session) == [("response.given", {"outcome": "deferred"})]
    assert session.scalars(select(Response.reasons)).one() == "Later, & with <care>.\nTwo lines."
    shown = page(browser, here)
    assert "Due by" not in shown
    assert f"until 3 {day:%B %Y}" in shown


def test_what_was_typed_is_kept_where_something_is_missing(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    browser = sign_in(owner(session, row))
    here = f"/desk/arguments/{argument.id}/answer"
    for do in ("check", "publish"):
        bare = browser.post(here, data={**LEADS, "outcome": "accepted", "reasons": " ", "do": do, "stands": ""})
        assert bare.status_code == 422
        assert "An answer cannot be published without them." in bare.text
        assert re.search(r'<input[^>]* checked[^>]*value="accepted"', bare.text)
    late = {
        "outcome": "deferred",
        "reasons": "What I typed.",
        "due_on": ["1", "1", "2001"],
        "do": "check",
        "stands": "",
    }
    refused = browser.post(here, data=late)
    assert refused.status_code == 422
    assert "Choose a day in the future." in refused.text
    assert "What I typed.</textarea>" in refused.text
    assert (
        browser.post(here, data={"outcome": "maybe", "reasons": "x", "do": "publish", "stands": ""}).status_code == 422
    )
    assert session.scalar(select(func.count()).select_from(Response)) == 0


def test_whoever_comes_second_sees_the_other_answer_and_keeps_their_words(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    browser = sign_in(owner(session, row))
    here = f"/desk/arguments/{argument.id}/answer"
    answer(session, argument, reasons="The first words.")
    mine = {"outcome": "not_accepted", "reasons": "My own words.", "do": "publish", "stands": ""}
    told = browser.post(here, data=mine)
    assert told.status_code == 409
    assert "Someone else answered first" in told.text
    assert "My own words.</textarea>" in told.text
    assert "The first words." in told.text
    assert len(entries(session)) == 1
    seen = dict(_HIDDEN.findall(told.text[told.text.index("<main") :]))["stands"]
    assert browser.post(here, data=mine | {"stands": seen}).status_code == 303
    shown = page(browser, f"/c/{row.slug}/arguments/{argument.id}")
    assert shown.index("My own words.") < shown.index("Earlier answer, until") < shown.index("The first words.")


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.MODERATOR, Role.POLICYMAKER])
def test_nobody_else_answers(session: Session, sign_in: SignIn, role: Role) -> None:
    _row, argument = argued(session)
    browser = sign_in(factories.account(session, role))
    given = {**LEADS, "outcome": "accepted", "reasons": "Mine.", "do": "publish", "stands": ""}
    for path, form in (("answer", given), ("owner", {"owner": ""})):
        assert browser.post(f"/desk/arguments/{argument.id}/{path}", data=form).status_code == 403
    reads = browser.get(f"/desk/arguments/{argument.id}/answer")
    assert reads.status_code == (200 if role is Role.POLICYMAKER else 403)
    assert "Check the answer" not in reads.text
    assert entries(session) == []


def test_an_answer_can_be_asked_of_another_policymaker(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    other = factories.account(session, Role.POLICYMAKER, display_name="Rosa")
    browser = sign_in(owner(session, row))
    saved = browser.post(f"/desk/arguments/{argument.id}/owner", data={"owner": str(other.id)})
    assert saved.status_code == 303
    assert session.scalars(select(Obligation.owner_id)).one() == other.id
    assert browser.post(f"/desk/arguments/{argument.id}/owner", data={"owner": "999999"}).status_code == 422
    typed = {"owner": "", "outcome": "in_part", "reasons": "Half of it, because", "stands": ""}
    kept = browser.post(f"/desk/arguments/{argument.id}/owner", data=typed)
    assert "Half of it, because" in kept.text
    assert session.scalars(select(Obligation.owner_id)).all() == []
    browser.post(f"/desk/arguments/{argument.id}/owner", data={**typed, "owner": str(other.id)})
    theirs = sign_in(other)
    listed = page(theirs, f"/desk/consultations/{row.id}/answers?show=mine")
    assert f"/desk/arguments/{argument.id}/answer" in listed
    assert len(re.findall(r"/desk/arguments/\d+/answer", listed)) == 1
    assert "Rosa" in listed
    assert "Check the answer" in page(theirs, f"/desk/arguments/{argument.id}/answer")


def test_the_public_reads_the_answer_with_what_it_points_to(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session, answer_by=(now() - timedelta(days=2)).date())
    address = f"/c/{row.slug}/arguments/{argument.id}"
    assert "Overdue since" in page(client, address)
    text = "# Plan\n\n## 1 Chapter 1\n\n1.1 Each State shall pay.\n\n1.2 Each State shall do what paragraph 1.2 says.\n"
    second = publish_next(session, row, text)
    answer(session, argument, change=(second.id, provision(session, second, "1.1")))
    shown = page(client, address)
    assert "Overdue since" not in shown
    assert all(words in shown for words in ("Accepted", REASONS, row.body))
    link = re.search(r'href="([^"]+)">See changes to 1.1 in version 2', shown)
    assert link
    path, _hash, anchor = link[1].partition("#")
    assert f'id="{anchor}"' in page(client, path)


def test_answers_lists_open_from_their_numbers_and_add_up(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session, answer_by=(now() - timedelta(days=2)).date())
    other = holding(session, row, PRISONS[0])
    address = f"/c/{row.slug}/outcome"
    assert "Waiting for an answer" in page(client, address), "what waits is shown while nothing is answered"
    answer(session, argument)
    many(session, row.id, 60)
    shown = page(client, address)
    assert REASONS in shown
    assert f"arguments/{other.id}" not in shown
    numbers = dict(re.findall(r'\?show=(\w+)">([\d,]+)<', shown))
    assert numbers == {"answered": "1", "waiting": "61", "overdue": "61"}
    for show, n in [*numbers.items(), ("accepted", "1")]:
        seen: list[str] = []
        step: str | None = f"{address}?show={show}"
        while step:
            text = page(client, step)
            seen += re.findall(r'<li class="comment" id="a(\d+)"', text)
            further = re.search(r'href="([^"]+)" rel="next"', text)
            step = further[1] if further else None
        assert len(seen) == len(set(seen)) == int(n), show
    assert client.get(f"{address}?show=mine").status_code == 404
    assert client.get(f"{address}?show=nothing").status_code == 404
    assert client.get(f"{address}?after=WzFd").status_code == 404


def test_what_was_deferred_to_a_day_that_has_passed_is_waited_for_again(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    answer(session, argument)
    answer(session, other, outcome="deferred", due_on=(now() + timedelta(days=5)).date())
    address, desk = f"/c/{row.slug}/outcome", f"/desk/consultations/{row.id}/answers"
    browser = sign_in(owner(session, row))

    def numbers() -> list[dict[str, str]]:
        shown = page(client, address), page(browser, desk)
        return [dict(re.findall(r'\?show=(\w+)">(?:<span[^>]*>)?([\w ]+)<', text)) for text in shown]

    for found in numbers():
        assert (found["answered"], found["waiting"], found["overdue"]) == ("2", "0", "0")
        assert "deferred" in found
    form = page(browser, f"/desk/arguments/{other.id}/answer")
    assert re.search(r'<textarea[^>]*name="reasons"[^>]*>\s*</textarea>', form), "why it was deferred is no reason now"
    with time_machine.travel(now() + timedelta(days=6), tick=False):
        for found in numbers():
            assert (found["answered"], found["waiting"], found["overdue"]) == ("1", "1", "1")
            assert "deferred" not in found
        for show in ("waiting", "overdue"):
            assert re.findall(r'<li class="comment" id="a(\d+)"', page(client, f"{address}?show={show}")) == [
                str(other.id)
            ]
        for show in ("answered", "accepted"):
            assert f"a{other.id}" not in page(client, f"{address}?show={show}")
        assert "Nothing in this list" in page(client, f"{address}?show=deferred")
        one = page(client, f"/c/{row.slug}/arguments/{other.id}")
        assert "Overdue since" in one
        assert "until " not in one
        overview = page(client, f"/c/{row.slug}/arguments")
        assert "Accepted" in overview
        assert "Deferred" not in overview
        assert [one.argument.id for one in queries.list_recent(session, 3)] == [argument.id]


def test_what_most_say_waits_first(session: Session) -> None:
    row, _argument = argued(session)
    many(session, row.id, 60)
    first = pages.get_desk_page(session, row.id, show=None, after=None, by=owner(session, row))
    second = pages.get_desk_page(session, row.id, show=None, after=first.items.next_cursor, by=owner(session, row))
    sizes = [item.argument.submissions for item in (*first.items.items, *second.items.items)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 100
    assert not {one.argument.id for one in first.items.items} & {one.argument.id for one in second.items.items}


def test_a_draft_consultation_has_no_answers_page(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    row = factories.consultation(session, phase="draft")
    assert client.get(f"/c/{row.slug}/outcome").status_code == 404
    assert sign_in(owner(session, row)).get(f"/desk/consultations/{row.id}/answers").status_code == 404


def test_pages_ask_the_same_however_much_is_answered(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    row, argument = argued(session)
    admin = factories.account(session, Role.ADMIN)
    first = answer(session, argument, by=admin)
    browser = sign_in(admin)
    public = (f"/c/{row.slug}/outcome", f"/c/{row.slug}/outcome?show=waiting", f"/c/{row.slug}/arguments/{argument.id}")
    staff = (f"/desk/consultations/{row.id}/answers", f"/desk/arguments/{argument.id}/answer")

    def counted() -> list[int]:
        found = []
        for who, addresses in ((client, public), (browser, staff)):
            for address in addresses:
                with statements() as seen:
                    page(who, address)
                found.append(len(seen))
        return found

    counted()
    few = counted()
    many(session, row.id, 40)
    for each in session.scalars(select(Argument).where(Argument.name.startswith("Argument 1"))).all():
        answer(session, each, by=admin)
    for words in ("Once more.", "And again."):
        first = answer(session, argument, by=admin, reasons=words, seen=first.token)
    assert counted() == few
    assert max(few[: len(public)]) <= 7, few
    assert max(few) <= 11, few


def test_the_arguments_of_a_merger_show_both_answers(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    answer(session, argument, reasons="Of the first.")
    answer(session, other, reasons="Of the second.")
    arguments.merge(session, argument_id=argument.id, into_id=other.id, by=owner(session, row))
    session.commit()
    shown = page(client, f"/c/{row.slug}/arguments/{other.id}")
    assert shown.index("Of the second.") < shown.index("merged into this one") < shown.index("Of the first.")
    assert len(answer_queries.list_answers(session, other.id)) == 2


def several(session: Session) -> tuple[Any, Argument, Argument]:
    """A consultation in which two arguments wait."""
    row, argument = argued(session)
    return row, argument, holding(session, row, PRISONS[0])


def test_one_answer_is_given_to_several_arguments_each_as_its_own(session: Session, sign_in: SignIn) -> None:
    row, argument, other = several(session)
    browser, here = sign_in(owner(session, row)), f"/desk/arguments/{argument.id}/answer"
    assert "Naloxone on release" in page(browser, here)
    given = {"stands": "", **LEADS, "outcome": "accepted", "reasons": REASONS, "also": f"{other.id}:", "change": ""}
    checked = html.unescape(browser.post(here, data=given | {"do": "check"}).text)
    assert "Naloxone on release" in checked
    assert f'name="also" value="{other.id}:"' in checked
    done = browser.post(here, data=hidden(checked) | {"do": "publish"}, follow_redirects=True)
    assert "Answer published for 2 arguments." in done.text
    made = session.scalars(select(Response).order_by(Response.argument_id)).all()
    assert [one.argument_id for one in made] == sorted([argument.id, other.id])
    assert {one.reasons for one in made} == {REASONS}
    assert entries(session) == [("response.given", {"outcome": "accepted"})] * 2
    answer(session, other, outcome="not_accepted", reasons="Not this one.", seen=made[-1].token)
    assert {one.reasons for one in session.scalars(select(Response))} == {REASONS, "Not this one."}


def test_where_a_further_argument_was_answered_meanwhile_nothing_is_published(
    session: Session, sign_in: SignIn
) -> None:
    row, argument, other = several(session)
    with pytest.raises(OtherAnsweredMeanwhile):
        service.answer_arguments(
            session, argument_id=argument.id, by=owner(session, row), seen="", also={other.id: "7.1"},
            given=ProposedAnswer(AnswerOutcome.ACCEPTED, REASONS, action=PROMISED),
        )  # fmt: skip
    session.rollback()
    answer(session, other, reasons="The first words.")
    browser, here = sign_in(owner(session, row)), f"/desk/arguments/{argument.id}/answer"
    given = {
        "stands": "",
        **LEADS,
        "outcome": "accepted",
        "reasons": "My own words.",
        "also": f"{other.id}:",
        "do": "publish",
    }
    told = browser.post(here, data=given)
    assert told.status_code == 422
    assert "My own words.</textarea>" in told.text
    assert [one.reasons for one in session.scalars(select(Response))] == ["The first words."]


def test_an_argument_that_nobody_asked_of_me_is_not_answered_along(session: Session, sign_in: SignIn) -> None:
    row, argument, other = several(session)
    asked = factories.account(session, Role.POLICYMAKER)
    session.add(Obligation(
        argument_id=argument.id, owner_id=asked.id, given_by=row.owner_id, given_at=now(), told_at=None
    ))  # fmt: skip
    elsewhere, far = argued(session)
    session.commit()
    browser, here = sign_in(asked), f"/desk/arguments/{argument.id}/answer"
    assert 'name="also"' not in page(browser, here)
    given = {"stands": "", **LEADS, "outcome": "accepted", "reasons": REASONS, "do": "publish"}
    for number in (other.id, far.id):
        assert browser.post(here, data=given | {"also": f"{number}:"}).status_code == 422
    with pytest.raises(Forbidden):
        service.answer_arguments(
            session, argument_id=argument.id, by=asked, seen="", also={other.id: ""},
            given=ProposedAnswer(AnswerOutcome.ACCEPTED, REASONS, action=PROMISED),
        )  # fmt: skip
    session.rollback()
    with pytest.raises(NotFound):
        service.answer_arguments(
            session, argument_id=far.id, by=factories.account(session, Role.ADMIN), seen="", also={argument.id: ""},
            given=ProposedAnswer(AnswerOutcome.ACCEPTED, REASONS, action=PROMISED),
        )  # fmt: skip
    assert elsewhere.id != row.id


def test_further_arguments_cost_the_same_statements_however_many_wait(session: Session, sign_in: SignIn) -> None:
    row, argument = argued(session)
    browser, spent = sign_in(owner(session, row)), []
    for more in (1, 30):
        many(session, row.id, more)
        with statements() as seen:
            assert page(browser, f"/desk/arguments/{argument.id}/answer").count('name="also"') >= more
        spent.append(len(seen))
    assert spent[0] == spent[1]


def test_the_desk_names_what_to_answer_next_and_until_when(session: Session, sign_in: SignIn) -> None:
    row, argument, other = several(session)
    argument.voices, other.voices = 9, 3
    row.answer_by = (now() + timedelta(days=30)).date()
    session.commit()
    browser = sign_in(owner(session, row))
    desk = page(browser, "/desk")
    assert f'href="/desk/arguments/{argument.id}/answer"' in desk
    assert "Due in 30 days" in desk
    assert "overdue" not in desk
    put_off = answer(session, other, outcome="deferred", due_on=(now() + timedelta(days=9)).date())
    put_off.due_on = (now() - timedelta(days=2)).date()
    session.commit()
    desk = page(browser, "/desk")
    assert f'href="/desk/arguments/{other.id}/answer"' in desk, "what is overdue comes first"
    assert f'href="/desk/arguments/{argument.id}/answer"' not in desk
    assert "1 answer from you is overdue" in desk
    assert "2 days overdue" in desk
    waiting = page(browser, f"/desk/consultations/{row.id}/answers")
    assert waiting.index("2 days overdue") < waiting.index("Naloxone") < waiting.index("Due in 30 days")
    assert waiting.index("Due in 30 days") < waiting.index("Needle exchange")
    assert "Consultation owner" not in waiting
    answer(session, argument)
    answer(session, other, seen=put_off.token)
    assert "Next argument to answer" not in page(browser, "/desk")


def test_an_answer_asked_of_somebody_else_is_not_the_next_of_the_owner(session: Session, sign_in: SignIn) -> None:
    row, argument, other = several(session)
    asked = factories.account(session, Role.POLICYMAKER)
    argument.voices, other.voices = 9, 3
    session.add(Obligation(
        argument_id=argument.id, owner_id=asked.id, given_by=row.owner_id, given_at=now(), told_at=None
    ))  # fmt: skip
    session.commit()
    mine, theirs = (owed_queries.find_next_answer(session, one) for one in (owner(session, row), asked))
    assert mine is not None
    assert theirs is not None
    assert (mine.argument.id, mine.waiting, theirs.argument.id, theirs.waiting) == (other.id, 1, argument.id, 1)
    assert owed_queries.find_next_answer(session, factories.account(session, Role.POLICYMAKER)) is None


def test_a_list_by_days_goes_on_where_its_page_ended(session: Session) -> None:
    row, argument = argued(session)
    many(session, row.id, 40)
    late = session.scalars(select(Argument).where(Argument.name == "Argument 39")).one()
    made = answer(session, late, outcome="deferred", due_on=(now() + timedelta(days=9)).date())
    made.due_on = (now() - timedelta(days=2)).date()
    session.commit()
    first = queries.list_arguments(session, row, "waiting")
    rest = queries.list_arguments(session, row, "waiting", after=first.next_cursor)
    found = [one.argument.id for one in (*first.items, *rest.items)]
    assert found[0] == late.id
    assert len(found) == len(set(found)) == 42
    assert argument.id in found
