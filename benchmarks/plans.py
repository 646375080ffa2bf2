"""Cost of the page of a plan with 100 actions, and speed and quality of reading files of series.

    python -m benchmarks.plans [FOLDER OF CSV FILES]

The page is rendered for a visitor in this process; the time is CPU of this process, without PostgreSQL. Files are
compared with the standard library's reader: rows, periods and values.
"""

from __future__ import annotations

import csv
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from consult import create_app
from consult.cli.database import migrate
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.plans.indicators import service as indicators
from consult.plans.indicators.tables import read_table
from consult.plans.reports import service as reports
from tests import factories
from tests.bodies.working import lead_body
from tests.counting import statements
from tests.plans.planned import find, given, planned, speaking

ACTIONS, ROUNDS = 100, 60


def fill() -> str:
    """Create a public plan of 100 actions, each with one government report, two of organisations, and an indicator."""
    session = db.session()
    lead, moderator = factories.account(session, Role.POLICYMAKER), factories.account(session, Role.MODERATOR)
    plan = planned(session, lead_body(session, lead), by=lead, actions=ACTIONS)
    voices = [speaking(session) for _n in range(2)]
    row = indicators.get_indicator(session, plan, "I-1")
    series = "Year,Value\n" + "".join(f"{2000 + n},{n * 7 % 11}\n" for n in range(20))
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=series.encode())
    indicators.keep_import(session, plan, row, made, by=lead)
    numbers = [f"1.{n}" for n in range(1, ACTIONS + 1)]
    indicators._link(session, row, numbers)
    for n, number in enumerate(numbers):
        action = find(session, plan, number)
        reports.report_for_government(session, action, by=lead, given=given("done" if n % 3 == 0 else "under_way"))
        for organisation, person in voices:
            said = reports.report_for_organisation(
                session, action, by=person, organisation_id=organisation.id, given=given("late")
            )
            reports.publish(session, said, by=moderator, at=now() + timedelta(seconds=1))
    slug = plan.slug
    session.commit()
    return slug


def measure_page() -> None:
    url = os.environ["CONSULT_TEST_DATABASE_URL"]
    base, name = url.rsplit("/", 1)[0], "bench_plans"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    migrate(f"{base}/{name}")
    app = create_app(
        Settings(database_url=f"{base}/{name}", redis_url=os.environ["CONSULT_TEST_REDIS_URL"], secret_key="b" * 40)
    )
    with app.app_context():
        slug = fill()
        client = app.test_client()
        for _warm in range(5):
            answer = client.get(f"/plans/{slug}")
        assert answer.status_code == 200
        with statements() as seen:
            client.get(f"/plans/{slug}")
        spent, first = [], []
        for _round in range(ROUNDS):
            began = time.process_time()
            client.get(f"/plans/{slug}")
            spent.append(1000 * (time.process_time() - began))
            began = time.process_time()
            client.get(f"/plans/{slug}?fresh={_round}")  # an address that no page is kept of
            first.append(1000 * (time.process_time() - began))
        db.engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    selects = [one for one in seen if one.lstrip().startswith("SELECT")]
    print(
        f"page of {ACTIONS} actions: {statistics.median(spent):.1f} ms CPU (median of {ROUNDS}), "
        f"{statistics.median(first):.1f} ms where it is made anew, "
        f"{len(selects)} statements, {len(answer.data) // 1024} KB"
    )


def measure_files(folder: Path) -> None:
    good = wrong = total = 0
    began = time.process_time()
    for path in sorted(folder.glob("*.csv")):
        total += 1
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        read = read_table(path.read_bytes())
        known = [float(row["Value"]) for row in rows if row.get("Value")]
        found = [float(one.value) for one in read.values if one.value is not None]
        good += not read.problems and len(read.values) == len(rows)
        wrong += sum(a != b for a, b in zip(known, found, strict=False)) + abs(len(known) - len(found))
    spent = time.process_time() - began
    print(f"{good} of {total} files read without help, {wrong} values differ, {spent:.1f} s CPU with the other reader")


if __name__ == "__main__":
    measure_page()
    if len(sys.argv) > 1:
        measure_files(Path(sys.argv[1]))
