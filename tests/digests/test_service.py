from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.db import db, transaction
from consult.core.web.access import Role
from consult.digests import service
from consult.digests.content.body import CountHeadline
from consult.digests.content.body_json import canonical_form
from consult.digests.content.material import DoesNotAddUp
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Delivery, Digest, Subscription
from consult.digests.results import cache as results_cache
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry
from consult.mail import drain
from consult.mail.model import Letter
from consult.mail.model import State as MailState
from consult.submissions.model import State
from tests import factories
from tests.filing import comment, decide, file, numbered
from tests.locks import wait_until_somebody_waits

Compile = Callable[..., Digest]
Subscribe = Callable[..., Subscription]


def letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.key.startswith("digest:")).order_by(Letter.id)))


def addresses(session: Session) -> list[str]:
    return [unseal(letter.to_sealed or b"") for letter in letters(session)]


def test_a_digest_tells_what_came_since_the_last_one(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    first = compile(row)
    file(session, row, "Two.", published=True)
    waiting = file(session, row, "Three.")
    second = compile(row)
    decide(session, waiting, State.WITHHELD, "off_topic")
    third = compile(row)
    assert (first.until, second.until) == (second.since, third.since)
    assert [digest.body.news.received for digest in (first, second, third)] == [1, 2, 0]
    assert [digest.body.news.withheld for digest in (first, second, third)] == [0, 0, 1]
    assert third.body.books.received == 3
    assert [digest.edition for digest in (first, second, third)] == [1, 2, 3]


def test_each_subscriber_is_sent_one_letter(session: Session, subscribe: Subscribe, compile: Compile) -> None:
    row = factories.consultation(session)
    subscribe(row, account=factories.account(session, Role.POLICYMAKER, email="a@example.org"))
    subscribe(row, account=factories.account(session, Role.ADMIN, email="b@example.org"))
    file(session, row, "One.", published=True)
    digest = compile(row)
    assert sorted(addresses(session)) == ["a@example.org", "b@example.org"]
    assert len(session.scalars(select(Delivery).where(Delivery.digest_id == digest.id)).all()) == 2


def test_more_readers_than_one_statement_takes_are_sent_one_letter_each(
    session: Session, subscribe: Subscribe, compile: Compile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consult.digests.letters._AT_ONCE", 2)
    row = factories.consultation(session)
    people = [f"{name}@example.org" for name in "abcde"]
    for email in people:
        subscribe(row, account=factories.account(session, Role.POLICYMAKER, email=email))
    file(session, row, "One.", published=True)
    digest = compile(row)
    assert sorted(addresses(session)) == people
    assert len({letter.content_id for letter in letters(session)}) == 1
    assert len(session.scalars(select(Delivery).where(Delivery.digest_id == digest.id)).all()) == len(people)


def test_only_who_may_read_a_digest_is_sent_one(session: Session, subscribe: Subscribe, compile: Compile) -> None:
    row = factories.consultation(session)
    subscribe(row, "daily")
    subscribe(row, at=now() + timedelta(minutes=1))
    subscribe(row, account=factories.account(session, Role.POLICYMAKER, verified_at=None))
    demoted = subscribe(row)
    ended = subscribe(row)
    delivery.end_subscription(session, ended)
    session.execute(text("UPDATE account SET role = 'contributor' WHERE id = :id"), {"id": demoted.account_id})
    file(session, row, "One.", published=True)
    compile(row)
    assert letters(session) == []


def test_a_digest_is_for_those_who_subscribed_before_its_slot_and_are_not_paused_at_it(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row, slot, instant = factories.consultation(session), now(), timedelta(microseconds=1)
    said: tuple[tuple[str, timedelta, datetime | None], ...] = (
        ("before@example.org", instant, None),
        ("at@example.org", timedelta(), None),
        ("rested@example.org", instant, slot),
        ("rests@example.org", instant, slot + instant),
    )
    for email, earlier, paused_until in said:
        reader = factories.account(session, Role.POLICYMAKER, email=email)
        subscribe(row, account=reader, at=slot - earlier).paused_until = paused_until
    file(session, row, "One.", published=True)
    compile(row, slot_at=slot)
    assert sorted(addresses(session)) == ["before@example.org", "rested@example.org"]


def test_a_policymaker_is_sent_one_digest_however_often_the_clock_ticks(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    subscribe(row)
    file(session, row, "One.", published=True)
    slot = now()
    made = {compile(row, slot_at=slot).id for _tick in range(5)}
    assert len(made) == 1
    assert len(letters(session)) == 1


def test_two_clocks_at_once_compile_one_digest(app: Flask, session: Session, subscribe: Subscribe) -> None:
    row = factories.consultation(session)
    for _reader in range(3):
        subscribe(row)
    file(session, row, "One.", published=True)
    numbered(session)
    slot, number, errors = now(), row.id, []
    session.commit()

    def clock() -> None:
        try:
            with app.app_context(), transaction() as own:
                service.compile_digest(own, consultation_id=number, cadence=Cadence.WEEKLY, slot_at=slot)
        except Exception as error:
            errors.append(error)

    clocks = [threading.Thread(target=clock) for _ in range(4)]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    assert errors == []
    assert len(session.scalars(select(Digest)).all()) == 1
    assert len(letters(session)) == 3


def test_a_page_that_is_counted_meanwhile_and_a_digest_do_not_wait_for_each_other(app: Flask, session: Session) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    session.commit()
    number, refreshed = row.id, []

    def refresh() -> None:
        with app.app_context(), transaction() as other:
            refreshed.append(results_cache.refresh(other, consultation_id=number).consultation_id)

    analysis.FOLLOWER.lock(session, number)  # as a digest does, for as long as it counts
    thread = threading.Thread(target=refresh)
    thread.start()
    wait_until_somebody_waits()
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    ledger.number_entries(session)
    session.commit()
    thread.join(120)
    assert refreshed == [number]


def test_nothing_new_is_a_row_and_no_letter(session: Session, subscribe: Subscribe, compile: Compile) -> None:
    row = factories.consultation(session)
    subscribe(row)
    file(session, row, "One.", published=True)
    compile(row)
    second = compile(row)
    assert (second.empty, second.edition) == (True, 0)
    assert len(letters(session)) == 1
    file(session, row, "Two.", published=True)
    assert compile(row).edition == 2


def test_another_consultations_news_and_a_digest_itself_are_no_news(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row, other = factories.consultation(session), factories.consultation(session)
    file(session, other, "One.", published=True)
    compile(other)
    compile(other)
    assert compile(row).empty
    assert compile(other).empty


def test_the_digest_on_closing_is_sent_even_if_nobody_wrote(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session, closes_at=now() + timedelta(minutes=1), answer_by=date(2027, 3, 31))
    subscribe(row, "closing")
    digest = compile(row, "closing", slot_at=row.closes_at)
    assert not digest.empty
    assert digest.body.headline == CountHeadline(kind="closed", n=0)
    assert len(letters(session)) == 1


def test_a_task_that_comes_after_a_later_slot_does_nothing(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    file(session, row, "One.")
    compile(row, slot_at=now())
    late = service.compile_digest(
        session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now() - timedelta(days=7)
    )
    assert late is None


def test_an_entry_that_commits_late_is_in_the_next_digest(app: Flask, session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    session.commit()
    with app.app_context():  # a transaction of its own, begun first and committed last
        slow = db.session()
        file(slow, slow.get_one(Consultation, row.id), "Slow.")
        slow.flush()
        with app.app_context():
            quick = db.session()
            file(quick, quick.get_one(Consultation, row.id), "Quick.")
            quick.commit()
        first = compile(row, "daily")
        assert first.body.news.received == 1
        slow.commit()
    second = compile(row, "daily")
    assert second.body.news.received == 1
    told = [n for digest in (first, second) for n in range(digest.since, digest.until)]
    received = session.scalars(select(LedgerEntry.number).where(LedgerEntry.kind == Kind.RECEIVED)).all()
    assert [told.count(number or 0) for number in received] == [1, 1]


def test_the_same_window_gives_the_same_bytes(app: Flask, session: Session) -> None:
    row = factories.consultation(session, questions=1)
    for n in range(12):
        file(
            session,
            row,
            comment(session, row, f"Sentence number {n % 9}.", "2.1"),
            organisation=f"O{n}",
            published=True,
        )
    numbered(session)
    slot, bodies = now(), []
    for _time in range(2):
        made = service.compile_digest(session, consultation_id=row.id, cadence=Cadence.DAILY, slot_at=slot)
        assert made is not None
        bodies.append(canonical_form(made.body))
        session.rollback()
    assert bodies[0] == bodies[1]
    assert b'"input":"' in bodies[0]


def test_a_digest_whose_numbers_contradict_each_other_is_not_sent(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    subscribe(row)
    file(session, row, "One.", published=True)
    compile(row)
    session.execute(text("UPDATE analysis_state SET withheld = 1"))
    file(session, row, "Two.", published=True)
    with pytest.raises(DoesNotAddUp):
        compile(row)
    session.rollback()
    assert len(letters(session)) == 1


def test_a_digest_that_does_not_add_up_turns_health_red_until_it_does(
    session: Session, client: FlaskClient, compile: Compile
) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    compile(row)
    file(session, row, "Two.", published=True)
    numbered(session)
    session.execute(text("UPDATE analysis_state SET withheld = withheld + 1"))
    session.commit()
    slot = {"consultation_id": row.id, "cadence": Cadence.WEEKLY}
    assert service.try_compile(session, **slot, slot_at=now()) is None
    session.commit()
    health = {"Accept": "application/json"}
    assert client.get("/health", headers=health).json["checks"]["digests"] == "down"
    session.execute(text("UPDATE analysis_state SET withheld = withheld - 1"))
    assert service.try_compile(session, **slot, slot_at=now()) is not None
    session.commit()
    assert client.get("/health", headers=health).json["checks"]["digests"] == "ok"


def test_the_ledger_records_a_digest_with_its_commitment(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    file(session, row, "One.", published=True)
    digest = compile(row)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.DIGEST_COMPILED)).one()
    assert entry.subject_id == digest.id
    assert entry.detail["until"] == digest.until
    assert entry.commitment is not None


def test_digests_thread_by_subscription(session: Session, subscribe: Subscribe, compile: Compile) -> None:
    row = factories.consultation(session)
    kept = subscribe(row)
    for words in ("One.", "Two."):
        file(session, row, words, published=True)
        compile(row)
    first, second = letters(session)
    assert first.headers["References"] == f"<subscription.{kept.id}@localhost>"
    assert second.headers["References"] == f"<subscription.{kept.id}@localhost> {first.message_id}"
    assert second.headers["In-Reply-To"] == first.message_id


def test_ending_a_subscription_stops_the_letter_that_is_waiting(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    kept = subscribe(row)
    file(session, row, "One.", published=True)
    compile(row)
    delivery.end_subscription(session, kept)
    session.commit()
    assert drain.drain(budget=2) == 0
    (letter,) = letters(session)
    assert (letter.state, letter.reason) == (MailState.SUPPRESSED, "unsubscribed")


def test_a_change_from_daily_to_weekly_begins_where_both_have_told_the_same(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    monday = datetime(2026, 11, 23, 5, tzinfo=UTC)
    kept = subscribe(row, "daily", at=monday - timedelta(days=1))
    file(session, row, "One.", published=True)
    compile(row, "daily", slot_at=monday)
    delivery.subscribe(
        session, account=session.get_one(factories.Account, kept.account_id), consultation=row, cadence=Cadence.WEEKLY,
        language="en",
    )  # fmt: skip
    file(session, row, "Two.", published=True)
    compile(row, "daily", slot_at=monday + timedelta(days=1))
    assert kept.cadence is Cadence.DAILY
    file(session, row, "Three.", published=True)
    compile(row, "weekly", slot_at=monday + timedelta(days=7))
    file(session, row, "Four.", published=True)
    compile(row, "daily", slot_at=monday + timedelta(days=7))
    assert (kept.cadence, kept.next_cadence) == (Cadence.WEEKLY, None)
    compile(row, "weekly", slot_at=monday + timedelta(days=14))
    told = session.execute(
        select(Digest.since, Digest.until)
        .join(Delivery, Delivery.digest_id == Digest.id)
        .where(Delivery.subscription_id == kept.id)
        .order_by(Digest.id)
    ).all()
    assert [window.since for window in told] == [1, *(window.until for window in told[:-1])]


def test_a_subscription_on_closing_after_closing_is_refused(session: Session, subscribe: Subscribe) -> None:
    row = factories.consultation(session, closes_at=now() - timedelta(minutes=1))
    with pytest.raises(delivery.CadenceNotAvailable):
        subscribe(row, "closing", at=now())
    with pytest.raises(delivery.CadenceNotAvailable):
        subscribe(row, "closing", at=row.closes_at)
    assert subscribe(row, "closing", at=row.closes_at - timedelta(microseconds=1))
