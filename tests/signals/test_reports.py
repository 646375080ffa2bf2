"""Reports: filed once, without an account or a trace, hidden where they say who somebody is, withdrawn and erased."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from consult.accounts.organisations import service as organisations
from consult.audit import signals as audit
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry
from consult.signals import books
from consult.signals import service as signals
from consult.signals.model import Basis, ReportChannel, SignalLink, SignalReport
from consult.signals.reports import service
from consult.signals.reports.service import SentBefore
from consult.submissions import return_codes
from tests import canaries, counting, factories
from tests.signals.working import filed, form, new_report, seated

SignIn = Callable[[Any], FlaskClient]
ADDRESS = "/signals/report"


def test_a_report_of_anybody_is_filed_and_opens_with_seven_words(client: FlaskClient, session: Session) -> None:
    answer = client.post(ADDRESS, data=form())
    assert answer.status_code == 200
    row = session.scalars(select(SignalReport)).one()
    assert (row.region, row.basis, row.channel) == ("EC-E", Basis.SEEN, ReportChannel.WEB)
    assert row.reference in answer.text
    assert "Set-Cookie" not in answer.headers
    link = session.get_one(SignalLink, row.id)
    assert link.due_at - row.received_at == timedelta(hours=24)
    words = " ".join(re.findall(r"<li[^>]*>(?:<[^>]+>)*([a-z]+)", answer.text)[:7])
    opened = client.post("/signals/return", data={"words": words, "csrf_token": token(client, "/signals/return")})
    assert "Waiting to be assessed." in opened.text


def token(client: FlaskClient, address: str) -> str:
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"',
                      client.get(address).text)[0][0]  # fmt: skip


def test_a_form_that_is_sent_twice_is_filed_once_and_another_text_under_its_key_is_not_lost(
    client: FlaskClient, session: Session
) -> None:
    first, again = client.post(ADDRESS, data=form()), client.post(ADDRESS, data=form())
    assert "It is counted once" in again.text
    assert len(session.scalars(select(SignalReport)).all()) == 1
    other = client.post(ADDRESS, data=form(body="Something else."))
    assert other.status_code == 422
    assert "Something else." in other.text
    key = re.search(r'name="key"[^>]*value="([^"]+)"', other.text) or re.search(
        r'value="([^"]+)"[^>]*name="key"', other.text
    )
    assert key
    assert client.post(ADDRESS, data=form(body="Something else.", key=key[1])).status_code == 200
    assert len(session.scalars(select(SignalReport)).all()) == 2
    assert first.status_code == 200


def test_a_report_without_a_trace_that_is_sent_again_by_going_back_shows_no_word_of_it(
    client: FlaskClient, session: Session
) -> None:
    at = f"{ADDRESS}/no-trace"
    code = re.findall(r'name="code"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="code"', client.get(at).text)[0][0]
    steps = [form(code=code, body="Zebra: ask ana@example.org."), form(code=code, body="Zebra fell.", region="Nowhere")]
    assert all("Zebra" in client.post(at, data=step).text for step in steps)
    sent = client.post(at, data=form(code=code, body="Zebra fell asleep."))
    again = [client.post(at, data=step) for step in steps]
    assert [page.status_code for page in again] == [200, 200]
    assert "Zebra" not in "".join(page.text for page in [sent, *again])
    assert all("It is counted once" in page.text and "<title>Drug warnings" in page.text for page in again)
    assert len(session.scalars(select(SignalReport)).all()) == 1


def test_what_says_who_somebody_is_is_shown_before_and_hidden_after(client: FlaskClient, session: Session) -> None:
    said = form(body="Ask Mrs. Quispe at ana@example.org about it.")
    asked = client.post(ADDRESS, data=said)
    assert asked.status_code == 409
    assert "<mark" in asked.text
    assert session.scalars(select(SignalReport)).all() == []
    client.post(ADDRESS, data=said | {"checked": "yes"})
    row = session.scalars(select(SignalReport)).one()
    assert "ana@example.org" not in row.cleared_body
    assert "ana@example.org" in row.body


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"region": "Lima"}, "Choose a region."),
        ({"happened_on": ["1", "1", "2020"]}, "in the last 90 days"),
        ({"happened_on": ["1", "1", "2099"]}, "This day is in the future."),
        ({"body": " "}, "Write what happened"),
        ({"basis": ""}, "Choose how you know"),
        ({"deaths": "many"}, "How many people died? – Enter a number between 0 and 10,000"),
        ({"overdoses": "10001"}, "How many people overdosed? – Enter a number between 0 and 10,000"),
        ({"region": "", "basis": ""}, ">Choose a region of Ecuador.</a>"),
        ({"region": "", "basis": ""}, 'formaction="/signals/report?lang=fr"'),
        ({"happened_on": ["1", "1", "2099"], "basis": ""}, "This day is in the future."),
        ({"place": "Calle 5, 1234"}, "only the name of the town"),
    ],
)
def test_bad_input_is_said_at_its_field_and_what_was_typed_is_kept(
    client: FlaskClient, session: Session, wrong: dict[str, Any], said: str
) -> None:
    answer = client.post(ADDRESS, data=form(look="blue, M on one side") | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "blue, M on one side" in answer.text
    assert session.scalars(select(SignalReport)).all() == []


def test_strength_is_kept_as_words(client: FlaskClient, session: Session) -> None:
    client.post(ADDRESS, data=form(strength="900 %"))
    assert session.scalars(select(SignalReport.strength)).one() == "900 %"


def test_another_site_cannot_send_a_report_from_somebodys_browser(client: FlaskClient, session: Session) -> None:
    answer = client.post(ADDRESS, data=form(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert session.scalars(select(SignalReport)).all() == []


def test_the_page_of_a_report_is_small_and_needs_no_script(client: FlaskClient) -> None:
    page = client.get("/signals/report/no-trace")
    assert "<script" not in page.text
    assert "Set-Cookie" not in page.headers
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_page_sheet_and_script_of_a_report_fit_in_10_kb_also_without_brotli(client: FlaskClient) -> None:
    page = client.get(ADDRESS)
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"', page.text)
    assert len(addresses) == 2
    sent = [page.data, *(client.get(address).data for address in addresses)]
    assert sum(len(gzip.compress(each, 6)) for each in sent) <= 10_240


def test_the_report_without_a_trace_leaves_none(app: Flask, session: Session) -> None:
    browser = app.test_client()
    who = {"User-Agent": canaries.CANARY["agent"]}
    page = browser.get("/signals/report/no-trace", headers=who)
    code = re.search(r'name="code"[^>]*value="([^"]+)"', page.text) or re.search(
        r'value="([^"]+)"[^>]*name="code"', page.text
    )
    assert code
    sent = browser.post(
        "/signals/report/no-trace", data=form(code=code[1]), headers=who,
        environ_base={"REMOTE_ADDR": canaries.CANARY["address"]},
    )  # fmt: skip
    assert sent.status_code == 200
    assert "Set-Cookie" not in sent.headers
    words = " ".join(re.findall(r"<li[^>]*>(?:<[^>]+>)*([a-z]+)", sent.text)[:7])
    assert service.find_own(session, words).report.channel is ReportChannel.NO_TRACE
    kept = [*canaries.dump(session), *canaries.elsewhere(app.config["SETTINGS"])]
    looked_for = [canaries.CANARY["agent"], canaries.CANARY["address"], words]
    assert [(place, what) for what in looked_for for place, data in kept if canaries.holds(data, what)] == []


def test_a_report_of_an_organisation_is_sent_by_its_members_only(session: Session, sign_in: SignIn) -> None:
    it, member = factories.organisation(session), factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=member.id, owner=True)
    session.commit()
    address = f"{ADDRESS}/as/{it.id}"
    browser = sign_in(member)
    page = browser.get(address)
    assert it.name in page.text
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page.text)
    sent = browser.post(address, data=form(csrf_token=next(filter(None, csrf.groups())) if csrf else ""))
    assert sent.status_code == 200
    assert session.scalars(select(SignalReport.organisation_id)).one() == it.id
    assert sign_in(factories.account(session)).get(address).status_code in (403, 404)


def test_a_report_stays_as_it_was_filed(session: Session) -> None:
    row = filed(session)
    for wrong in ("UPDATE signal_report SET body = 'x' WHERE id = :id", "DELETE FROM signal_report WHERE id = :id"):
        with pytest.raises(DatabaseError, match="stays as it was filed"), session.begin_nested():
            session.execute(text(wrong), {"id": row.id})


def test_who_filed_withdraws_and_erases_and_the_books_balance(session: Session) -> None:
    web = ReportChannel.WEB
    sent = [service.file(session, new_report(body=f"Report {n}"), key=f"key-{n}-0123456789ab", channel=web)
            for n in range(4)]  # fmt: skip
    service.withdraw(session, service.find_own(session, sent[0].words))
    service.erase(session, service.find_own(session, sent[1].words))
    found = books.count_books(session, at=now())
    assert (found.reports, found.waiting, found.withdrawn, found.erased) == (4, 2, 1, 1)
    assert found.balanced
    row = session.get_one(SignalReport, sent[1].report.id)
    assert (row.body, row.product, row.region, row.salt, row.return_key) == ("", "", "", None, None)
    with pytest.raises(Refusal):
        service.find_own(session, sent[1].words)
    session.execute(text("DELETE FROM signal_link WHERE report_id = :id"), {"id": sent[2].report.id})
    assert not books.count_books(session, at=now()).balanced


def test_the_audit_finds_a_report_that_was_changed_or_taken_out(session: Session) -> None:
    rows = [filed(session, body=f"Report {n}") for n in range(3)]
    service.erase(session, service.find_own(session, return_codes.derive_code(rows[2].reference, rows[2].salt or b"")))
    assert audit.check_next(session, after=0) == ([], None)
    session.execute(text("ALTER TABLE signal_report DISABLE TRIGGER USER"))
    session.execute(text("UPDATE signal_report SET deaths = 3 WHERE id = :id"), {"id": rows[0].id})
    session.execute(text("DELETE FROM signal_link WHERE report_id = :id"), {"id": rows[1].id})
    session.expire_all()
    assert sorted(it.code for it in audit.check_next(session, after=0)[0]) == ["signal_books", "signal_contents"]
    session.execute(text("DELETE FROM signal_report WHERE id = :id"), {"id": rows[1].id})
    session.expire_all()
    assert {it.code for it in audit.check_next(session, after=0)[0]} == {"signal_contents", "signal_no_row"}


def test_the_ledger_has_a_report_and_says_nothing_of_it(session: Session) -> None:
    row = filed(session, key="key-0123456789abcdef")
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_REPORTED)).one()
    assert (entry.subject_id, entry.commitment, entry.detail, entry.actor) == (row.id, row.commitment, {}, None)
    with pytest.raises(SentBefore):
        service.file(session, new_report(body="Other."), key="key-0123456789abcdef", channel=ReportChannel.WEB)


def test_every_report_whose_day_is_over_is_counted_whether_it_was_read_or_not(
    session: Session, client: FlaskClient
) -> None:
    me, long_ago = seated(session), now() - timedelta(hours=30)
    rows = [filed(session, body=f"Words, {number}") for number in range(6)]
    for row in rows[:5]:
        link = session.get_one(SignalLink, row.id)
        link.at, link.due_at = long_ago, long_ago + timedelta(hours=24)
    session.flush()
    signals.decline_report(session, rows[0], by=me, reason="A joke.", at=long_ago)
    signals.decline_report(session, rows[1], by=me, reason="A joke.")  # too late
    for row in rows[2:4]:  # taken back: in time, and too late
        at = long_ago if row is rows[2] else now()
        own = service.OwnReport(row, session.get_one(SignalLink, row.id), None)
        service.withdraw(session, own, at=at)
    found = books.count_books(session, at=now())
    assert (found.due, found.in_time, found.overdue, found.waiting) == (4, 1, 1, 2)
    session.commit()
    page = client.get("/signals/books").text
    assert (
        "4 reports of the last 90 days were due to be assessed within 24 hours. Assessed on time: 1 of 4 (25%)" in page
    )


def test_the_books_read_nothing_of_the_rest_of_the_ledger(session: Session) -> None:
    filed(session)
    for number in range(3_000):
        ledger.record(session, Kind.RECEIVED, subject_id=number, at=now())
    session.flush()
    session.execute(text("ANALYZE ledger"))
    with counting.rows_read(session) as read:
        assert books.count_books(session, at=now()).received == 1
    assert read["ledger"] <= 1
