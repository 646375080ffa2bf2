"""Readers get instant e-mails, one combined e-mail, or none for a while."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Forbidden
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests import queries, service
from consult.digests.delivery import combined_letters
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Delivery, Digest, DigestPreferences, Subscription, WaitingDigest
from consult.mail import drain
from consult.mail.model import Letter, State
from tests import factories
from tests.filing import file, numbered

Compile = Callable[..., Digest]
Subscribe = Callable[..., Subscription]
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)  # 06:00 in Vienna


def digests(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.key.startswith("digest")).order_by(Letter.id)))


def tick(session: Session) -> None:
    numbered(session)
    for due in service.list_due(session, at=now()):
        service.compile_digest(session, consultation_id=due.consultation_id, cadence=due.cadence, slot_at=due.slot_at)
    session.commit()


def test_an_early_warning_tells_each_publication_at_once_and_once_in_fifteen_minutes(
    session: Session, subscribe: Subscribe
) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        owner = factories.account(session, Role.POLICYMAKER)
        row = factories.consultation(session, owner=owner)
        with pytest.raises(delivery.CadenceNotAvailable):
            subscribe(row, "immediate")
        with pytest.raises(Forbidden):
            delivery.set_early_warning(
                session, consultation=row, by=factories.account(session, Role.POLICYMAKER), wished=True
            )
        delivery.set_early_warning(session, consultation=row, by=owner, wished=True)
        subscribe(row, "immediate", at=now())
        tick(session)
        assert digests(session) == []
        for minutes, letters_then in ((1, 1), (2, 1), (5, 1), (16, 2), (40, 3)):
            clock.move_to(MONDAY + timedelta(minutes=minutes))
            file(session, row, f"A new substance, report {minutes}.", published=True, at=now())
            tick(session)
            tick(session)
            assert len(digests(session)) == letters_then, minutes
        clock.move_to(MONDAY + timedelta(minutes=300))
        tick(session)
        told = session.scalars(select(Digest).order_by(Digest.id)).all()
        assert sum(digest.body.news.published for digest in told) == 5
        assert [digest.since for digest in told] == [1, *(digest.until for digest in told[:-1])]


@pytest.fixture
def two(session: Session, subscribe: Subscribe) -> tuple[Account, list[Any]]:
    """A reader who wishes one letter for two consultations, in places whose mornings differ."""
    reader = factories.account(session, Role.POLICYMAKER, email="reader@example.org")
    rows = [factories.consultation(session, timezone=zone) for zone in ("Europe/Vienna", "America/Lima")]
    delivery.set_preferences(session, account=reader, joined=True, language=None, paused_until=None)
    for row in rows:
        subscribe(row, account=reader, at=MONDAY - timedelta(days=3), language="es")
        file(session, row, f"Words on {row.title}.", published=True)
    session.commit()
    return reader, rows


def test_one_letter_tells_of_all_consultations_when_the_last_is_compiled(
    session: Session, two: tuple[Account, list[Any]]
) -> None:
    _reader, rows = two
    with time_machine.travel(MONDAY, tick=False) as clock:
        tick(session)
        assert combined_letters.write_ready_letters(session) == 0
        clock.shift(timedelta(hours=6))  # 06:00 in Lima
        tick(session)
        assert [combined_letters.write_ready_letters(session) for _again in range(2)] == [1, 0]
    (letter,) = digests(session)
    delivered = session.scalars(select(Delivery)).all()
    assert {row.letter_id for row in delivered} == {letter.id}
    assert len(delivered) == len(rows)
    assert session.scalars(select(WaitingDigest)).all() == []
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_for_all_does_not_wait_for_ever(session: Session, two: tuple[Account, list[Any]]) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        tick(session)
        clock.shift(combined_letters.MAX_WAIT)
        assert combined_letters.write_ready_letters(session) == 1


def test_the_foot_of_a_letter_for_all_ends_all(session: Session, two: tuple[Account, list[Any]], client: Any) -> None:
    reader, _rows = two
    assert client.post(f"/unsubscribe/{delivery_letters.combined_unsubscribe_token(reader.id)}").status_code == 200
    kept = session.scalars(select(Subscription)).all()
    assert all(row.ended_at for row in kept)
    assert client.post(f"/unsubscribe/all-{reader.id}-forged").status_code == 404


def test_a_paused_reader_is_sent_nothing_until_the_day_comes(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    kept = subscribe(row)
    kept.paused_until = now() + timedelta(days=2)
    file(session, row, "One.", published=True)
    compile(row)
    assert digests(session) == []
    file(session, row, "Two.", published=True)
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        compile(row)
    assert len(digests(session)) == 1


def test_preferences_are_chosen_on_one_page(session: Session, subscribe: Subscribe, sign_in: Any) -> None:
    row = factories.consultation(session)
    kept = subscribe(row)
    desk = sign_in(session.get_one(Account, kept.account_id))
    assert "One e-mail for all consultations" in desk.get("/desk/preferences").text
    answer = desk.post("/desk/preferences", data={"together": "joined", "language": "fr", "paused_until": ""})
    assert answer.status_code == 303
    session.refresh(kept)
    assert kept.language == "fr"
    assert desk.post("/desk/preferences", data={"together": "", "language": "xx"}).status_code == 422


@pytest.mark.parametrize("days", [0, -1, -700_000])
def test_a_pause_that_is_over_already_is_refused_and_what_was_typed_stays(
    session: Session, subscribe: Subscribe, sign_in: Any, days: int
) -> None:
    row = factories.consultation(session)
    kept = subscribe(row)
    desk = sign_in(session.get_one(Account, kept.account_id))
    day = now().date() + timedelta(days=days)
    typed = {"language": "fr", "paused_until": [str(day.day), str(day.month), str(day.year)]}
    for page, more in ((f"subscriptions/{row.slug}", {"cadence": "daily"}), ("preferences", {"together": "joined"})):
        answer = desk.post(f"/desk/{page}", data={**typed, **more})
        assert answer.status_code == 422
        assert "Choose a day in the future." in answer.text
        assert f'value="{day.year}"' in answer.text
        assert re.search(r'<input[^>]* checked[^>]*value="fr"', answer.text)
    session.refresh(kept)
    assert (kept.paused_until, kept.language, kept.cadence) == (None, "en", "weekly")
    assert session.get(DigestPreferences, kept.account_id) is None
    later = (now() + timedelta(days=3)).date()
    typed["paused_until"] = [str(later.day), str(later.month), str(later.year)]
    assert desk.post(f"/desk/subscriptions/{row.slug}", data={**typed, "cadence": "daily"}).status_code == 303
    session.refresh(kept)
    assert kept.paused_until


def test_a_change_to_digests_at_once_begins_where_both_have_told_the_same(
    session: Session, subscribe: Subscribe
) -> None:
    with time_machine.travel(MONDAY - timedelta(days=2), tick=False) as clock:
        owner = factories.account(session, Role.POLICYMAKER)
        row = factories.consultation(session, owner=owner)
        delivery.set_early_warning(session, consultation=row, by=owner, wished=True)
        kept = subscribe(row, "weekly", at=now())
        file(session, row, "One.", published=True, at=now())
        clock.move_to(MONDAY)
        tick(session)
        account = session.get_one(Account, kept.account_id)
        delivery.subscribe(
            session, account=account, consultation=row, cadence=Cadence.IMMEDIATE, language="en", at=now()
        )
        for day in range(1, 9):
            clock.move_to(MONDAY + timedelta(days=day))
            file(session, row, f"Day {day}.", published=True, at=now())
            tick(session)
        session.refresh(kept)
        assert kept.cadence is Cadence.IMMEDIATE
        told = session.execute(
            select(Digest.since, Digest.until)
            .join(Delivery, Delivery.digest_id == Digest.id)
            .where(Delivery.subscription_id == kept.id)
            .order_by(Digest.since)
        ).all()
        assert [window.since for window in told] == [1, *(window.until for window in told[:-1])]


def test_a_reader_whose_address_does_not_open_stops_no_other_letter(
    session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session)
    file(session, row, "Sixty per cent is low.", published=True)
    lost, _other = (subscribe(row).account_id for _reader in range(2))
    session.execute(update(Account).where(Account.id == lost).values(email_sealed=b"sealed by somebody else"))
    digest = compile(row)
    assert queries.count_letters(session, digest.id) == 2
    assert drain.drain(budget=20) == 2
    reasons = dict(session.execute(select(Letter.state, Letter.reason)).all())
    assert reasons == {State.SENT: None, State.PENDING: "its words or its address cannot be read"}
