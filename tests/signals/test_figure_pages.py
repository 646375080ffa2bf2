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


def test_three_outputs_tell_the_same_and_no_small_number_by_level(session: Session, client: FlaskClient) -> None:
    at = now() - timedelta(days=now().weekday() + 4)
    seen(session, 6, at, SignalLevel.ALERT, region="EC-E")
    seen(session, 5, at, SignalLevel.WATCH, region="EC-G")
    seen(session, 3, at, SignalLevel.ALERT, region="EC-G")
    session.commit()
    told = {
        row["region"]: (row["reports"], row["levels"])
        for row in client.get("/signals/figures.json?country=ec").json["regions"]
    }
    assert told == {"EC-E": (6, {"watch": 0, "alert": 6, "emergency": 0}), "EC-G": (8, None)}
    rows = list(csv.DictReader(client.get("/signals/figures.csv?country=EC").text.splitlines()))
    assert {row["region"]: (row["reports"], row["alert"]) for row in rows} == {"EC-E": ("6", "6"), "EC-G": ("8", "")}
    page = client.get("/signals/figures?country=EC").text
    assert page.count("not broken down by level") == 1
    assert "Guayas" in page
    everything = page + str(told) + str(rows)
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
