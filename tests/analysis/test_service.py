from __future__ import annotations

import random
import threading

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.analysis import queries, service, tasks
from consult.analysis.model import (
    AnalysisState,
    Campaign,
    ClassCount,
    CountedSubmission,
    OrganisationCount,
    PlaceCount,
    Statement,
    TextFingerprint,
    TextGroup,
)
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.ledger.model import FollowerPosition
from consult.submissions import service as submissions
from consult.submissions.model import NO_TEXT, State
from consult.submissions.queries import get_books
from tests import factories
from tests.filing import comment, decide, file, numbered

DERIVED = (
    CountedSubmission,
    Statement,
    TextGroup,
    Campaign,
    TextFingerprint,
    ClassCount,
    PlaceCount,
    OrganisationCount,
    AnalysisState,
    FollowerPosition,
)


def follow(session: Session, consultation: Consultation) -> queries.AnalysisTotals:
    until = numbered(session)
    service.FOLLOWER.follow(session, consultation_id=consultation.id, until=until)
    session.commit()
    return queries.get_totals(session, consultation.id)


def state(session: Session, consultation: Consultation) -> tuple[object, ...]:
    """Everything counted, in an order of its own; not by which steps it came about."""
    groups = session.execute(
        select(TextGroup.text_hash, TextGroup.received, TextGroup.published, TextGroup.campaign_number.is_not(None))
        .where(TextGroup.received > 0).order_by(TextGroup.text_hash)
    ).all()  # fmt: skip
    counted = session.execute(
        select(
            CountedSubmission.submission_id,
            CountedSubmission.text_hash,
            CountedSubmission.state,
            CountedSubmission.places,
        ).order_by(CountedSubmission.submission_id)
    ).all()
    return (
        queries.get_totals(session, consultation.id),
        queries.count_by_place(session, consultation.id),
        groups,
        counted,
    )


def test_a_submission_is_counted_when_received_and_when_published(session: Session) -> None:
    row = factories.consultation(session)
    filed = file(session, row, "Sixty per cent is low.")
    assert follow(session, row).pending == 1
    decide(session, filed, State.PUBLISHED)
    found = follow(session, row)
    assert (found.received, found.pending, found.published_individually, found.texts) == (1, 0, 1, 1)
    assert found.balanced


def test_a_submission_counts_once_at_each_place_and_stance_it_speaks_to(session: Session) -> None:
    row = factories.consultation(session, questions=1)
    said = [
        comment(session, row, "Too low.", "1.1", "concern"),
        comment(session, row, "Far too low.", "1.1", "concern"),
        comment(session, row, "Write eighty.", "1.1", "wording"),
        comment(session, row, "Good.", "1.2", None),
        comment(session, row, "Start again.", "", "support"),
    ]
    file(session, row, *said, answers={0: "Everything."}, published=True)
    follow(session, row)
    places = queries.count_by_place(session, row.id)
    question = next(place for place in places if place.startswith("q"))
    assert places == {
        "chp_1__para_1": {"any": 1, "concern": 1, "wording": 1}, "chp_1__para_2": {"any": 1, "": 1},
        "": {"any": 1, "support": 1}, question: {"any": 1, "": 1},
    }  # fmt: skip


def test_the_fifth_copy_makes_a_campaign_and_moves_the_other_four_into_it(session: Session) -> None:
    row = factories.consultation(session)
    for n in range(4):
        file(session, row, "We, the undersigned, ask for eighty beds in the clinic." + " " * n, published=True)
    found = follow(session, row)
    assert (found.campaigns, found.published_individually, found.published_in_campaigns) == (0, 4, 0)
    file(session, row, "we the undersigned ask for EIGHTY beds in the clinic")
    file(session, row, "My own words.", published=True)
    found = follow(session, row)
    assert (found.campaigns, found.published_individually, found.published_in_campaigns) == (1, 1, 4)
    assert (found.received, found.pending, found.texts, found.individual_texts) == (6, 1, 2, 1)
    assert found.balanced


def test_an_organisation_counts_once_however_often_it_files_and_only_when_published(session: Session) -> None:
    row = factories.consultation(session)
    for words in ("One.", "Two."):
        file(session, row, words, organisation="Growers’ Association", published=True)
    file(session, row, "Three.", organisation="growers’ association ", published=True)
    file(session, row, "Four.", organisation="Network of Nurses")
    file(session, row, "Five.", person="Ada", published=True)
    assert follow(session, row).organisations == 1


