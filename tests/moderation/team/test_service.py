"""Moderator assignments, the promise and its calendar, and the summary of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.decisions import policy
from consult.decisions.model import Reason
from consult.moderation import service
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome, ModeratorSeat
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.service import ModerationVerdict
from consult.moderation.team import service as team
from consult.moderation.team.working_calendar import WorkingCalendar
from consult.submissions.model import Submission
from tests import factories
from tests.accounts.letters import Letter, letters
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]
FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN, display_name="Inés")


def seen(session: Session, account: Account, **asked: str) -> set[int]:
    _calendar, seats = team.get_calendar_and_seats(session, account)
    queue_filter = QueueFilter.of(asked)
    page = queue_queries.get_queue_page(session, account, QueueFilter(**{**vars(queue_filter), "seats": seats}))
    return {row.id for row in page.items.items}


# The calendar


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    hours=st.integers(0, 17_500),
    waited=st.timedeltas(timedelta(0), timedelta(days=40)),
    days=st.integers(1, 9),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    closed=st.frozensets(st.integers(0, 760).map(lambda n: date(2026, 1, 1) + timedelta(days=n)), max_size=9),
    zone=st.sampled_from(["UTC", "Asia/Tehran", "America/Lima", "Pacific/Auckland"]),
)
def test_what_is_overdue_today_was_due_before_today(
    hours: int, waited: timedelta, days: int, weekdays: frozenset[int], closed: frozenset[date], zone: str
) -> None:
    calendar, came = (
        WorkingCalendar(days, weekdays, closed, zone),
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours),
    )
    at = came + waited
    assert (came < calendar.overdue_before(at)) == (calendar.due_on(came) < calendar.today(at))
    assert calendar.works(calendar.due_on(came))


def test_a_calendar_without_a_working_day_ends() -> None:
    closed = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(900))
    assert WorkingCalendar(3, frozenset({5}), closed).overdue_before(FRIDAY) < FRIDAY - timedelta(days=300)


def test_closed_days_move_the_promise() -> None:
    christmas = WorkingCalendar(2, closed=frozenset({date(2026, 12, 25)}))
    assert christmas.due_on(datetime(2026, 12, 23, 12, tzinfo=UTC)) == date(2026, 12, 28)


def test_the_week_of_another_country_is_another_week() -> None:
    sunday_to_thursday = WorkingCalendar(2, frozenset({7, 1, 2, 3, 4}), zone="Africa/Cairo")
    assert sunday_to_thursday.due_on(datetime(2026, 11, 26, 12, tzinfo=UTC)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    "values",
    [{"weekdays": []}, {"weekdays": [9]}, {"zone": "Mars/Base"}, {"zone": "../etc/passwd"}],
)
def test_what_is_no_calendar_is_refused(session: Session, values: dict[str, object]) -> None:
    given = {"weekdays": [1, 2], "closed": {}, "zone": "UTC", **values}
    with pytest.raises(Refusal):
        team.set_calendar(session, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["Christmas", "25.12.2026", "2026-13-01 x", "2026-12-25x"])
def test_a_day_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(Refusal) as refused:
        team.parse_closed_days(f"2026-01-01\n{line}")
    assert line in refused.value.message


# Visibility of submissions


def test_who_looks_after_nothing_by_name_sees_everything(session: Session, moderator: Account) -> None:
    rows = {filed(session).id, filed(session, language="ar").id}
    assert seen(session, moderator) == rows


def test_a_seat_shows_its_consultation_and_language_first_and_hides_nothing(
    session: Session, moderator: Account
) -> None:
    one, two = factories.consultation(session), factories.consultation(session)
    spanish = filed(session, consultation=one, language="es")
    english = filed(session, consultation=one)
    arabic = filed(session, consultation=two, language="ar")
    team.add_seat(session, account_id=moderator.id, consultation_id=one.id, language="es")
    assert seen(session, moderator) == {spanish.id}
    team.add_seat(session, account_id=moderator.id, consultation_id=None, language="ar")
    assert seen(session, moderator) == {spanish.id, arabic.id}
    team.add_seat(session, account_id=moderator.id, consultation_id=one.id, language="")
    assert seen(session, moderator) == {spanish.id, english.id, arabic.id}
    assert seen(session, moderator, who="all") == {spanish.id, english.id, arabic.id}
    other = filed(session, consultation=two)
    assert other.id not in seen(session, moderator)
    assert other.id in seen(session, moderator, who="all")
    service.decide(
        session, moderator=moderator, submission_id=other.id, revision=other.revision, outcome=DecisionOutcome.PUBLISH
    )  # somebody is ill: whoever is there decides


def test_queues_count_what_is_looked_after_and_the_next_is_one_of_it(
    sign_in: SignIn, session: Session, moderator: Account
) -> None:
    consultation = factories.consultation(session)
    rows: list[Submission] = []
    for number, language in enumerate(["es", "en", "es"]):
        at = now() - timedelta(hours=9 - number)
        rows.append(filed(session, consultation=consultation, language=language, at=at))
    ids = [row.id for row in rows]
    team.add_seat(session, account_id=moderator.id, consultation_id=None, language="es")
    _calendar, seats = team.get_calendar_and_seats(session, moderator)
    assert queue_queries.count_queues(session, QueueFilter(seats=seats))[0].count == 2
    browser = sign_in(moderator)
    page = browser.get("/review").text
    assert "You see the submissions assigned to you." in page
    assert browser.get(f"/review/{ids[0]}/skip").location == f"/review/{ids[2]}"
    everybody = browser.get("/review?who=all").text
    assert "Show only mine" in everybody
    assert f'href="/review/{ids[1]}?who=all"' in everybody
    assert browser.get(f"/review/{ids[0]}/skip?who=all").location == f"/review/{ids[1]}?who=all"


def test_all_of_a_list_is_all_of_what_was_shown(sign_in: SignIn, session: Session, moderator: Account) -> None:
    consultation = factories.consultation(session)
    for language in ("es", "en", "es"):
        filed(session, consultation=consultation, language=language)
    team.add_seat(session, account_id=moderator.id, consultation_id=None, language="es")
    browser = sign_in(moderator)
    summary = browser.post("/review/bulk", data={"all": "yes"}).text
    assert "Español (2)" in summary.replace("<bdi>", "").replace("</bdi>", "")
    assert "English (1)" not in summary.replace("<bdi>", "").replace("</bdi>", "")


def test_the_administrator_gives_and_takes_seats_and_others_only_read(
    sign_in: SignIn, session: Session, moderator: Account, admin: Account
) -> None:
    consultation = factories.consultation(session)
    title, number, who = consultation.title, str(consultation.id), str(moderator.id)
    browser = sign_in(admin)
    page = browser.get("/review/team").text
    answer = browser.post(
        "/review/team/seats", data=pressed(page, account=who, consultation=number, language="es")
    )  # fmt: skip
    assert answer.status_code == 303
    page = browser.get("/review/team").text
    assert title in page
    nothing = browser.post("/review/team/seats", data=pressed(page, account=who, consultation="", language=""))
    assert nothing.status_code == 422
    assert "Moderators without either review everything" in nothing.text
    theirs = sign_in(moderator)
    read = theirs.get("/review/team").text
    assert "Español" in read
    assert "Remove" not in read
    seat = session.scalars(select(ModeratorSeat.id)).one()
    assert theirs.post(f"/review/team/seats/{seat}").status_code == 403
    assert theirs.get("/review/team/calendar").status_code == 403
    browser.post(f"/review/team/seats/{seat}")
    assert session.scalars(select(ModeratorSeat)).all() == []


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"consultation_id": 99}, {"account_id": 99}])
def test_a_seat_that_means_nothing_is_refused(session: Session, moderator: Account, wrong: dict[str, object]) -> None:
    given = {"account_id": moderator.id, "consultation_id": None, "language": "es", **wrong}
    with pytest.raises(Refusal):
        team.add_seat(session, **given)  # type: ignore[arg-type]
    contributor = factories.account(session)
    with pytest.raises(Refusal):
        team.add_seat(session, account_id=contributor.id, consultation_id=None, language="es")


# Overdue, and the summary


def test_what_is_overdue_is_marked(sign_in: SignIn, session: Session, moderator: Account, admin: Account) -> None:
    consultation = factories.consultation(session, opens_at=now() - timedelta(days=30))
    filed(session, consultation=consultation, at=now() - timedelta(days=12))
    filed(session, consultation=consultation)
    page = sign_in(moderator).get("/review").text
    assert "Decision due within 3 working days." in page
    assert (page.count("(overdue)"), page.count("(Overdue)")) == (1, 1)  # the queue, and the one that is
    browser = sign_in(admin)
    form = browser.get("/review/team/calendar").text
    wrong = browser.post("/review/team/calendar", data=pressed(form, closed="yesterday"))
    assert (wrong.status_code, "must begin with a date" in wrong.text) == (422, True)
    saved = browser.post("/review/team/calendar", data=pressed(form, closed="2026-12-25 Christmas"))
    assert saved.status_code == 303
    policy.publish(session, by=admin, texts={}, appeal_days=30, promise_days=30, change="Slower.", after=1)
    assert "within 30 working days" in browser.get("/review/team/calendar").text
    assert "30 working days" in browser.get("/review/team").text
    page = sign_in(moderator).get("/review").text
    assert "within 30 working days" in page
    assert ">Overdue<" not in page


def told(session: Session) -> list[Letter]:
    return [letter for letter in letters(session) if "moderator" in letter.subject]


def test_on_working_mornings_moderators_are_told_what_waits_once(session: Session, moderator: Account) -> None:
    month = timedelta(days=30)
    consultation = factories.consultation(session, opens_at=FRIDAY - month, closes_at=FRIDAY + month)
    for days in (0, 9):
        filed(session, consultation=consultation, at=FRIDAY - timedelta(days=days))
    session.commit()
    assert team.send_summaries(session, at=FRIDAY.replace(hour=6)) == 0  # too early
    assert team.send_summaries(session, at=FRIDAY + timedelta(days=1)) == 0  # a Saturday
    for _tick in range(3):
        team.send_summaries(session, at=FRIDAY)
    (letter,) = told(session)
    assert letter.subject == "2 submissions wait for a moderator"
    assert "overdue: 1" in letter.text
    assert "Rosa" not in letter.text + letter.html
    team.send_summaries(session, at=FRIDAY + timedelta(days=3))
    assert len(told(session)) == 2


def test_where_nothing_waits_nobody_is_written_to(session: Session, moderator: Account) -> None:
    row = filed(session)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
        reason=Reason.UNCLEAR,
    )  # fmt: skip
    assert team.send_summaries(session, at=FRIDAY) == 0  # it waits for its author
    assert told(session) == []


def test_a_summary_counts_what_its_reader_looks_after(session: Session, moderator: Account) -> None:
    arabic = factories.account(session, Role.MODERATOR)
    team.add_seat(session, account_id=arabic.id, consultation_id=None, language="ar")
    filed(session)
    assert team.send_summaries(session, at=FRIDAY) == 1
    filed(session, language="ar")
    assert team.send_summaries(session, at=FRIDAY + timedelta(days=3)) == 2
    assert [letter.subject for letter in told(session)] == [
        "1 submission waits for a moderator",
        "2 submissions wait for a moderator",
        "1 submission waits for a moderator",
    ]


def test_a_second_reader_is_reminded_and_who_proposed_is_not(session: Session, moderator: Account) -> None:
    row = filed(session)
    proposed = [(row.id, row.revision)]
    bulk.propose(
        session,
        moderator=moderator,
        items=proposed,
        verdict=ModerationVerdict(DecisionOutcome.PUBLISH),
        second_reader=True,
    )
    colleague = factories.account(session, Role.MODERATOR, email="colleague@example.org")
    assert team.send_summaries(session, at=FRIDAY) == 1
    (letter,) = told(session)
    assert letter.to == "colleague@example.org"
    assert "for a second moderator: 1" in letter.text
    assert colleague.id != moderator.id


def test_contributors_and_policymakers_are_not_written_to(session: Session) -> None:
    for role in (Role.CONTRIBUTOR, Role.POLICYMAKER):
        factories.account(session, role)
    filed(session)
    assert team.send_summaries(session, at=FRIDAY) == 0


@pytest.mark.parametrize("many", [2, 12])
def test_the_team_costs_the_same_statements_however_large(
    sign_in: SignIn, session: Session, moderator: Account, many: int
) -> None:
    for _number in range(many):
        person = factories.account(session, Role.MODERATOR)
        consultation = factories.consultation(session)
        team.add_seat(session, account_id=person.id, consultation_id=consultation.id, language="es")
        team.add_seat(session, account_id=moderator.id, consultation_id=consultation.id, language="")
    browser = sign_in(moderator)
    browser.get("/review/team")
    for path, most in (("/review/team", 6), ("/review", 9)):
        with statements() as sent:
            assert browser.get(path).status_code == 200
        assert len(sent) <= most, sent
