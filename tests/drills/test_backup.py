"""F13: a database is replaced by an older copy of itself while it runs.

What the copy holds is whole, and the site goes on with it. That it is older nobody can see: a witness of the log is
needed for that, and there is none yet. So nothing refuses to start.
"""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, select, text

from consult.core.db import db, transaction
from consult.ledger import service as ledger
from consult.ledger.model import LedgerEntry
from consult.submissions.model import Submission
from tests import factories
from tests.drills.conftest import Ground, until
from tests.visitor import Visitor

pytestmark = pytest.mark.drill


def _replace(ground: Ground, name: str, copy: str) -> None:
    """The database `name` becomes a copy of the database `copy`, whoever is connected to it."""
    url = make_url(ground.settings["CONSULT_DATABASE_URL"])
    with ground.app.app_context():
        db.engine.dispose()
    admin = create_engine(url.set(database="template1"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        asked = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(asked, {"name": copy})
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{copy}"'))
    admin.dispose()


def _file(base: str, slug: str, words: str) -> str:
    visitor = Visitor(base, slug)
    visitor.write(words)
    return visitor.send()


def test_an_older_copy_of_the_database_is_whole_and_is_gone_on_with(ground: Ground) -> None:
    with ground.app.app_context(), transaction() as session:
        slug = factories.consultation(session).slug
    name = str(make_url(ground.settings["CONSULT_DATABASE_URL"]).database)
    base = ground.serve()
    kept = _file(base, slug, "Before the copy")
    ground.kill(ground.processes[-1])
    _replace(ground, "older", name)
    base = ground.serve()
    lost = _file(base, slug, "After the copy")
    ground.kill(ground.processes[-1])
    _replace(ground, name, "older")
    ground.start("consult.cli", "worker", "--clock")
    base = ground.serve()
    again = _file(base, slug, "After the restoring")
    with ground.app.app_context(), transaction() as session:
        filed = set(session.scalars(select(Submission.reference)))
        assert (kept in filed, lost in filed, again in filed) == (True, False, True)

    def numbered() -> bool:
        with ground.app.app_context(), transaction() as session:
            numbers = session.scalars(select(LedgerEntry.number).order_by(LedgerEntry.id)).all()
            return None not in numbers and ledger.head(session) == len(numbers) + 1

    until(numbered)
    assert "received 2" in ground.run("audit")