def test_a_submission_that_was_returned_and_changed_leaves_its_old_text(session: Session) -> None:
    row = factories.consultation(session)
    filed = file(session, row, "Call me on 555.")
    decide(session, filed, State.RETURNED, "personal_details")
    follow(session, row)
    submissions.amend(session, filed, comments=[comment(session, row, "Call the office.", "1.2", "support")])
    decide(session, filed, State.PUBLISHED)
    found = follow(session, row)
    assert (found.received, found.texts, found.published) == (1, 1, 1)
    assert queries.count_by_place(session, row.id) == {"chp_1__para_2": {"any": 1, "support": 1}}


@pytest.mark.parametrize("end", [State.WITHHELD, State.WITHDRAWN, State.ERASED])
def test_what_is_taken_down_leaves_the_counts_of_its_places(session: Session, end: State) -> None:
    row = factories.consultation(session)
    filed = file(session, row, "Too low.", organisation="Network", published=True)
    follow(session, row)
    decide(session, filed, end)
    found = follow(session, row)
    assert (found.published, getattr(found, end), found.organisations) == (0, 1, 0)
    assert queries.count_by_place(session, row.id) == {}
    assert found.balanced


def test_following_twice_counts_once(session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, "Too low.", published=True)
    once = follow(session, row)
    assert follow(session, row) == once


def test_two_followers_at_once_count_once(app: Flask, session: Session) -> None:
    row = factories.consultation(session)
    for n in range(40):
        file(session, row, f"Words {n % 7}.", published=n % 3 == 0)
    until, number = numbered(session), row.id
    session.commit()

    def work() -> None:
        with app.app_context(), transaction() as own:
            service.FOLLOWER.follow(own, consultation_id=number, until=until)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = queries.get_totals(session, number)
    assert (found.received, found.texts, found.upto) == (40, 7, until)


def test_a_consultation_is_not_counted_with_anothers_entries(session: Session) -> None:
    one, two = factories.consultation(session), factories.consultation(session)
    file(session, one, "Too low.")
    file(session, two, "Too low.", published=True)
    assert follow(session, one).received == 1
    assert follow(session, two).published == 1


@pytest.mark.parametrize("seed", range(6))
def test_counting_step_by_step_ends_where_counting_at_once_does(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    row = factories.consultation(session)
    rows = []
    for _step in range(60):
        act = chance.random()
        if act < 0.55 or not rows:
            words = f"Letter {chance.randrange(2)}" if chance.random() < 0.6 else f"Own words {chance.random()}"
            place = comment(
                session, row, words, chance.choice(["1.1", "1.2", ""]), chance.choice(["support", "concern", None])
            )
            rows.append(file(session, row, place, organisation=chance.choice([None, "A", "B"])))
        else:
            chosen = chance.choice(rows)
            if chosen.state is State.RETURNED and chance.random() < 0.7:
                submissions.amend(session, chosen, comments=[comment(session, row, f"Letter {chance.randrange(3)}")])
            elif allowed := sorted(submissions.TRANSITIONS[chosen.state] - {State.PENDING}):
                decide(session, chosen, chance.choice(allowed))
        if chance.random() < 0.2:
            assert follow(session, row).balanced
    found = follow(session, row)
    assert found.balanced
    running = get_books(session, row.id)
    assert (found.received, found.published, found.withheld, found.withdrawn, found.erased, found.pending) == (
        running.received, running.published, running.withheld, running.withdrawn, running.erased, running.pending,
    )  # fmt: skip
    assert found.texts == len(set(session.scalars(select(CountedSubmission.text_hash))) - {NO_TEXT})
    named = select(CountedSubmission.organisation).where(
        CountedSubmission.organisation.is_not(None), CountedSubmission.state == State.PUBLISHED
    )
    assert found.organisations == len(set(session.scalars(named)))
    stepwise = state(session, row)
    for table in DERIVED:
        session.execute(delete(table))
    follow(session, row)
    assert state(session, row) == stepwise


def test_the_task_leaves_a_consultation_to_the_one_that_is_at_it(app: Flask, session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, "Sixty per cent is low.")
    numbered(session)
    session.commit()
    with Session(session.get_bind()) as other:
        assert service.FOLLOWER.try_lock(other, row.id)
        tasks.follow(session, row.id)
        assert service.FOLLOWER.get_position(session, row.id) == 1
        session.rollback()
    tasks.follow(session, row.id)
    assert queries.get_totals(session, row.id).received == 1


def test_marks_are_made_a_step_ahead_of_the_one_that_follows(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    row = factories.consultation(session)
    for number in range(3):
        file(session, row, f"Comment {number}")
    end = numbered(session)
    published: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks, "publish", lambda work, *args: published.append((work.name, *args)))
    monkeypatch.setattr(service.FOLLOWER, "step", 2)
    tasks.follow(session, row.id)
    assert published == [("analysis.fingerprint", row.id, 3, min(end, 5))]
