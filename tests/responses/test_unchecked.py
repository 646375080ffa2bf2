"""Suggested arguments that no person has checked need no answer, and are marked wherever they appear."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.digests import service as digests
from consult.digests.count_queries import FOLLOWER as HEARD
from consult.digests.model import Cadence
from consult.digests.results import cache as results_cache
from consult.responses import answer_queries, owed_queries, queries, reminders
from consult.responses import service as responses
from consult.site import recent_changes
from consult.submissions import service as submissions
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, holding, said
from tests.filing import numbered
from tests.responses.answering import LEADS, REASONS, answer, argued, name_argument, owner
from tests.responses.test_letters import MORNING, sent, spoken, tell
from tests.responses.test_public import close

SAYS = "uggested, not checked"
Suggested = tuple[Consultation, Argument]
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def suggested(session: Session) -> Suggested:
    """A closed consultation with two suggested arguments, whose promise is past; none has a name."""
    past = {"opens_at": now() - timedelta(days=30), "closes_at": now() - timedelta(days=9), "phase": "closed"}
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS)
    for name, value in {**past, "answer_by": (now() - timedelta(days=2)).date()}.items():
        setattr(row, name, value)
    session.commit()
    return row, holding(session, row, NEEDLES[0])


def counts(session: Session, row: Consultation) -> answer_queries.AnswerCounts:
    return answer_queries.count_answers(session, {row.id: row.answer_by})[row.id]


def test_a_suggestion_waits_for_no_answer_and_is_never_overdue_until_it_is_named(
    session: Session, suggested: Suggested
) -> None:
    row, argument = suggested
    before = counts(session, row)
    assert (before.waiting, before.overdue, before.unchecked, before.kept) == (0, 0, 2, False)
    for show in ("waiting", "overdue", "answered"):
        assert queries.list_arguments(session, row, show).items == []
    name_argument(session, argument, "Needle exchange")
    after = counts(session, row)
    assert (after.waiting, after.overdue, after.unchecked) == (1, 1, 1)
    (item,) = queries.list_arguments(session, row, "overdue").items
    assert (item.argument.id, item.due, item.late) == (argument.id, row.answer_by, True)


def test_a_consultation_in_which_nobody_named_anything_still_owes_its_answer(
    session: Session, suggested: Suggested, client: FlaskClient
) -> None:
    row, argument = suggested
    assert [one.id for one in recent_changes.list_owed(session).late] == [row.id]
    ((listed, found),) = owed_queries.list_owed_by(session, owner(session, row))
    assert (listed.id, found.waiting, found.unchecked) == (row.id, 0, 2)
    name_argument(session, argument, "Needle exchange")
    answer(session, argument)
    assert recent_changes.list_owed(session).late == []
    page = html.unescape(client.get(f"/c/{row.slug}/outcome").text)
    assert "Every checked argument is answered" in page
    assert "Every argument is answered" not in page
    assert "1 more argument is suggested and not checked." in page


def test_an_answer_given_to_a_suggestion_stays_and_is_counted_once(session: Session, suggested: Suggested) -> None:
    row, argument = suggested
    answer(session, argument)
    found = counts(session, row)
    assert (found.answered, found.waiting, found.unchecked) == (1, 0, 1)
    assert [one.argument.id for one in queries.list_arguments(session, row, "answered").items] == [argument.id]


def test_nobody_is_reminded_of_a_suggestion_that_they_were_asked_to_answer_until_it_is_named(
    session: Session, suggested: Suggested
) -> None:
    row, argument = suggested
    person = factories.account(session, "policymaker")
    responses.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=person.id)
    session.commit()
    morning = now().replace(hour=9) + timedelta(days=1)
    assert reminders.write_reminders(session, at=morning) == 0
    assert owed_queries.list_owed_by(session, person) == []
    name_argument(session, argument, "Needle exchange")
    assert reminders.write_reminders(session, at=morning + timedelta(days=1)) == 1


def test_every_page_that_shows_a_suggestion_marks_it_until_it_is_named(
    session: Session, client: FlaskClient, sign_in: SignIn, suggested: Suggested
) -> None:
    row, argument = suggested
    desk = sign_in(owner(session, row))
    pages = [
        (client, f"/c/{row.slug}/arguments/{argument.id}"),
        (desk, f"/desk/arguments/{argument.id}"),
        (desk, f"/desk/arguments/{argument.id}/answer"),
    ]
    for browser, address in pages:
        assert SAYS in browser.get(address).text, address
    for address in (f"/c/{row.slug}/arguments", f"/c/{row.slug}/p/1.1"):
        assert f"arguments/{argument.id}" not in client.get(address).text, "nobody has checked it"
    assert "Needs no answer until someone names the argument" in desk.get(f"/desk/arguments/{argument.id}/answer").text
    assert "Overdue" not in client.get(f"/c/{row.slug}/arguments/{argument.id}").text
    for words in (NEEDLES[0], PRISONS[0]):
        name_argument(session, holding(session, row, words), words[:20])
    for browser, address in (pages[0], *pages[2:]):
        assert SAYS not in browser.get(address).text, address
    assert "Overdue since" in client.get(f"/c/{row.slug}/arguments/{argument.id}").text


def test_digests_and_what_we_heard_tell_an_argument_once_it_is_named(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    reader = sign_in(owner(session, row))

    def shown() -> list[str]:
        made = digests.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
        assert made
        results_cache.refresh(session, consultation_id=row.id)
        session.commit()
        pages = [client.get(f"/c/{row.slug}/said"), reader.get(f"/desk/digests/{made.id}")]
        return [html.unescape(page.text) for page in pages]

    for page in shown():
        assert SAYS not in page
        assert "Main arguments" not in page
    name_argument(session, holding(session, row, NEEDLES[0]), "Pay for needles")
    follow(session, row)
    heard, _nothing_new = shown()
    assert "Pay for needles" in heard
    assert SAYS not in heard


def test_the_file_of_answers_says_which_arguments_a_person_has_checked(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    other.name = None
    answer(session, argument)
    answer(session, other)
    lines = csv.DictReader(client.get(f"/c/{row.slug}/answers.csv").text.splitlines())
    assert sorted(line["checked"] for line in lines) == ["no", "yes"]


def lapsed(session: Session, argument: Argument) -> None:
    """Its answer was deferred to a day that has passed."""
    made = answer(session, argument, outcome="deferred", due_on=(now() + timedelta(days=3)).date())
    made.due_on = (now() - timedelta(days=1)).date()
    session.commit()


def test_an_answer_to_a_suggestion_that_was_deferred_to_a_day_that_passed_is_owed_once_it_is_named(
    session: Session, suggested: Suggested, client: FlaskClient, sign_in: SignIn
) -> None:
    row, argument = suggested
    row.answer_by = None
    lapsed(session, argument)
    before = counts(session, row)
    assert (before.answered, before.waiting, before.overdue, before.unchecked) == (0, 0, 0, 2)
    for show in ("waiting", "overdue", "answered"):
        assert queries.list_arguments(session, row, show).items == []
    reader = owner(session, row)
    person = factories.account(session, "policymaker")
    responses.assign(session, argument_id=argument.id, by=reader, owner_id=person.id)
    session.commit()
    morning = now().replace(hour=9) + timedelta(days=1)
    assert reminders.write_reminders(session, at=morning) == 0
    assert owed_queries.list_tasks(session, row.id, [reader.id, person.id], now().date()) == []
    assert owed_queries.list_owed_by(session, person) == []
    assert recent_changes.list_owed(session).late == []
    desk = sign_in(reader)
    pages = [
        (client, f"/c/{row.slug}/arguments/{argument.id}"),
        (desk, f"/desk/arguments/{argument.id}/answer"),
    ]
    for browser, address in pages:
        shown = browser.get(address).text
        assert "Overdue" not in shown, address
        assert "Needs no answer until someone names the argument" in shown, address
    assert "so the argument waits for an answer again" not in desk.get(pages[1][1]).text
    name_argument(session, argument, "Needle exchange")
    after = counts(session, row)
    assert (after.waiting, after.overdue, after.unchecked) == (1, 1, 1)
    assert [one.argument.id for one in queries.list_arguments(session, row, "overdue").items] == [argument.id]
    assert [one.waiting for one in owed_queries.list_tasks(session, row.id, [person.id], now().date())] == [1]
    assert [one.id for one in recent_changes.list_owed(session).late] == [row.id]
    for browser, address in pages:
        assert "Overdue since" in browser.get(address).text, address


def test_an_answer_to_a_suggestion_says_what_it_answers_until_it_is_named(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    mine = sent(session, row, NEEDLES[0], email="ana@example.org")
    said(session, row, *NEEDLES[1:])
    argument = holding(session, row, NEEDLES[0])
    close(session, row, 9)
    answer(session, argument, at=MORNING - timedelta(hours=20))
    HEARD.follow(session, consultation_id=row.id, until=numbered(session))
    results_cache.refresh(session, consultation_id=row.id)
    desk = sign_in(owner(session, row))
    given = {"stands": "", **LEADS, "outcome": "accepted", "reasons": REASONS, "do": "check"}
    secret = submissions.author_secret(mine)

    def shown() -> dict[str, str]:
        results_cache.refresh(session, consultation_id=row.id)
        session.commit()
        found = {
            "its author's page": client.get(f"/r/{mine.reference}/{secret}").text,
            "the home page": client.get("/").text.split("Recent answers")[1],
            "the page before it is published": desk.post(f"/desk/arguments/{argument.id}/answer", data=given).text,
            "the synopsis": client.get(f"/c/{row.slug}/synopsis").text.split("argument is answered")[1],
        }
        said = "software suggested and nobody has checked"  # the home page has room to say by whom
        return {name: html.unescape(text).replace(said, SAYS) for name, text in found.items()}

    assert [name for name, text in shown().items() if SAYS not in text] == []
    name_argument(session, argument, "Needle exchange")
    assert [name for name, text in shown().items() if SAYS in text] == []


@pytest.mark.parametrize("named", [False, True])
def test_the_letter_of_an_answer_says_whether_a_person_named_what_it_answers(session: Session, named: bool) -> None:
    _row, argument, _mine = spoken(session)
    if named:
        name_argument(session, argument, "Needle exchange")
    answer(session, argument, at=MORNING - timedelta(hours=20))
    (letter,) = tell(session, MORNING)
    for text in (letter.text, html.unescape(letter.html)):
        assert (SAYS in text) is not named
        assert ("Needle exchange" in text) is named


def test_a_list_of_arguments_to_choose_from_marks_suggestions(
    session: Session, sign_in: SignIn, suggested: Suggested
) -> None:
    row, argument = suggested
    other = holding(session, row, PRISONS[0])
    desk = sign_in(owner(session, row))

    def options() -> list[str]:
        page = html.unescape(desk.get(f"/desk/arguments/{argument.id}").text)
        return [text for text in re.findall(r"<option[^>]*>([^<]*)</option>", page) if other.label in text]

    found = options()
    assert len(found) == 2  # to merge it into, to put statements into
    assert all(SAYS in text for text in found)
    name_argument(session, other, "Naloxone on release")
    assert len(options()) == 2
    assert not any(SAYS in text for text in options())
