"""Retention of addresses and drafts: the periods, the dates, and the deletion."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase
from consult.consultations.retention import service as own
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.operator import retention
from consult.submissions import contacts
from consult.submissions.model import Contact, NameRule, Submission
from consult.submissions.values import Submitter
from tests import factories, filing

SignIn = Callable[[Any], FlaskClient]


def filed(session: Session, email: str) -> Consultation:
    row = factories.consultation(session)
    sent = filing.file(session, row, "Words.")
    kept = contacts.keep_contact(session, Submitter(name_rule=NameRule.NONE, email=email))
    assert kept is not None
    sent.contact_id = kept.id
    session.flush()
    return row


def test_addresses_go_on_the_day_that_the_page_says_and_nothing_else_does(session: Session, sign_in: SignIn) -> None:
    row, admin = filed(session, "a@example.org"), factories.account(session, Role.ADMIN)
    retention.set_periods(session, by=admin, days={"contacts": 40})
    due = retention.list_due(session)
    day = (row.closes_at + timedelta(days=40)).date()
    assert [(it.rule, it.consultation_id, it.day, it.count) for it in due] == [("contacts", row.id, day, 1)]
    assert row.title in sign_in(admin).get("/desk/site/retention").text
    assert contacts.delete_expired(session, today=day - timedelta(days=1)) == 0
    assert contacts.delete_expired(session, today=day) == 1
    assert contacts.delete_expired(session, today=day) == 0
    assert session.scalars(select(Contact)).all() == []
    assert session.scalars(select(Submission.contact_id)).all() == [None]
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.RETENTION_ENDED)).one()
    assert entry.detail == {"rule": "contacts", "count": 1}
    acts = sign_in(admin).get("/people/acts").text
    assert f"<bdi>{row.title}</bdi> · E-mail addresses given with a submission" in acts


def test_addresses_stay_while_an_answer_is_promised(session: Session) -> None:
    row = filed(session, "a@example.org")
    row.answer_by = (row.closes_at + timedelta(days=100)).date()
    session.flush()
    assert retention.list_due(session)[0].day == row.answer_by + timedelta(days=730)


def test_a_consultation_has_a_period_of_its_own_that_only_shortens_once_published(
    session: Session, sign_in: SignIn
) -> None:
    row = filed(session, "a@example.org")
    owner = session.get_one(Account, row.owner_id)
    with pytest.raises(Refusal, match="only shorten this period"):
        own.set_days(session, number=row.id, by=owner, days=800)
    desk = sign_in(owner)
    wrong = desk.post(f"/desk/consultations/{row.id}/retention", data={"contacts": "7"})
    assert (wrong.status_code, 'value="7"' in wrong.text) == (422, True)
    desk.post(f"/desk/consultations/{row.id}/retention", data={"contacts": "90"})
    session.refresh(row)
    assert (row.contacts_days, retention.list_due(session)[0].day) == (
        90, (row.closes_at + timedelta(days=90)).date()
    )  # fmt: skip
    row.phase = Phase.DRAFT
    own.set_days(session, number=row.id, by=owner, days=800)


def shorten(desk: FlaskClient, **days: str) -> None:
    days = {"case_study_drafts": "365"} | days
    asked = desk.post("/desk/site/retention", data=days)
    assert "Save again to confirm" in asked.text
    sure = {"sure": re.findall(r'name="sure"[^>]*value="([^"]+)"', asked.text)[0]}
    assert desk.post("/desk/site/retention", data=days | sure).status_code == 303


def test_a_shorter_period_is_asked_about_with_how_much_goes(session: Session, sign_in: SignIn) -> None:
    row = filed(session, "a@example.org")
    row.opens_at, row.closes_at = now() - timedelta(days=90), now() - timedelta(days=50)
    row.answer_by = None
    session.commit()
    desk = sign_in(factories.account(session, Role.ADMIN))
    days = {"contacts": "30", "drafts": "30", "case_study_drafts": "365"}
    asked = desk.post("/desk/site/retention", data=days | {"sure": "contacts=31 drafts=30 case_study_drafts=365"})
    assert "With these shorter periods, 1 record is deleted permanently" in asked.text
    assert retention.find_days(session, "contacts") == 730
    shorten(desk, contacts="30", drafts="30")
    assert retention.find_days(session, "contacts") == 30


def test_a_period_out_of_its_range_is_refused_and_stays_as_it_was(session: Session, sign_in: SignIn) -> None:
    desk = sign_in(factories.account(session, Role.ADMIN))
    for typed in ("0", "29", "99999", "many"):
        answer = desk.post("/desk/site/retention", data={"contacts": typed, "drafts": "30", "case_study_drafts": "365"})
        assert answer.status_code == 422, typed
    assert retention.find_days(session, "contacts") == 730


def test_the_period_on_the_privacy_page_is_the_one_that_holds(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    shorten(sign_in(factories.account(session, Role.ADMIN)), contacts="365", drafts="14")
    page = client.get("/privacy").text
    assert "365 days" in page
    assert "14 days" in page
    assert retention.find_days(session, "drafts") == 14
