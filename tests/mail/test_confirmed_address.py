"""Each table of readers is registered by its columns: no room has to remember the deletion of addresses."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.consultations.followers import service as followers
from consult.core.clock import now
from consult.core.db import Base
from consult.mail import confirmed_address, tasks
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests import factories

ADDRESS = "ana@example.org"


def ask_everywhere(session: Session, email: str) -> None:
    """Ask for e-mails of each kind with an address, which is not confirmed."""
    row = factories.consultation(session)
    followers.request_confirmation(session, consultation=row, email=email, language="en")
    watchers.request_confirmation(session, email=email, wish=WatchFilter())
    session.flush()


def count(session: Session) -> dict[str, int]:
    tables = confirmed_address.list_tables()
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_every_table_with_such_columns_is_registered(session: Session) -> None:
    named = {
        table.name for table in Base.metadata.tables.values() if {"email_sealed", "confirmed_at"} <= {*table.c.keys()}
    }
    assert named == {table.__tablename__ for table in confirmed_address.list_tables()}


def test_an_address_that_was_never_confirmed_is_deleted_after_a_week(session: Session) -> None:
    ask_everywhere(session, ADDRESS)
    before = count(session)
    assert set(before.values()) == {1}, "ask_everywhere leaves a table out"
    confirmed_address.delete_expired(session, at=now() + timedelta(days=6))
    assert count(session) == before
    confirmed_address.delete_expired(session, at=now() + timedelta(days=8))
    assert set(count(session).values()) == {0}


def test_a_confirmed_address_stays(session: Session) -> None:
    ask_everywhere(session, ADDRESS)
    for table in confirmed_address.list_tables():
        confirmed_address.confirm(session, session.scalars(select(table)).one())
    session.flush()
    confirmed_address.delete_expired(session, at=now() + timedelta(days=400))
    assert set(count(session).values()) == {1}


def test_the_rows_of_an_account_and_of_its_address_are_deleted_and_no_others(session: Session) -> None:
    account = factories.account(session, email=ADDRESS)
    ask_everywhere(session, ADDRESS)
    ask_everywhere(session, "bo@example.org")
    watchers.watch(session, account=account, wish=WatchFilter())
    session.flush()
    confirmed_address.delete_for_account(session, account)
    assert set(count(session).values()) == {1}


def test_the_hourly_job_of_the_outbox_deletes_them(session: Session) -> None:
    ask_everywhere(session, ADDRESS)
    for table in confirmed_address.list_tables():
        session.scalars(select(table)).one().created_at = now() - timedelta(days=8)
    session.flush()
    tasks.forget(session)
    assert set(count(session).values()) == {0}
