"""A report without a trace moves nothing public until a random full hour; who checks reports reads it at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.audit import signals as audit
from consult.core.clock import now
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter
from consult.signals import service
from consult.signals.books import count_books
from consult.signals.model import ReportChannel, SignalLink, SignalReport
from consult.signals.reports import delay
from consult.signals.reports import service as reports
from tests.signals.working import KEY, filed, form, new_report, opened, seated

SignIn = Callable[[Any], FlaskClient]
PUBLIC = (
    "/signals", "/signals/books", "/signals.json", "/signals.atom", "/signals/figures?country=EC",
    "/signals/figures.json?country=EC", "/signals/figures.csv?country=EC", "/log/head",
)  # fmt: skip


def held(session: Session, number: int = 1, **values: Any) -> SignalReport:
    """A report without a trace, as the form sends it."""
    given = new_report(body=f"Held {number}.", **values)
    return reports.file(
        session, given, key=KEY.format(f"held-{number}"), channel=ReportChannel.NO_TRACE, wait=24
    ).report


def entries(session: Session) -> list[str]:
    session.flush()
    return [str(kind) for kind in session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id))]


def test_nothing_public_moves_when_a_report_without_a_trace_is_sent(
    app: Flask, session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], private_wait=24))
    opened(session, seated(session))
    for number in range(5):
        filed(session, body=f"Of others, {number}")
    session.commit()
    look = lambda: {at: re.sub(r'value="[^"]*"|nonce-\S+', "", client.get(at).text) for at in PUBLIC}  # noqa: E731
    before = look()
    page = client.get("/signals/report/no-trace").text
    code = page.split('name="code"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    sent = client.post("/signals/report/no-trace", data=form(code=code, body="Seen by me."))
    assert sent.status_code == 200, sent.text
    after = look()
    for address in PUBLIC:
        assert after[address].splitlines() == before[address].splitlines()
    [link] = session.scalars(select(SignalLink).where(SignalLink.held_until.is_not(None)))
    assert (link.held_until.minute, link.held_until.second) == (0, 0)  # type: ignore[union-attr]
    assert timedelta(0) < link.held_until - now() <= timedelta(hours=24)  # type: ignore[operator]


def test_all_that_are_due_are_entered_together_and_counted_from_then_on(session: Session) -> None:
    for number in range(4):
        held(session, number)
    assert (count_books(session, at=now()).reports, entries(session)) == (0, [])
    links = session.scalars(select(SignalLink).order_by(SignalLink.report_id)).all()
    links[0].held_until = now() + timedelta(hours=9)
    for link in links[1:]:
        link.held_until = now() + timedelta(hours=1)
    session.flush()
    assert delay.release(session, at=now()) == 0
    assert delay.release(session, at=now() + timedelta(hours=1)) == 3
    books = count_books(session, at=now())
    assert (books.reports, books.received, books.balanced) == (3, 3, True)
    assert len({entry.at for entry in session.scalars(select(LedgerEntry))}) == 1
    assert delay.release(session, at=now() + timedelta(hours=1)) == 0


def test_who_checks_reports_reads_it_at_once_and_who_is_on_call_is_told(session: Session, sign_in: SignIn) -> None:
    me = seated(session, on_call=True)
    row = held(session, deaths=3)
    assert session.scalar(select(func.count()).select_from(Letter)) == 1
    page = sign_in(me).get(f"/review/signals?at={row.reference}").text
    assert "Held 1." in page
    assert "Public numbers count this report from" in page


def test_no_row_has_the_minute_in_which_it_was_sent(session: Session) -> None:
    row = held(session)
    link = session.get_one(SignalLink, row.id)
    for moment in (row.received_at, link.at, link.due_at, link.held_until):
        assert moment is not None
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("withdraw", Kind.SIGNAL_REPORT_WITHDRAWN),
        ("erase", Kind.SIGNAL_REPORT_ERASED),
        ("decline", Kind.SIGNAL_DECLINED),
    ],
)
def test_what_becomes_of_it_meanwhile_is_entered_with_it(session: Session, act: str, kind: Kind) -> None:
    row, me = held(session), seated(session)
    own = reports.OwnReport(row, session.get_one(SignalLink, row.id), None)
    if act == "decline":
        service.decline_report(session, row, by=me, reason="A joke.")
    else:
        getattr(reports, act)(session, own)
    assert entries(session) == []
    session.execute(update(SignalLink).values(held_until=now()))
    session.expire_all()
    delay.release(session, at=now())
    assert entries(session) == [str(Kind.SIGNAL_REPORTED), str(kind)]
    assert count_books(session, at=now()).balanced
    assert audit.check_next(session, after=0) == ([], None)
    reason = session.scalar(select(LedgerEntry.reason).where(LedgerEntry.kind == kind))
    assert reason == ("A joke." if act == "decline" else None)


def test_a_signal_counts_a_held_report_in_public_only_once_it_is_entered(session: Session, client: FlaskClient) -> None:
    me = seated(session)
    signal = opened(session, me)
    for number in range(3):
        service.link_report(session, filed(session, body=f"Of others, {number}"), signal, by=me)
    service.link_report(session, held(session), signal, by=me)
    session.commit()
    shown = lambda: client.get(f"/signals/{signal.slug}.json").json["reports"]  # noqa: E731
    assert shown() == "1–4"
    session.execute(update(SignalLink).values(held_until=None))
    session.commit()
    assert shown() == "5–9"


def test_the_audit_finds_a_report_that_is_held_for_longer_than_it_may_be(session: Session) -> None:
    held(session)
    assert audit.check_next(session, after=0)[0] == []
    session.execute(update(SignalLink).values(held_until=now() - timedelta(hours=3)))
    session.expire_all()
    assert [finding.code for finding in audit.check_next(session, after=0)[0]] == ["signal_no_entry"]


def test_a_report_by_another_way_is_entered_at_once(session: Session) -> None:
    row = filed(session)
    assert session.get_one(SignalLink, row.id).held_until is None
    assert entries(session) == [str(Kind.SIGNAL_REPORTED)]
    assert session.scalar(select(func.count()).select_from(Account)) == 0
