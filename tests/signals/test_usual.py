""" "More than usual here": shown with a report that waits, before anybody has decided, and on the page of a signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.signals import service
from consult.signals.triage import proposals
from tests.signals.working import filed, opened, seated

SignIn = Callable[[Any], FlaskClient]
SAID = "More than usual here: "


def test_a_report_that_waits_is_counted_with_those_of_its_signal(session: Session, sign_in: SignIn) -> None:
    me, today = seated(session), now().date()
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
