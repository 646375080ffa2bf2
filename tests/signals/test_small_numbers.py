"""No exact count of reports below the whole site: cards, pages, JSON, feed, figures, programs, search."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult import ROOT
from consult.core.clock import now
from consult.core.i18n import LANGUAGES
from consult.signals import queries, service
from consult.signals.figures.bands import BANDS, band
from consult.signals.model import Confidence, Signal, SignalLevel, SignalState
from consult.signals.queries import PublicSignal
from tests.signals.working import filed, opened, seated

_COUNT = re.compile(r"(\d+ (?:to \d+|or more)|\d+) (?:reports?|sources?)\b")
_SHOWN = {"1 to 4", "5 to 9", "10 to 19", "20 to 49", "50 or more"}
_PAGES = ("/signals", "/signals/{}", "/signals.atom", "/search?q=oxycodone", "/signals/figures?country=EC")
_RECORDS = (
    "/signals.json",
    "/signals/{}.json",
    "/signals/figures.json?country=EC",
    "/api/v1/signals",
    "/api/v1/signals/{}",
)
_TABLES = ("/signals/figures.csv?country=EC",)
_WITHOUT_COUNTS = {
    "/signals/report": "a form",
    "/signals/report/no-trace": "a form",
    "/signals/report/worker.js": "a script",
    "/signals/return": "a form",
    "/signals/watch": "a form",
    "/signals/watcher/<token>": "choices of one person",
    "/signals/watcher/<token>/stop": "a button",
    "/signals/books": "totals of the whole site, which are exact",
    "/signals/<slug>/picture.png": "drawn from the words of a warning, without numbers of reports",
    "/signals/<slug>/poster.pdf": "the same",
}
"""Public addresses of early warning that this file does not read, and why."""
TOWN = "Atacames"


def test_each_public_address_of_early_warning_is_read_here_or_has_no_counts() -> None:
    with (Path(__file__).parents[1] / "rules" / "routes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    public = {
        row["rule"]
        for row in rows
        if (row["method"], row["who"]) == ("GET", "anyone") and re.match(r"(/api/v1)?/signals\b", row["rule"])
    }
    read = {address.partition("?")[0].replace("{}", "<slug>") for address in (*_PAGES, *_RECORDS, *_TABLES)}
    assert public == (read - {"/search"}) | set(_WITHOUT_COUNTS), (
        "read the new address above, or say why it has no counts"
    )


def test_what_is_printed_of_a_warning_takes_no_number_of_reports() -> None:
    folder = ROOT / "consult" / "signals" / "sheets"
    sources = [path for path in folder.iterdir() if path.suffix in (".py", ".typ")]
    assert {"poster.typ", "picture.typ"} <= {path.name for path in sources}
    assert not [path.name for path in sources if re.search(r"\.(reports|sources)\b|\bband\b", path.read_text("utf-8"))]


def seen(session: Session, n: int, **values: str) -> Signal:
    """A signal of so many reports, each on another ground where there is one."""
    by = seated(session)
    signal = opened(session, by, level=SignalLevel.ALERT, place=TOWN, **values)
    for one in range(n - 1):
        service.link_report(session, filed(session, place=TOWN, body=f"Seen {one} {values}", **values), signal, by=by)
    session.commit()
    return signal


def numbers_in(value: object, key: str = "") -> list[tuple[str, object]]:
    """All numbers in a record with their keys, also in text."""
    if isinstance(value, dict):
        return [pair for name, part in value.items() for pair in numbers_in(part, name)]
    if isinstance(value, list):
        return [pair for part in value for pair in numbers_in(part, key)]
    return [(key, value)] if isinstance(value, int) and not isinstance(value, bool) else []


@pytest.mark.parametrize("n", [1, 2, 4, 5, 7, 10])
def test_every_public_address_tells_reports_in_bands(n: int, session: Session, client: FlaskClient) -> None:
    with time_machine.travel(now() - timedelta(days=8), tick=False):
        signal = seen(session, n)
    for address in _PAGES:
        page = re.sub(r"</?(?:mark|bdi)>", "", client.get(address.format(signal.slug)).text)
        assert (signal.title in page) or "figures" in address
        assert TOWN not in page
        below_site = page.split("Report count")[0]  # the totals of the whole site are exact
        assert set(_COUNT.findall(below_site)) <= _SHOWN, address
        if "search" not in address and "atom" not in address:
            words = str(band(n)).replace("–", " to ")
            assert f"{words} reports" in below_site or f">{words}<" in below_site, address
    for address in _RECORDS:
        record = client.get(address.format(signal.slug)).json
        assert not [pair for pair in numbers_in(record) if pair[0] != "edition"], address
        assert str(band(n)) in str(record), address
    table = client.get(_TABLES[0]).text
    assert str(band(n)) in table
    assert not re.search(r",\d+(?:,|$)", table.replace(",0", ","))


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_in_no_language_the_line_of_a_card_has_an_exact_number(app: Flask, lang: str) -> None:
    ends = {n for row in BANDS for n in row if n is not None}
    with app.test_request_context(f"/signals?lang={lang}"):
        line = app.jinja_env.get_template("signals/parts.html").make_module({"lang": lang}).evidence_line

        @tried(max_examples=40)
        @given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(Confidence))
        def only_ends_of_bands(reports: int, sources: int, sure: Confidence) -> None:
            row = SimpleNamespace(state=SignalState.OPEN, confidence=sure)
            it = PublicSignal(row, reports, sources, False, None, None)  # type: ignore[arg-type]
            numbers = [int(text) for text in re.findall(r"\d+", str(line(it)))]
            assert set(numbers) <= ends - {0}
            assert band(max(reports, 1)).low in numbers

        only_ends_of_bands()


def test_triage_reads_the_number(session: Session) -> None:
    signal = seen(session, 2)
    row = session.scalars(select(Signal).where(Signal.id == signal.id)).one()
    assert queries.get_page(session, row.slug).signal.reports == 2
