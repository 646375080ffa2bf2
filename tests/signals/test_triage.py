"""Triage: who may, what is decided, levels and letters, warnings of two people, corrections that reach all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from consult.accounts.model import OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.mail import service as mail
from consult.mail.model import Letter, LetterContent, State
from consult.signals import books, queries, service, warnings
from consult.signals.model import (
    Basis,
    Confidence,
    ReportStanding,
    SignalDeed,
    SignalLevel,
    SignalLink,
    SignalState,
    WarningKind,
    Watcher,
)
from consult.signals.on_call import service as on_call
from consult.signals.triage import seats
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests import factories
from tests.counting import statements
from tests.signals.working import TEXTS, filed, opened, seated

SignIn = Callable[[Any], FlaskClient]
PAGES = ("/review/signals", "/review/signals/reports/{report}", "/review/signals/{signal}",
         "/review/signals/{signal}/warning", "/review/signals/{signal}/publish")  # fmt: skip


def watcher(session: Session, **wish: Any) -> Watcher:
    account = factories.account(session)
    watchers.watch(session, account=account, wish=WatchFilter(**wish))
    return session.scalars(select(Watcher).where(Watcher.account_id == account.id)).one()


def posted(session: Session) -> list[tuple[Letter, str]]:
    """The letters to watchers, with their subjects, in order."""
    rows = session.execute(select(Letter, LetterContent).join(LetterContent, LetterContent.id == Letter.content_id)
                           .where(Letter.key.startswith("signals:")).order_by(Letter.id))  # fmt: skip
    return [(letter, json.loads(unseal(content.sealed))["subject"]) for letter, content in rows]


def test_only_a_seat_opens_the_pages_and_police_hold_none(session: Session, sign_in: SignIn) -> None:
    holder, other = seated(session), factories.account(session, Role.MODERATOR)
    report, signal = filed(session), opened(session, holder)
    force = factories.organisation(session, kind=OrganisationKind.LAW_ENFORCEMENT)
    officer = factories.account(session, Role.MODERATOR)
    seats.give(session, account_id=officer.id, on_call=False)
    organisations.add_member(session, organisation_id=force.id, account_id=officer.id)
    session.commit()
    paths = [page.format(report=report.reference, signal=signal.slug) for page in PAGES]

    def answers(who: Any) -> list[int]:
        return [sign_in(who).get(path).status_code for path in paths]

    assert answers(holder)[:4] == [200] * 4
    admin = factories.account(session, Role.ADMIN)
    assert answers(admin) == [303, 403, 403, 403, 403], "who gives seats reads nothing without one"
    assert "You are not an early-warning assessor" in sign_in(admin).get(paths[0], follow_redirects=True).text
    assert answers(other) == [403] * 5
    assert answers(officer) == [403] * 5
    assert "Ask an administrator for access." in sign_in(other).get(paths[0]).text
    assert "Members of law enforcement see only what the public sees" in sign_in(officer).get(paths[0]).text
    with pytest.raises(Refusal):
        seats.give(session, account_id=officer.id, on_call=True)


def test_what_is_due_first_is_read_first_and_decided_on_one_page(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    first, second = filed(session, product="First"), filed(session, product="Second")
    session.get_one(SignalLink, first.id).due_at = now() + timedelta(hours=30)
    session.commit()
    browser = sign_in(me)
    page = browser.get("/review/signals").text
    assert page.index("Second") < page.index("First")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page)
    sent = {"csrf_token": next(filter(None, token.groups())) if token else ""}
    address = f"/review/signals/reports/{second.reference}"
    refused = browser.post(address, data=sent | {"do": "open", "level": "watch", "title": "Blue tablets"})
    assert refused.status_code == 422
    assert "Blue tablets" in refused.text
    browser.post(address, data=sent | {"do": "open", "level": "watch", "title": "Blue tablets", "reason": "First."})
    browser.post(f"/review/signals/reports/{first.reference}", data=sent | {"do": "decline", "reason": "A test."})
    found = books.count_books(session, at=now())
    assert (found.linked, found.not_signals, found.waiting, found.balanced) == (1, 1, 0, True)
    public = browser.get("/signals/blue-tablets")
    assert public.status_code == 200
    assert "Two people fell asleep" not in public.text


def test_two_independent_reports_reach_an_alert_by_the_rule_and_a_person_decides(session: Session) -> None:
    me, network = seated(session), factories.organisation(session)
    signal = opened(session, me)
    copy = filed(session)
    service.link_report(session, copy, signal, by=me)
    service.link_report(session, filed(session, organisation_id=network.id, body="Another saw it."), signal, by=me)
    page = queries.get_page(session, signal.slug)
    assert (page.signal.reports, page.signal.sources) == (3, 2)
    assert signal.level is SignalLevel.WATCH
    service.link_report(session, filed(session, basis=Basis.MASS_SPECTROMETRY, laboratory="Quito"), signal, by=me)
    assert signal.confidence is Confidence.MASS_SPECTROMETRY
    service.link_report(session, filed(session, basis=Basis.MASS_SPECTROMETRY, laboratory="Lima"), signal, by=me)
    assert signal.confidence is Confidence.TWO_LABORATORIES
    service.split_report(session, copy, by=me, reason="Another product.")
    assert session.get_one(SignalLink, copy.id).standing is ReportStanding.WAITING
    assert queries.get_page(session, signal.slug).signal.reports == 4


def test_a_level_that_rises_is_told_in_the_same_transaction_with_the_finding_as_subject(session: Session) -> None:
    me = seated(session)
    for wish in (
        {"countries": ["EC"]},
        {"regions": ["EC-E"]},
        {},
        {"countries": ["PE"]},
        {"least": SignalLevel.EMERGENCY},
    ):
        watcher(session, **wish)
    low = watcher(session, least=SignalLevel.WATCH)
    signal = opened(session, me)
    assert [subject for _letter, subject in posted(session)] == [
        "WATCH: Tablets sold as oxycodone; a nitazene suspected, Esmeraldas, Ecuador (unconfirmed)"
    ]
    other = mail.post(session, key="x", to="a@example.org", template="signals/mail/confirm", language="en", token="1-x")
    service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Two services saw it.")
    told = posted(session)[1:]
    assert len(told) == 4
    assert {subject for _letter, subject in told} == {
        "ALERT: Tablets sold as oxycodone; a nitazene suspected, Esmeraldas, Ecuador (unconfirmed)"
    }
    assert all(letter.next_at < other.next_at for letter, _subject in told), "they go before other mail"
    first = posted(session)[0][0]
    again = next(letter for letter, _subject in told if letter.key.endswith(f":{low.id}"))
    assert again.headers["References"] == first.message_id
    assert again.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Again.") is None
    assert len(posted(session)) == 5


def test_two_who_decide_at_once_do_not_overwrite_each_other(session: Session) -> None:
    me = seated(session)
    signal = opened(session, me)
    read = signal.revision
    service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Seen.", revision=read)
    with pytest.raises(Conflict):
        service.set_level(session, signal, SignalLevel.EMERGENCY, by=me, reason="Seen.", revision=read)


def test_a_warning_is_of_two_people(session: Session) -> None:
    me, other = seated(session), seated(session)
    watcher(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    assert signal.due_at == signal.level_at + timedelta(hours=12)
    draft = warnings.write(session, signal, by=me, kind=WarningKind.WARNING, texts=TEXTS, language="en")
    with pytest.raises(Forbidden):
        warnings.publish(session, signal, by=me, written_at=draft.written_at)
    with pytest.raises(Conflict):
        warnings.publish(session, signal, by=other, written_at=draft.written_at - timedelta(seconds=1))
    warnings.publish(session, signal, by=other, written_at=draft.written_at)
    assert signal.due_at is None
    assert len(posted(session)) == 2
    with pytest.raises(DatabaseError, match="stays as it was"), session.begin_nested():
        session.execute(text("UPDATE signal_warning SET texts = '{}'"))


def test_in_an_emergency_one_person_is_enough_and_another_reviews(session: Session) -> None:
    me, other = seated(session, on_call=True), seated(session)
    signal = opened(session, me, level=SignalLevel.EMERGENCY)
    draft = warnings.write(session, signal, by=me, kind=WarningKind.WARNING, texts=TEXTS, language="en")
    out = warnings.publish(session, signal, by=me, written_at=draft.written_at)
    assert out.review_due_at is not None
    with pytest.raises(Forbidden):
        warnings.review(session, signal, out.edition, by=me, reason="Fine.")
    warnings.review(session, signal, out.edition, by=other, reason="Fine.")
    assert out.reviewed_at is not None


def test_a_correction_and_a_retraction_reach_everybody_who_was_told_in_the_same_thread(session: Session) -> None:
    me, other = seated(session), seated(session)
    people = [watcher(session) for _n in range(3)]
    signal = opened(session, me, level=SignalLevel.ALERT)
    first = {letter.key.rsplit(":", 1)[1]: letter.message_id for letter, _subject in posted(session)}
    for person in people[:1]:  # asks for something else now, and is told of the mistake all the same
        person.countries = ["PE"]
    watcher(session)  # was told of nothing, so there is nothing to correct
    for kind in (WarningKind.WARNING, WarningKind.CORRECTION, WarningKind.RETRACTION):
        texts = TEXTS
        if kind is WarningKind.RETRACTION:
            with pytest.raises(Refusal, match="the same as in the warning"):
                warnings.write(session, signal, by=me, kind=kind, texts=TEXTS, language="en")
            texts = {"en": TEXTS["en"] | {"do": "The laboratory found caffeine only."}}
        draft = warnings.write(session, signal, by=me, kind=kind, texts=texts, language="en")
        warnings.publish(session, signal, by=other, written_at=draft.written_at)
    assert draft.texts == {
        "en": {"title": signal.title, "sold_as": "", "signs": "", "do": "The laboratory found caffeine only."}
    }
    last = posted(session)
    retracted = [letter for letter, subject in last if subject.startswith("RETRACTED: ")]
    corrected = [letter for letter, subject in last if subject.startswith("CORRECTION")]
    assert {letter.key.rsplit(":", 1)[1] for letter in corrected} >= first.keys()
    assert {letter.key.rsplit(":", 1)[1] for letter in retracted} >= first.keys()
    for letter in (*corrected, *retracted):
        number = letter.key.rsplit(":", 1)[1]
        if number in first:
            assert letter.headers["References"] == first[number]
    assert signal.state is SignalState.RETRACTED
    with pytest.raises(Conflict):
        service.set_level(session, signal, SignalLevel.EMERGENCY, by=me, reason="No.")


def test_after_a_warning_the_form_offers_a_correction_and_a_language_left_as_it_was_is_named(
    session: Session, sign_in: SignIn
) -> None:
    me, other = seated(session), seated(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    known = {**TEXTS, "es": TEXTS["en"]}
    draft = warnings.write(session, signal, by=me, kind=WarningKind.WARNING, texts=known, language="en")
    warnings.publish(session, signal, by=other, written_at=draft.written_at)
    session.commit()
    path, browser = f"/review/signals/{signal.slug}", sign_in(other)
    assert re.search(r'<input[^>]*value="correction"[^>]*checked|checked[^>]*value="correction"',
                     browser.get(f"{path}/warning").text)  # fmt: skip
    said = {**known, "en": TEXTS["en"] | {"do": "The bags differ."}}
    draft = warnings.write(session, signal, by=me, kind=WarningKind.CORRECTION, texts=said, language="en")
    session.commit()
    assert browser.get(f"{path}/publish").text.count("Nothing has changed in this language since version 1.") == 1
    draft = warnings.write(session, signal, by=me, kind=WarningKind.RETRACTION, language="en",
                           texts={"en": TEXTS["en"] | {"do": "It was caffeine."}})  # fmt: skip
    warnings.publish(session, signal, by=other, written_at=draft.written_at)
    session.commit()
    assert "Retracted" in browser.get(path).text


def test_an_emergency_is_told_again_after_15_30_and_60_minutes_until_somebody_takes_it(session: Session) -> None:
    me = seated(session, on_call=True)
    signal = opened(session, me, level=SignalLevel.EMERGENCY)

    def count() -> int:
        return len(session.scalars(select(Letter).where(Letter.key.startswith("signals.on_call:"))).all())

    assert count() == 1
    for minutes, letters_by_then in ((1, 1), (14, 1), (15, 2), (30, 3), (59, 3), (60, 4), (119, 4), (120, 5)):
        on_call.ring_all(session, at=signal.level_at + timedelta(minutes=minutes))
        assert count() == letters_by_then, minutes
    service.take_signal(session, signal, by=me)
    on_call.ring_all(session, at=signal.level_at + timedelta(minutes=300))
    assert count() == 5


def test_a_town_is_named_only_at_alert_and_by_a_decision_with_a_reason(session: Session, client: FlaskClient) -> None:
    me = seated(session)
    signal = opened(session, me, place="Atacames")
    with pytest.raises(Refusal):
        service.show_place(session, signal, by=me, reason="Publish this town’s name.")
    service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Two saw it.")
    session.commit()
    addresses = (
        "/signals",
        f"/signals/{signal.slug}",
        "/signals.json",
        f"/signals/{signal.slug}.json",
        "/signals.atom",
    )
    assert not any("Atacames" in client.get(address).text for address in addresses)
    with pytest.raises(Refusal):
        service.show_place(session, signal, by=me, reason=" ")
    service.show_place(session, signal, by=me, reason="Publish this town’s name.")
    session.commit()
    assert all("Atacames" in client.get(address).text for address in addresses)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_PLACE_SHOWN)).one()
    assert entry.reason == "Publish this town’s name."
    service.set_level(session, signal, SignalLevel.WATCH, by=me, reason="It was one.")
    session.commit()
    assert not any("Atacames, Esmeraldas" in client.get(address).text for address in addresses)


def test_merging_moves_reports_and_destroys_nothing(session: Session, client: FlaskClient) -> None:
    me = seated(session)
    one, other = opened(session, me), opened(session, me, body="The same, elsewhere in town.")
    service.merge(session, one, other, by=me, reason="The same tablets.")
    session.commit()
    assert queries.get_page(session, other.slug).signal.reports == 2
    assert f"/signals/{other.slug}" in client.get(f"/signals/{one.slug}").text
    assert books.count_books(session, at=now()).balanced


def test_acts_stay(session: Session) -> None:
    opened(session, seated(session))
    for wrong in ("UPDATE signal_act SET reason = 'x'", "DELETE FROM signal_act"):
        with pytest.raises(DatabaseError, match="acts on signals stay"), session.begin_nested():
            session.execute(text(wrong))


def test_an_address_is_told_of_nothing_until_it_is_confirmed_and_stops_with_one_click(
    session: Session, client: FlaskClient
) -> None:
    me = seated(session)
    watchers.request_confirmation(session, email="Ana@example.org", wish=WatchFilter(countries=["EC"]))
    row = session.scalars(select(Watcher)).one()
    session.commit()
    page = client.get(f"/signals/watcher/{row.token}").text
    assert "Where? Ecuador<br>Lowest level: Alert" in page
    opened(session, me, level=SignalLevel.ALERT)
    assert posted(session) == []
    watchers.confirm(session, row.token)
    opened(session, me, level=SignalLevel.ALERT, body="Another.")
    assert len(posted(session)) == 1
    session.commit()
    address = f"/signals/watcher/{row.token}/stop"
    assert client.get(address).status_code == 200
    assert len(session.scalars(select(Watcher)).all()) == 1
    assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert session.scalars(select(Watcher)).all() == []
    assert client.get(address).status_code == 404


def test_what_the_ledger_says_of_a_signal_leads_to_no_report(session: Session) -> None:
    signal = opened(session, seated(session))
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_OPENED)).one()
    assert entry.subject_id == signal.id
    assert set(entry.detail) == {"signal", "level", "country", "region", "confidence"}
    assert [act.deed for act in queries.get_page(session, signal.slug).acts] == [SignalDeed.OPENED]
    assert session.scalars(select(Letter).where(Letter.state != State.PENDING)).all() == []


def test_pages_read_no_more_statements_as_signals_and_reports_grow(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    session.commit()
    browser, counted = sign_in(me), []
    browser.get("/signals")
    for more in (1, 6):
        for _n in range(more):
            opened(session, me, level=SignalLevel.ALERT, body=f"Seen by another, {more} {_n}.")
            filed(session, body=f"It waits, {more} {_n}.")
        session.commit()
        made = []
        for path in ("/signals", "/signals.json", "/signals.atom", "/review/signals"):
            with statements() as sent:
                assert browser.get(path).status_code == 200
            made.append(len(sent))
        counted.append(made)
    assert counted[0] == counted[1]


def test_a_signal_that_a_consultation_was_opened_from_is_named_on_its_page(
    session: Session, client: FlaskClient
) -> None:
    me = seated(session)
    signal, row = opened(session, me), factories.consultation(session)
    service.note_consultation(session, signal, row.id, by=me)
    session.commit()
    page = client.get(f"/c/{row.slug}").text
    assert f"/signals/{signal.slug}" in page
    assert row.title in client.get(f"/signals/{signal.slug}").text
