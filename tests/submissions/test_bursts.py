"""The check for changes of a page takes a few steps, also after a burst without new statistics."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import db
from consult.ledger import service as ledger
from consult.site.queries import _STAMP
from consult.submissions.comments import statements as comments_statements
from tests import factories

_READ = ("ledger", "consultation", "stored_file", "provision_tag")
_BURST = text(
    """
    INSERT INTO ledger (at, kind, consultation_id, subject_id, detail)
    SELECT now(), 'submission.received', :consultation, 0, '{}' FROM generate_series(1, 12000)
    """
)


@pytest.fixture
def slugs(app: Flask, session: Session) -> dict[str, str]:
    """A consultation about which something was entered long ago, and one to which thousands write."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM (INDEX_CLEANUP ON) {', '.join(_READ)}"))  # what other tests have left
    quiet, busy = factories.consultation(session), factories.consultation(session)
    ledger.record(session, ledger.Kind.CONSULTATION_CHANGED, subject_id=quiet.id, consultation_id=quiet.id)
    ledger.number_entries(session)
    session.execute(_BURST, {"consultation": busy.id})
    session.commit()
    ledger.number_entries(session)
    session.commit()
    return {"quiet": quiet.slug, "busy": busy.slug, "all": ""}


def pages_read(session: Session, statement: Any, **values: object) -> int:
    """Count the memory pages that the server reads for a statement."""
    sql = statement.params(**values).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    found = session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
    plan = found.scalar_one()[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("which", ["quiet", "busy", "all"])
def test_what_a_page_depends_on_is_read_in_a_few_steps_after_a_burst(
    session: Session, slugs: dict[str, str], which: str
) -> None:
    about_one = which != "all"
    given: dict[str, object] = {"slug": slugs[which]} if about_one else {"at": now().isoformat()}
    dated = _STAMP.bindparams(bindparam("at", type_=String))
    read = pages_read(session, comments_statements.select_stamp() if about_one else dated, **given)
    assert read < 40


def test_an_entry_changes_it_before_it_has_a_number(session: Session, slugs: dict[str, str]) -> None:
    def stamp() -> Any:
        return session.execute(comments_statements.select_stamp(), {"slug": slugs["quiet"]}).one()[1:]

    before = stamp()
    ledger.record(session, ledger.Kind.CONSULTATION_CHANGED, subject_id=1, consultation_id=None)
    session.flush()
    waiting = stamp()
    ledger.number_entries(session)
    assert before != waiting
    assert stamp() == before  # of another consultation: with its number it does not matter here
