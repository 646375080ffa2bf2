"""The public figures as page, CSV and JSON: the same numbers, and nothing finer than region and week."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.signals import service
from consult.signals.model import ReportChannel, SignalLevel
from consult.signals.reports import service as reports
from tests.counting import statements
from tests.signals.working import new_report, seated

SOLD_IN = "Atacames"


def seen(session: Session, n: int, at: datetime, level: SignalLevel, **values: str) -> None:
    """A signal of so many reports that came in at one moment."""
    by, rows = seated(session), []
    for one in range(n):
        given = new_report(happened_on=at.date(), body=f"Seen {level} {one} {values}", place=SOLD_IN, **values)
        key = f"figures-{level}-{one}-{values}-{at:%Y%m%d}"
        rows.append(
            reports.file(session, given, key=re.sub(r"\W", "_", key)[:80], channel=ReportChannel.WEB, at=at).report
        )
    signal = service.open_signal(session, rows[0], by=by, title="Tablets", level=level, reason="Why.", at=at)
    for row in rows[1:]:
        service.link_report(session, row, signal, by=by, at=at)


def test_three_outputs_tell_the_same_bands_and_no_exact_number(session: Session, client: FlaskClient) -> None:
    at = now() - timedelta(days=now().weekday() + 4)
    seen(session, 6, at, SignalLevel.ALERT, region="EC-E")
    seen(session, 8, at, SignalLevel.WATCH, region="EC-G")
    seen(session, 3, at, SignalLevel.ALERT, region="EC-G")
    session.commit()
    data = client.get("/signals/figures.json?country=ec").json
    shown = {row["region"]: (row["reports"], row["levels"]) for row in data["regions"]}
    assert shown == {
        "EC-E": ("5–9", {"watch": "0", "alert": "5–9", "emergency": "0"}),
        "EC-G": ("10–19", {"watch": "5–9", "alert": "1–4", "emergency": "0"}),
    }
    assert data["weeks"][-1]["reports"] == "10–19"
    table = client.get("/signals/figures.csv?country=EC").text
    rows = list(csv.DictReader(table.splitlines()))
    cells = {row["region"]: (row["reports"], row["alert"]) for row in rows}
    assert cells == {"EC-E": ("5–9", "5–9"), "EC-G": ("10–19", "1–4")}
    page = client.get("/signals/figures?country=EC").text
    assert "Guayas" in page
    assert re.search(r"most in the week of .*, 10 to 19 reports", page)
    assert set(re.findall(r'class="num" data-label="[^"]*">([^<]*)<', page)) == {"0", "1 to 4", "5 to 9", "10 to 19"}
    everything = page + str(data) + table
    assert SOLD_IN not in everything
    assert f"{at:%H:%M}" not in everything


def test_the_running_week_and_what_waits_are_not_told(session: Session, client: FlaskClient) -> None:
    seen(session, 5, now(), SignalLevel.ALERT, region="EC-E")
    reports.file(session, new_report(), key="a-key-of-sixteen-letters", channel=ReportChannel.WEB)
    session.commit()
    assert client.get("/signals/figures.json?country=EC").json["regions"] == []
    assert "No week to show yet" in client.get("/signals/figures?country=EC").text


def test_a_country_is_named_by_its_letters(client: FlaskClient) -> None:
    assert client.get("/signals/figures.csv?country=XX").status_code == 404
    assert client.get("/signals/figures.json").status_code == 404
    assert client.get("/signals/figures?country=%22%3E").status_code == 200


def test_the_page_takes_as_many_statements_whatever_is_counted(session: Session, client: FlaskClient) -> None:
    with statements() as before:
        client.get("/signals/figures?country=EC")
    seen(session, 6, now() - timedelta(days=9), SignalLevel.ALERT, region="EC-E")
    session.commit()
    with statements() as after:
        client.get("/signals/figures?country=EC")
    assert len(after) == len(before)
