"""Reports side by side: what is equal, why they are proposed, one press to say the same, and one to say not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.signals.model import ReportStanding, SignalApart, SignalLink, SignalReport
from consult.signals.substances import matches as substances
from consult.signals.triage import proposals
from consult.signals.triage.comparison import Agreement
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from tests import factories
from tests.signals.working import filed, opened, seated

SignIn = Callable[[Any], FlaskClient]


def standing(session: Session, report: SignalReport) -> tuple[ReportStanding, Any]:
    link = session.get_one(SignalLink, report.id, populate_existing=True)
    return link.standing, link.signal_id


def post(browser: FlaskClient, report: SignalReport, **said: Any) -> Any:
    page = browser.get(f"/review/signals?at={report.reference}").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="csrf_token"', page
    )
    assert token
    return browser.post(f"/review/signals/reports/{report.reference}", data={"csrf_token": token[1]} | said)


def test_what_is_equal_and_what_differs_is_said_in_words(session: Session, sign_in: SignIn) -> None:
    me, network = seated(session), factories.organisation(session)
    yesterday = now().date() - timedelta(days=2)
    first = filed(session, product="Oxycodone M30", place="Atacames", happened_on=yesterday, organisation_id=network.id)
    second = filed(session, product="oxycodon M30", body="Another saw it and told us of it at the weekend.")
    session.commit()
    [one] = proposals.list_alike(session, second)
    two = one.agreements
    assert (two.place, two.day, two.days_apart) == (Agreement.ALIKE, Agreement.ALIKE, 2)
    assert (two.product, two.text, two.basis) == (Agreement.ALIKE, Agreement.DIFFERENT, Agreement.EQUAL)
    assert (two.source, two.harms) == (Agreement.DIFFERENT, Agreement.UNKNOWN)
    page = sign_in(me).get(f"/review/signals?at={second.reference}").text
    for said in (
        "Reasons for the suggestion:",
        "2 days apart",
        "the same region, but one report names no town",
        first.reference,
    ):
        assert said in page
    assert page.count('scope="row"') == 7
    assert "independent of this report" in page


def test_what_was_found_to_be_another_substance_stands_beside_what_is_sold_under_the_same_name(
    session: Session, sign_in: SignIn
) -> None:
    """And the likeness of the names is one figure, wherever it is said."""
    me = seated(session)
    signal = opened(session, me, product="Oxycodone M30")
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    [signal.substance_id] = [one.id for one in substances.list_terms(session) if one.label("en") == "Protonitazene"]
    second = filed(session, product="Oxycodone M-30", body="One did not wake after half of one.")
    session.commit()
    [one] = proposals.list_alike(session, second)
    assert (one.signal, one.agreements.substance) == (signal, Agreement.UNKNOWN)
    page = sign_in(me).get(f"/review/signals?at={second.reference}").text
    assert [page.count(said) for said in ("similar, 89%", "sold under similar names, 89%")] == [1, 1]
    assert "found in one, only named in the other" in page
    assert f'value="link:{signal.slug}"' in page


def test_one_press_adds_it_to_the_signal_of_the_other(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    signal, report = opened(session, me), filed(session, body="Three slept for hours after the same blue tablets.")
    session.commit()
    browser = sign_in(me)
    [button] = re.findall(r'<button[^>]*data-key="m"[^>]*>', browser.get("/review/signals").text)
    assert f'value="link:{signal.slug}"' in button
    assert 'accesskey="m"' in button
    assert post(browser, report, do=f"link:{signal.slug}").status_code == 303
    assert standing(session, report) == (ReportStanding.LINKED, signal.id)


def test_two_that_wait_are_opened_as_one_signal(session: Session, sign_in: SignIn) -> None:
    me = seated(session)
    first, second = filed(session), filed(session, body="Three slept for hours after the same blue tablets.")
    session.commit()
    browser = sign_in(me)
    page = browser.get(f"/review/signals?at={first.reference}").text
    assert f"with={second.reference}#open" in page
    page = browser.get(f"/review/signals?at={first.reference}&with={second.reference}").text
    assert re.search(rf'name="together" value="{second.reference}" checked', page)
    said = {"do": "open", "title": "Blue tablets", "reason": "Two saw it.", "level": "watch"}
    assert post(browser, first, together=second.reference, **said).status_code == 303
    found = {standing(session, report) for report in (first, second)}
    assert len(found) == 1
    assert next(iter(found))[0] is ReportStanding.LINKED


def test_what_is_not_the_same_is_not_proposed_again_either_way_until_it_is_brought_back(
    session: Session, sign_in: SignIn
) -> None:
    me = seated(session)
    first, second = filed(session), filed(session, body="Three slept for hours after the same blue tablets.")
    session.commit()
    browser = sign_in(me)
    for _twice in range(2):
        answer = post(browser, first, do=f"apart:{second.reference}")
        assert answer.location.endswith(f"/review/signals?at={first.reference}")
    assert len(session.scalars(select(SignalApart)).all()) == 1
    for report in (first, second):
        page = browser.get(f"/review/signals?at={report.reference}").text
        assert "Possibly about the same thing" not in page
        assert "1 report was marked as different" in page
        assert standing(session, report)[0] is ReportStanding.WAITING
    post(browser, second, do="back")
    assert "Possibly about the same thing" in browser.get(f"/review/signals?at={first.reference}").text


@pytest.mark.parametrize("do", ["apart:WS-NONE", "link:no-such-signal"])
def test_what_is_not_there_is_said(session: Session, sign_in: SignIn, do: str) -> None:
    me, report = seated(session), filed(session)
    session.commit()
    assert post(sign_in(me), report, do=do).status_code in {404, 422}
