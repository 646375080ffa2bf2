"""No count under five of what is finer than region and week: cards, pages, JSON, feed, figures, lens, search."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.i18n import LANGUAGES
from consult.signals import queries, service
from consult.signals.figures.cells import FLOOR
from consult.signals.model import Confidence, Signal, SignalLevel, SignalState
from consult.signals.queries import PublicSignal
from tests.signals.working import filed, opened, seated

_COUNT = re.compile(r"\b(\d+) (?:reports?|sources?)\b")
TOWN = "Atacames"


def seen(session: Session, n: int, **values: str) -> Signal:
    """A signal of so many reports, each on another ground where there is one."""
    by = seated(session)
    signal = opened(session, by, level=SignalLevel.ALERT, place=TOWN, **values)
    for one in range(n - 1):
        service.link_report(session, filed(session, place=TOWN, body=f"Seen {one} {values}", **values), signal, by=by)
    session.commit()
    return signal


@pytest.mark.parametrize("n", [1, 2, 4, 5, 6])
def test_every_public_address_tells_the_number_of_reports_from_five_on(
    n: int, session: Session, client: FlaskClient
) -> None:
    signal = seen(session, n)
    told = n if n >= FLOOR else None
    record = client.get(f"/signals/{signal.slug}.json").json
    assert (record["reports"], record["sources"]) == (told, None)
    assert client.get("/signals.json").json["signals"] == [record]
    for address in ("/signals", f"/signals/{signal.slug}", "/signals.atom", "/search?q=oxycodone"):
        page = re.sub(r"</?mark>", "", client.get(address).text)
        assert signal.title in page
        assert TOWN not in page
        of_signal = page.split("Report count")[0]
        if address in ("/signals", f"/signals/{signal.slug}"):
            assert ("Fewer than five reports" in page) == (told is None), address
        assert {int(found) for found in _COUNT.findall(of_signal)} <= {told}, address


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_in_no_language_the_line_of_a_card_has_a_small_number(app: Flask, lang: str) -> None:
    with app.test_request_context(f"/signals?lang={lang}"):
        line = app.jinja_env.get_template("signals/parts.html").make_module({"lang": lang}).evidence_line

        @tried(max_examples=40)
        @given(st.integers(0, 12), st.integers(0, 12), st.sampled_from(Confidence))
        def no_small_number(reports: int, sources: int, sure: Confidence) -> None:
            row = SimpleNamespace(state=SignalState.OPEN, confidence=sure)
            it = PublicSignal(row, reports, sources, False, None, None)  # type: ignore[arg-type]
            assert it.told_reports is None or it.told_reports >= FLOOR
            numbers = {int(found) for found in re.findall(r"\d+", str(line(it)))}
            assert numbers <= {n for n in (reports, sources) if n >= FLOOR}

        no_small_number()


def test_triage_reads_the_number(session: Session) -> None:
    signal = seen(session, 2)
    row = session.scalars(select(Signal).where(Signal.id == signal.id)).one()
    assert queries.get_page(session, row.slug).signal.reports == 2
