"""Loading the sample: once, in order of time, with books that balance, whatever the day and the hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Organisation
from consult.bodies.model import PublicBody
from consult.cli.sample.loader import DemoAccount, load
from consult.cli.sample.plans import shift_day
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import db
from consult.core.languages import LANGUAGES
from consult.digests import service as digests
from consult.digests.model import Cadence, Delivery, Digest
from consult.digests.sides.section import is_finding
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter
from consult.moderation.model import Decision, Queue, QueueEntry, SavedFilter
from consult.moderation.recourse.model import Appeal, Report
from consult.moderation.statistics import service as statistics
from consult.operator import queries as operator
from consult.operator.fields import NEEDED
from consult.operator.model import SiteLogo
from consult.positions import counts
from consult.responses import answer_queries, lateness
from consult.responses.model import AnswerOutcome, Obligation, Response
from consult.signals.model import SignalWarning
from consult.submissions import queries as submissions
from consult.submissions.model import Comment, State, Submission

TABLES = (Consultation, Submission, Comment, LedgerEntry, Decision, Letter, Organisation, Digest, Delivery)


class Loaded(NamedTuple):
    session: Session
    moment: datetime
    people: list[DemoAccount]


@pytest.fixture(scope="module", params=[0, 84], ids=lambda hours: f"{hours} hours ago")
def loaded(application: Flask, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    """The sample in a transaction that is never committed, so that one load serves every test here."""
    with application.app_context():
        moment = now() - timedelta(hours=request.param)
        yield Loaded(db.session(), moment, load(db.session(), now=moment))
        db.session.rollback()


def count(session: Session) -> dict[str, int]:
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def test_every_page_has_something_to_show(loaded: Loaded) -> None:
    states = Counter(loaded.session.scalars(select(Submission.state)))
    phases = Counter(loaded.session.scalars(select(Consultation.phase)))

    assert sum(states.values()) >= 90
    assert set(states) == set(State)
    assert phases == {Phase.OPEN: 4, Phase.UPCOMING: 1, Phase.CLOSED: 1}
    assert (loaded.session.scalar(select(func.count(distinct(Submission.organisation_id)))) or 0) >= 12
    assert set(loaded.session.scalars(select(Comment.language))) == {"en", "es", "fr", "ar"}


def test_every_queue_of_the_desk_has_something_in_it(loaded: Loaded) -> None:
    waits = set(loaded.session.scalars(select(QueueEntry.queue)))
    assert waits == {Queue.NEW, Queue.HELD, Queue.SAME, Queue.FILES, Queue.SECOND, Queue.RETURNED}
    for table in (Appeal, Report):
        assert loaded.session.scalars(select(table).where(table.outcome.is_(None))).all()
    assert loaded.session.scalar(select(QueueEntry.submission_id).where(QueueEntry.claimed_by.is_not(None)))
    assert loaded.session.scalar(select(SavedFilter.id))


def test_what_was_decided_came_from_a_queue_and_is_counted_by_it(loaded: Loaded) -> None:
    made = statistics.get_statistics(loaded.session)
    assert {row.name for row in made.by["queue"]} >= {Queue.NEW, Queue.HELD, Queue.SAME}
    assert all(row.name for row in made.by["queue"])
    assert set(statistics.DECISION_KINDS) <= made.whole.counts.keys()
    assert {"appeal.rejected", "appeal.accepted", "report.kept"} <= made.whole.counts.keys()


def test_some_were_decided_by_two_people_and_copies_of_a_letter_together(loaded: Loaded) -> None:
    details = loaded.session.scalars(select(LedgerEntry.detail).where(LedgerEntry.kind.startswith("submission."))).all()
    assert [detail for detail in details if detail.get("second_reader")]
    assert len([detail for detail in details if detail.get("letter")]) == 9


def test_arguments_are_answered_in_every_way_and_one_answer_is_overdue(loaded: Loaded) -> None:
    said = loaded.session.scalars(select(Response)).all()
    assert {row.outcome for row in said} == set(AnswerOutcome)
    assert [row.outcome for row in said if row.said_at != row.answered_at] == [AnswerOutcome.IN_PART]
    assert len([row for row in said if row.provision_id]) == 5
    closed = loaded.session.scalars(select(Consultation).where(Consultation.phase == Phase.CLOSED)).one()
    standing = answer_queries.count_answers(loaded.session, {closed.id: closed.answer_by})[closed.id]
    assert (standing.late, standing.waiting) == (1, 2), "what is late waits too"
    assert loaded.session.scalars(select(Obligation)).one()


def test_a_body_shows_its_logo_and_its_domain_and_says_why_an_answer_came_late(loaded: Loaded) -> None:
    body = loaded.session.scalars(select(PublicBody).where(PublicBody.logo.is_not(None))).one()
    assert (body.code, body.domain_proved_at is not None) == ("IMPC", True)
    explained = loaded.session.scalars(select(Response).where(Response.lateness.is_not(None))).one()
    assert (explained.body_id, lateness.is_late(explained)) == (body.id, True)


def test_the_site_has_a_name_and_a_logo_and_says_everything_in_each_language(loaded: Loaded) -> None:
    values = operator.list_values(loaded.session)
    spoken = [each.key for each in NEEDED if each.spoken]
    names = {values["name", code] for code in LANGUAGES}
    assert (len(names), loaded.session.scalars(select(SiteLogo)).one().png is not None) == (len(LANGUAGES), True)
    assert [(key, code) for key in ("imprint", *spoken) for code in LANGUAGES if not values.get((key, code))] == []


def test_the_books_of_every_consultation_balance(loaded: Loaded) -> None:
    numbers = loaded.session.scalars(select(Consultation.id)).all()
    counted = [submissions.audit(loaded.session, number) for number in numbers]  # raises where they do not
    assert sum(books.received for books in counted) == len(loaded.session.scalars(select(Submission.id)).all()) > 100


def test_every_warning_of_the_sample_has_a_title_in_each_interface_language(loaded: Loaded) -> None:
    published = loaded.session.scalars(select(SignalWarning).where(SignalWarning.published_at.isnot(None))).all()
    assert published
    for row in published:
        titles = {row.texts.get(language, {}).get("title") for language in LANGUAGES}
        assert None not in titles, (row.signal_id, row.edition)
        assert len(titles) == len(LANGUAGES), (row.signal_id, row.edition, titles)


def test_a_second_load_adds_nothing(loaded: Loaded) -> None:
    before = count(loaded.session)

    again = load(loaded.session, now=loaded.moment + timedelta(days=3))

    assert again == loaded.people
    assert count(loaded.session) == before


def test_the_ledger_tells_it_in_order_and_nothing_is_still_to_come(loaded: Loaded) -> None:
    instants = list(loaded.session.scalars(select(LedgerEntry.at).order_by(LedgerEntry.id)))

    assert instants == sorted(instants)
    assert instants[-1] <= loaded.moment


def test_the_digests_say_the_same_whatever_the_day_and_the_clock_goes_on_from_the_last(loaded: Loaded) -> None:
    editions = loaded.session.scalars(select(Digest).order_by(Digest.cadence, Digest.edition)).all()
    said = [(row.cadence, row.edition, row.body.news.received, row.body.news.published) for row in editions]
    assert said == [(Cadence.CLOSING, 1, 10, 10), (Cadence.WEEKLY, 1, 48, 40), (Cadence.WEEKLY, 2, 48, 35)]
    assert (loaded.session.scalar(select(func.count()).select_from(Delivery)) or 0) >= len(editions)
    ended = loaded.moment - max(row.slot_at for row in editions)
    due = digests.list_due(loaded.session, at=loaded.moment)
    assert [loaded.moment - slot.slot_at < ended for slot in due] in ([], [True])


def test_the_digests_of_the_main_consultation_say_who_wants_what(loaded: Loaded) -> None:
    main = loaded.session.scalars(select(Consultation).where(Consultation.slug == "action-plan-2027-2030")).one()
    editions = loaded.session.scalars(select(Digest).where(Digest.consultation_id == main.id)).all()
    assert editions
    for body in (row.body for row in editions):
        assert body.sides
        assert is_finding(body.sides, body.books.published)
        assert {"keep", "change", "drop"} <= set(body.sides.sides)
    found = counts.count_sides(loaded.session, main.id, as_of=loaded.moment)
    assert 2 * found.filed > found.all


def test_as_many_actions_of_the_plan_are_late_in_every_month(loaded: Loaded) -> None:
    late = select(func.count()).where(LedgerEntry.kind == Kind.ACTION_OVERDUE)
    assert loaded.session.scalar(late) == 3


@pytest.mark.parametrize(
    ("today", "due"),
    [
        ((2026, 12, 1), [(2026, 9, 30), (2027, 6, 30), (2022, 1, 1)]),
        ((2027, 2, 28), [(2026, 11, 30), (2027, 8, 31), (2022, 3, 1)]),
        ((2028, 2, 29), [(2027, 11, 30), (2028, 8, 31), (2023, 3, 1)]),
    ],
)
def test_a_day_of_the_sample_plan_keeps_its_distance_from_today(
    today: tuple[int, int, int], due: list[tuple[int, int, int]]
) -> None:
    told = [shift_day(date(*today), years, month, day) for years, month, day in [(0, 9, 30), (1, 6, 30), (-4, 1, 1)]]
    assert told == [date(*day) for day in due]


def test_each_of_the_demos_people_can_sign_in(loaded: Loaded) -> None:
    assert {person.role for person in loaded.people} == {"contributor", "moderator", "policymaker", "admin"}
    for person in loaded.people:
        account = accounts.sign_in(loaded.session, email=person.email, password=person.password)
        assert account.role == person.role
