"""People on call: bundles of what is urgent, growing pauses, the rota, many decisions at once and practice alarms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Refusal
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter, LetterContent
from consult.signals.model import ReportStanding, SignalLink, SignalReport, Urgency
from consult.signals.on_call import bundles, rota
from consult.signals.on_call import service as on_call
from consult.signals.triage import queries
from tests import factories
from tests.signals.working import filed, hospital, seated

SignIn = Callable[[Any], FlaskClient]


def letters(session: Session) -> list[str]:
    """The e-mails to people on call, oldest first."""
    rows = select(LetterContent).join(Letter, Letter.content_id == LetterContent.id)
    rows = rows.where(Letter.key.startswith("signals.on_call:")).order_by(Letter.id)
    return [unseal(row.sealed) for row in session.scalars(rows)]


def urgency_of(session: Session, report: SignalReport) -> Urgency:
    return Urgency(session.get_one(SignalLink, report.id).urgency)


def test_deaths_are_an_emergency_only_if_a_verified_organisation_tells_of_them(session: Session) -> None:
    seated(session, on_call=True)
    seated(session)
    assert urgency_of(session, filed(session)) is Urgency.USUAL
    assert letters(session) == []
    assert urgency_of(session, filed(session, deaths=2, body="Two died.")) is Urgency.UNVERIFIED
    assert urgency_of(session, filed(session, organisation_id=hospital(session), deaths=2)) is Urgency.VERIFIED
    unverified, verified = letters(session)
    assert "Deaths reported, not verified" in unverified
    assert "Emergency to assess" in verified


def test_two_organisations_that_tell_of_the_same_death_are_no_emergency(session: Session) -> None:
    rows = [filed(session, organisation_id=hospital(session), deaths=1, body=f"Told by {n}.") for n in range(2)]
    assert [urgency_of(session, row) for row in rows] == [Urgency.UNVERIFIED] * 2
    other = filed(session, organisation_id=hospital(session), deaths=1, place="Quinindé", body="In another town.")
    apart = filed(session, organisation_id=hospital(session), deaths=1, place="Atacames", body="In a third town.")
    assert (urgency_of(session, other), urgency_of(session, apart)) == (Urgency.UNVERIFIED, Urgency.VERIFIED)


def test_forty_false_alarms_are_one_letter_and_one_row_and_the_true_one_is_told_in_its_minute(session: Session) -> None:
    seated(session, on_call=True)
    for number in range(40):
        filed(session, deaths=2, body=f"Died: {number} people!", arrival=3)
    assert len(letters(session)) == 1
    true = filed(session, organisation_id=hospital(session), deaths=3, body="Three died here tonight.")
    assert len(letters(session)) == 2
    assert true.reference in letters(session)[1]
    assert "40 similar reports" in letters(session)[1]
    rows = queries.get_queue(session, at=now()).reports
    assert [(it.row.id == true.id, it.alike) for it in rows] == [(True, 0), (False, 39)]


def test_the_pauses_between_letters_grow_and_more_people_get_them(session: Session) -> None:
    first, second, third = seated(session, on_call=True), seated(session), seated(session)
    begins, today = now(), now().date()
    for position, person in ((1, first), (2, second)):
        rota.add(session, account_id=person.id, position=position, starts_on=today, ends_on=today + timedelta(days=1))
    filed(session, deaths=1)
    counts = {}
    for minute in range(0, 241, 10):
        on_call.ring_all(session, at=begins + timedelta(minutes=minute + 1))
        counts[minute] = len(letters(session))
    told = {minute for minute in counts if minute and counts[minute] > counts[minute - 10]}
    assert told == {30, 90, 210}
    assert (counts[20], counts[30], counts[90]) == (1, 3, 6), "one person, then two, then all three"
    people = select(Account.id).join(SignalLink, SignalLink.taken_by_id == Account.id)
    assert session.scalars(people).all() == []
    assert third.id not in {row.account_id for row in rota.list_duties(session, since=today)}


def test_two_hundred_false_reports_in_an_hour_are_at_most_nine_letters_a_person(session: Session) -> None:
    """The reports are rows, because filing each would take minutes: urgency and rows are tested above."""
    seated(session, on_call=True)
    begins = now()
    filed(session, deaths=2, at=begins)
    model = session.execute(select(SignalReport.__table__)).mappings().one()
    for number in range(200):
        values = {**model, "reference": f"F-{number}", "idempotency_key": None, "return_key": None}
        del values["id"]
        new = session.execute(SignalReport.__table__.insert().values(values).returning(SignalReport.id)).scalar_one()
        fold = f"{number}".encode()
        session.add(SignalLink(report_id=new, due_at=begins, at=begins, standing=ReportStanding.WAITING, reason="",
                               urgency=Urgency.UNVERIFIED, fold=fold))  # fmt: skip
    session.flush()
    for minute in range(37):
        on_call.ring_all(session, at=begins + timedelta(minutes=minute))
    before, at = len(letters(session)), begins + timedelta(minutes=37)
    true = filed(session, organisation_id=hospital(session), deaths=2, body="Two died in our ward.", at=at)
    assert len(letters(session)) == before + 1
    assert true.reference in letters(session)[-1]
    for minute in range(38, 241):
        on_call.ring_all(session, at=begins + timedelta(minutes=minute))
    assert len(letters(session)) <= 9
    assert bundles.is_flooded(session, "EC", begins + timedelta(minutes=30))
    late = filed(session, deaths=1, body="Other words.", at=begins + timedelta(minutes=50))
    later = filed(session, deaths=1, body="And others.", at=begins + timedelta(minutes=50))
    folds = [session.get_one(SignalLink, row.id).fold for row in (late, later)]
    assert folds[0] == folds[1]
    assert on_call.list_flooded(session, at=begins + timedelta(minutes=60)) == ["EC"]


def test_many_are_decided_at_once_with_an_entry_each(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    rows = [filed(session, deaths=2, body=f"Died: {n}") for n in range(3)]
    other = filed(session, deaths=1, body="Not the same at all.")
    session.commit()
    browser = sign_in(me)
    page = browser.get("/review/signals").text
    assert "and 2 similar reports" in page
    given = {"reports": [rows[0].reference], "do": "take", "reason": ""}
    browser.post("/review/signals/many", data=given)
    taken = select(SignalLink.report_id).where(SignalLink.taken_by_id == me.id).order_by(SignalLink.report_id)
    assert session.scalars(taken).all() == [row.id for row in rows]
    refused = browser.post("/review/signals/many", data=given | {"do": "decline"}, follow_redirects=True)
    assert "Give a reason" in refused.text
    browser.post("/review/signals/many", data=given | {"do": "decline", "reason": "Nobody died: the hospital says so."})
    session.expire_all()
    standing = [session.get_one(SignalLink, row.id).standing for row in (*rows, other)]
    assert standing == [ReportStanding.NOT_SIGNAL] * 3 + [ReportStanding.WAITING]
    declined = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_DECLINED)
    assert session.scalar(declined) == 3


def test_a_practice_alarm_measures_the_minutes_until_somebody_answers(session: Session, sign_in: SignIn) -> None:
    me = seated(session, on_call=True)
    browser = sign_in(me)
    browser.post("/review/signals/duties", data={"do": "practise"})
    assert (
        session.scalar(select(func.count()).select_from(Letter).where(Letter.key.startswith("signals.practice:"))) == 1
    )
    assert "nobody has answered yet" in browser.get("/review/signals/duties").text
    browser.post("/review/signals/duties", data={"do": "here"})
    assert "answered after 0 minutes" in browser.get("/review/signals/duties").text


def test_the_rota_takes_assessors_and_days_in_order(session: Session, sign_in: SignIn) -> None:
    me, today = seated(session), now().date()
    with pytest.raises(Refusal):
        rota.add(session, account_id=factories.account(session).id, position=1, starts_on=today, ends_on=today)
    with pytest.raises(Refusal):
        rota.add(session, account_id=me.id, position=1, starts_on=today, ends_on=today - timedelta(days=1))
    session.commit()
    day = [str(today.day), str(today.month), str(today.year)]
    given = {"do": "add", "account": str(me.id), "position": "1", "starts_on": day, "ends_on": day}
    browser = sign_in(me)
    assert me.display_name in browser.post("/review/signals/duties", data=given, follow_redirects=True).text
    row = rota.list_duties(session, since=today)[0]
    browser.post("/review/signals/duties", data={"do": f"remove:{row.id}"})
    assert rota.list_duties(session, since=today) == []
