""" "More than usual here": shown with a report that waits, before anybody has decided, and on the page of a signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.signals import service
from consult.signals.rule.predictive import compute_tail, find_unusual
from consult.signals.triage import proposals
from tests.signals.working import filed, opened, seated

SignIn = Callable[[Any], FlaskClient]
SAID = "This is more than usual here: "


def test_a_report_that_waits_is_counted_with_those_of_its_signal(session: Session, sign_in: SignIn) -> None:
    me, today = seated(session), now().date()
    filed(session, happened_on=today - timedelta(days=89), body="The first of the region.", product="Powder")
    signal = opened(session, me, happened_on=today - timedelta(days=2))
    for back in (30, 60):
        old = filed(session, happened_on=today - timedelta(days=back), body=f"Of {back} days ago, in other words.")
        service.link_report(session, old, signal, by=me)
    assert proposals.measure_usual(session, signal, at=now()) is None
    second = filed(session, happened_on=today - timedelta(days=1), body="A second one, by somebody else.")
    last = filed(session, happened_on=today, body="A third one, and the first that anybody reads.")
    session.commit()
    client = sign_in(me)
    page = client.get(f"/review/signals?at={last.reference}").text
    assert f"{SAID}3 reports in a week" in page
    service.link_report(session, last, signal, by=me)
    service.link_report(session, second, signal, by=me)
    session.commit()
    page = client.get(f"/review/signals/{signal.slug}").text
    assert f"{SAID}3 reports in a week" in page
    assert "Oxycodone M30</bdi> · <bdi>Esmeraldas, Ecuador" in page


def test_what_another_region_has_is_not_usual_here(session: Session, sign_in: SignIn) -> None:
    me, today = seated(session), now().date()
    signal = opened(session, me, happened_on=today, region="EC-G")
    last = filed(session, happened_on=today, body="The only one of this region, and nothing like it before.")
    session.commit()
    found = proposals.list_alike(session, last)
    assert [one.signal for one in found if one.signal is not None and one.signal.id == signal.id] == []
    assert proposals.measure_arriving(session, last, found, []) is None
    assert SAID not in sign_in(me).get(f"/review/signals?at={last.reference}").text


def test_where_nothing_was_reported_before_nothing_is_said_to_be_unlikely(session: Session, sign_in: SignIn) -> None:
    me, today = seated(session), now().date()
    signal = opened(session, me, happened_on=today - timedelta(days=1))
    for number in range(3):
        service.link_report(session, filed(session, happened_on=today, body=f"Further, {number}"), signal, by=me)
    session.commit()
    page = sign_in(me).get(f"/review/signals/{signal.slug}").text
    assert SAID not in page
    assert "4 reports in a week. The first report from this region is too recent" in page


@pytest.mark.parametrize(("days", "compared"), [(33, False), (34, True), (200, True)])
def test_a_week_is_compared_with_the_days_since_the_first_report_and_with_four_weeks_at_least(
    days: int, compared: bool
) -> None:
    today = now().date()
    first, week = today - timedelta(days=days), [today - timedelta(days=n) for n in range(5)]
    found = find_unusual(week, today, since=first)
    assert found is not None
    assert found == (5, compute_tail(5, 7, 0, min(84, days - 6)) if compared else None)
