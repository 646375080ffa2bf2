"""The movement of a year: what it names, when it is made, and that it is made once."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import force_locale
from consult.mail.model import Letter
from consult.mail.render import LetterText, render_letter
from consult.plans.indicators import service as indicators
from consult.plans.indicators.direction import find_wrong_turn
from consult.plans.indicators.model import PlanIndicator, WantedTurn
from consult.plans.indicators.service import IndicatorTerms
from consult.plans.model import ActionPlan, PlanMovement
from consult.plans.movement import service as movements
from consult.plans.movement.content import YearMovement, has_news, load_movement
from consult.plans.reports import service as reports
from consult.plans.timetables import due
from tests.bodies.working import make_body, work
from tests.plans.planned import day, find, given, planned, said_by

YEAR = now().year


@pytest.fixture
def body(session: Session) -> PublicBody:
    return make_body(session)


@pytest.fixture
def lead(session: Session, body: PublicBody) -> Account:
    return work(session, body)


@pytest.fixture
def plan(session: Session, body: PublicBody, lead: Account) -> ActionPlan:
    """A plan with seven actions, all seen otherwise, one late; and an indicator that went the wrong way."""
    made = planned(session, body, by=lead, actions=7)
    for n in range(1, 8):
        action = find(session, made, f"1.{n}")
        reports.report_for_government(session, action, by=lead, given=given("done" if n == 2 else "under_way"))
        said_by(session, action, "not_started")
    late = find(session, made)
    late.due_on = day(-3)
    session.flush()
    due.record_overdue(session, at=now())
    terms = IndicatorTerms(
        "I-2",
        {"en": "Beds", "ar": "الأسرّة"},
        {"en": "beds", "ar": "سرير"},
        WantedTurn.UP,
        target=Decimal("90"),
        target_period="2030",
    )
    row = indicators.make_indicator(session, made, by=lead, terms=terms)
    keep(session, made, row, lead, "Year,Value\n2019,60\n2020,48.5\n")
    session.commit()
    return made


def keep(session: Session, plan: ActionPlan, row: PlanIndicator, by: Account, text: str) -> None:
    made = indicators.propose_import(session, plan, row, by=by, name="a.csv", data=text.encode())
    indicators.keep_import(session, plan, row, made, by=by, note="new")


def write_letter(moved: YearMovement, language: str) -> LetterText:
    context = {"title": "Plan", "slug": "plan", "year": YEAR, "at": now(), "content_language": "en"}
    context |= {"moved": moved, "most": movements.MOST_NAMED}
    return render_letter("plans/mail/movement", language, context)


def plain(html: str) -> str:
    return " ".join(re.sub(r"[\u2066-\u2069]", "", re.sub("<[^>]+>", "", html)).split())


def test_the_letter_names_the_first_few_of_each_list_and_its_number_opens_all(
    session: Session, client: FlaskClient, plan: ActionPlan
) -> None:
    moved = movements.compile_year(session, plan, YEAR, now())
    letter = write_letter(moved, "en")
    for said in (plain(letter.html), plain(letter.text)):
        assert "I-2 Beds (beds): from 60 (2019) to 48.5 (2020), target 90 (2030)" in said
        assert "1 indicator that has a desired direction got a new value." in said
        assert re.search(r"1\.1 Do 1\.1: due \d+ \w+ \d{4}, the government reports: under way", said)
        assert "1.2 Do 1.2: government: done; 1 organisation: 1 not started" in said
        assert "1.5 Do 1.5" in said
        assert "1.6 Do 1.6" not in said, "the sixth is behind the number"
        assert "and 2 more" in said
    here = f"/plans/plan/movement/{YEAR}"
    assert all(f"{here}#{name}" in letter.html for name in ("wrong", "late", "differ", "done"))
    movements.make_movement(session, plan, YEAR)
    session.commit()
    page = client.get(f"/plans/{plan.slug}/movement/{YEAR}").text
    assert all(f'<h2 id="{name}">' in page for name in ("wrong", "late", "differ", "done"))
    assert "1.7</span> Do 1.7" in page
    assert "before the end of the year" in page
    assert f"/plans/{plan.slug}/movement/{YEAR}" in client.get(f"/plans/{plan.slug}").text


def test_a_letter_in_another_language_says_names_units_and_days_in_it(session: Session, plan: ActionPlan) -> None:
    said = write_letter(movements.compile_year(session, plan, YEAR, now()), "ar").text
    assert "الأسرّة" in said
    assert "سرير" in said
    assert "Beds" not in said
    assert "the government" not in said


def test_a_movement_is_made_once_and_that_of_a_year_that_goes_on_gives_way_to_the_whole(
    session: Session, plan: ActionPlan
) -> None:
    first = movements.make_movement(session, plan, YEAR)
    again = movements.make_movement(session, plan, YEAR)
    assert (first.fresh, first.letters > 0, again.fresh, again.row.id) == (True, True, False, first.row.id)
    january = datetime(YEAR + 1, 1, 2, tzinfo=now().tzinfo)
    assert [movements.compile_due(session, at=january) for _twice in range(2)] == [1, 0]
    session.expire_all()
    [row] = session.scalars(select(PlanMovement)).all()
    assert row.at == january
    keys = session.scalars(select(Letter.key).where(Letter.key.startswith(f"movement:{plan.id}:{YEAR}:"))).all()
    waiting = [key for key in keys if "withdrawn" not in key]
    assert len(waiting) == first.letters, "who has not got the early letter gets that of the whole year alone"
    assert movements.make_movement(session, plan, YEAR, at=january).fresh is False


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 1])
def test_a_year_in_which_the_plan_was_not_public_has_no_movement(session: Session, plan: ActionPlan, year: int) -> None:
    with pytest.raises(Refusal):
        movements.make_movement(session, plan, year)


def test_an_old_turn_is_not_told_again_each_year(session: Session, plan: ActionPlan) -> None:
    row = indicators.get_indicator(session, plan, "I-2")
    assert find_wrong_turn(row) is not None
    assert has_news(row, YEAR, former=())
    assert not has_news(row, YEAR, former=None)
    assert has_news(row, 2020, former=None)
    later = movements.compile_year(session, plan, YEAR + 1, now())
    assert (later.wrong, later.compared) == ([], 0)


def test_a_file_that_says_the_same_again_brings_no_news(session: Session, plan: ActionPlan, lead: Account) -> None:
    row = indicators.get_indicator(session, plan, "I-2")
    [first] = indicators.list_imports(session, row.id)
    first.kept_at = datetime(YEAR - 1, 6, 1, tzinfo=now().tzinfo)
    keep(session, plan, row, lead, "Year,Value\n2019,60.0\n2020,48.50\n")
    same = movements.compile_year(session, plan, YEAR, now())
    assert (same.wrong, same.compared) == ([], 0)
    keep(session, plan, row, lead, "Year,Value\n2019,60\n2020,47\n")
    keep(session, plan, row, lead, "Year,Value\n2019,60.00\n2020,47.0\n")
    changed = movements.compile_year(session, plan, YEAR, now())
    assert ([one.last for one in changed.wrong], changed.compared) == (["47.0"], 1), "new since the year began"


def test_why_it_is_sent_promises_no_number_of_letters(session: Session, plan: ActionPlan) -> None:
    letter = write_letter(movements.compile_year(session, plan, YEAR, now()), "en")
    for said in (plain(letter.html), plain(letter.text)):
        assert "You get this e-mail because you work for the body of this plan" in said
        assert "once a year" not in said, "that of a running year gives way to another in January"


def test_what_was_kept_of_former_years_can_still_be_shown(
    session: Session, client: FlaskClient, plan: ActionPlan
) -> None:
    old = {"code": "I-2", "title": "Beds", "before": "60", "before_period": "2019", "last": "50"}
    old |= {"last_period": "2020", "unit": "beds"}
    content = {"done": ["1.2"], "late": [], "differ": ["1.1"], "wrong": [old]}
    session.add(PlanMovement(plan_id=plan.id, year=YEAR - 1, content=content, at=now()))
    session.commit()
    page = plain(client.get(f"/plans/{plan.slug}/movement/{YEAR - 1}").text)
    assert "I-2 Beds (beds)" in page
    assert "from 60 (2019) to 50 (2020)" in page
    assert "1.1 Do 1.1" in page
    assert load_movement(asdict(load_movement(content, "en")), "en").wrong[0].titles == {"en": "Beds"}


def test_a_line_of_the_list_is_kept_by_what_it_says_and_by_the_language(
    session: Session, client: FlaskClient, lead: Account, plan: ActionPlan
) -> None:
    here = f"/plans/{plan.slug}"
    assert [client.get(here).text.count("under way</b>") for _twice in range(2)] == [6, 6]
    assert "en cours</b>" in client.get(here, headers={"Accept-Language": "fr"}).text
    reports.report_for_government(session, find(session, plan, "1.3"), by=lead, given=given("done"))
    session.commit()
    assert client.get(here).text.count("under way</b>") == 5


def test_an_indicator_has_its_unit_in_the_language_of_the_page(
    session: Session, client: FlaskClient, plan: ActionPlan
) -> None:
    row, here = indicators.get_indicator(session, plan, "I-2"), f"/plans/{plan.slug}/indicators/I-2"
    with force_locale("ar"):
        assert (row.title_in("ar", "en"), row.unit_in("ar", "en"), row.unit_in("fr", "en")) == (
            "الأسرّة",
            "سرير",
            "beds",
        )
    arabic = client.get(here, headers={"Accept-Language": "ar"}).text
    assert "سرير" in arabic
    assert ">beds<" not in arabic
    assert ">beds<" in client.get(here).text
    [told] = [one for one in client.get(f"/plans/{plan.slug}.json").json["indicators"] if one["code"] == "I-2"]
    assert (told["unit"], told["units"]) == ("beds", {"en": "beds", "ar": "سرير"})
