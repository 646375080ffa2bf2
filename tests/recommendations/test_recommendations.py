"""Recommendations: who keeps, gives, declines and links, the computed status, and the reports of both sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import merge
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.plans import service as plans
from consult.plans.model import Progress
from consult.plans.reports import service as reports
from consult.plans.reports.service import GivenReport
from consult.recommendations import queries, service
from consult.recommendations.labels import AnswerStatus
from consult.recommendations.matrices.reader import read_table
from consult.recommendations.model import CountryRecommendation, RecommendationSource
from consult.recommendations.service import SetTerms
from consult.taxonomy import service as taxonomy
from consult.taxonomy.model import Term
from consult.taxonomy.skos import read_pack
from tests import factories
from tests.bodies.working import make_body, work
from tests.plans.planned import planned, terms

SignIn = Callable[[Any], FlaskClient]
TABLE = "Number,Recommendation,Position\n1.1,Open clinics in each prison,Supported\n1.2,Publish figures,Noted\n"
SET = SetTerms(RecommendationSource.UPR, "A/HRC/1/1", date(2025, 1, 27), "en")


@pytest.fixture
def body(session: Session) -> PublicBody:
    return make_body(session, country="CR")


@pytest.fixture
def lead(session: Session, body: PublicBody) -> Account:
    return work(session, body)


@pytest.fixture
def row(session: Session, lead: Account) -> CountryRecommendation:
    service.keep(session, "CR", read_table(TABLE).rows, by=lead, terms=SET, data=b"x")
    return session.scalars(select(CountryRecommendation).order_by(CountryRecommendation.id)).first()  # type: ignore[return-value]


def status(session: Session, row: CountryRecommendation) -> AnswerStatus:
    return queries.load_one(session, row).status


def test_the_same_file_again_keeps_nothing_and_people_of_another_country_keep_nothing(
    session: Session, lead: Account, row: CountryRecommendation
) -> None:
    rows = read_table(TABLE).rows
    assert service.keep(session, "CR", rows, by=lead, terms=SET, data=b"x")[1] == 0
    with pytest.raises(Forbidden):
        service.keep(session, "PE", rows, by=lead, terms=SET, data=b"x")
    kept = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.RECOMMENDATION_KEPT)).all()
    assert [entry.detail["kept"] for entry in kept] == [2]
    with pytest.raises(Refusal):
        service.check_country(["PE"], "CR")


def test_the_status_follows_from_bodies_and_actions(
    session: Session, body: PublicBody, lead: Account, row: CountryRecommendation
) -> None:
    assert status(session, row) is AnswerStatus.NOBODY
    assert service.give(session, row, "CR", [body.id], by=lead) == 1
    assert service.give(session, row, "CR", [body.id], by=lead) == 0
    assert status(session, row) is AnswerStatus.NO_ACTION
    plan = planned(session, body, by=lead)
    action = plans.add_action(session, plan, by=lead, terms=terms("9.1"))
    assert service.link(session, row, "CR", action, by=lead)
    assert not service.link(session, row, "CR", action, by=lead)
    assert status(session, row) in (AnswerStatus.UNDER_WAY, AnswerStatus.LATE)
    given = GivenReport(progress=Progress.DONE, words="Open.", language="en", links=["https://example.org/"])
    reports.report_for_government(session, action, by=lead, given=given)
    assert status(session, row) is AnswerStatus.DONE
    service.unlink(session, row, "CR", action, by=lead)
    assert status(session, row) is AnswerStatus.NO_ACTION


def test_a_body_declines_with_a_reason_within_thirty_days(
    session: Session, body: PublicBody, lead: Account, row: CountryRecommendation
) -> None:
    service.give(session, row, "CR", [body.id], by=lead)
    for reason, days in (("", 0), ("Not ours.", 31)):
        with pytest.raises(Refusal):
            service.decline(session, row, body, by=lead, reason=reason, at=now() + timedelta(days=days))
    with pytest.raises(Forbidden):
        service.decline(session, row, body, by=work(session, make_body(session)), reason="No.")
    service.decline(session, row, body, by=lead, reason="Not ours.")
    assert status(session, row) is AnswerStatus.NOBODY
    with pytest.raises(NotFound):
        service.decline(session, row, body, by=lead, reason="Again.")


def test_only_bodies_of_the_country_get_a_recommendation(
    session: Session, lead: Account, row: CountryRecommendation
) -> None:
    with pytest.raises(NotFound):
        service.give(session, row, "CR", [make_body(session, country="PE").id], by=lead)
    with pytest.raises(Forbidden):
        service.give(session, row, "CR", [], by=work(session, make_body(session, country="PE")))


def test_a_topic_leads_to_the_recommendation(
    session: Session, lead: Account, row: CountryRecommendation, client: FlaskClient
) -> None:
    taxonomy.load_pack(session, read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    health = session.scalars(select(Term).where(Term.uri == "urn:consult:rights:health")).one()
    assert service.confirm_terms(session, row, "CR", [health.id], by=lead)
    assert not service.confirm_terms(session, row, "CR", [health.id], by=lead)
    with pytest.raises(NotFound):
        service.confirm_terms(session, row, "CR", [10**9], by=lead)
    session.commit()
    assert "Open clinics in each prison" in client.get("/taxonomy/rights/health").text


def test_the_pages_and_both_reports_hold_the_same_rows(
    session: Session, body: PublicBody, lead: Account, row: CountryRecommendation, client: FlaskClient, sign_in: SignIn
) -> None:
    service.give(session, row, "CR", [body.id], by=lead)
    session.commit()
    for path in ("/countries/CR", "/countries/CR/recommendations", f"/recommendations/{row.id}"):
        assert "Open clinics in each prison" in client.get(path).text
    shown = client.get("/countries/CR/recommendations?show=no_action").text
    assert "Publish figures" not in shown
    assert client.get("/countries/CR/recommendations?show=x").status_code == 404
    rows = [
        sorted(client.get(f"/countries/CR/report.csv?by={side}").text.splitlines())
        for side in ("government", "society")
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3
    assert client.get("/countries/CR/report.docx?by=society").data.startswith(b"PK")
    assert client.get("/countries/CR/report?by=nobody").status_code == 404
    assert "Assign to bodies" in sign_in(lead).get(f"/recommendations/{row.id}").text
    for name in ("give", "link", "topics", f"decline/{body.slug}"):
        path = f"/desk/recommendations/{row.id}/{name}"
        assert sign_in(lead).get(path).status_code == 200, name
        assert sign_in(work(session, make_body(session))).get(path).status_code == 403, name
    found = client.get("/search?q=clinics").text
    assert f"/recommendations/{row.id}" in found
    record = client.get("/api/v1/countries/CR/recommendations").json[0]
    assert (record["number"], record["status"], record["bodies"]) == ("1.1", "no_action", [body.slug])


def test_the_list_opens_with_its_numbers_and_one_bar(
    session: Session, body: PublicBody, lead: Account, row: CountryRecommendation, client: FlaskClient
) -> None:
    service.give(session, row, "CR", [body.id], by=lead)
    session.commit()
    page = client.get("/countries/CR/recommendations").text
    assert "With a finished action: 0 of 2. Without any action: 2." in page
    assert re.findall(r'<rect class="([a-z-]+)" x="(\d)" width="(\d)"', page) == [
        ("is-no-report", "0", "1"),
        ("is-not-started", "1", "1"),
    ]


def test_a_file_is_previewed_and_what_is_chosen_is_kept(session: Session, lead: Account, sign_in: SignIn) -> None:
    client, url = sign_in(lead), "/desk/countries/CR/recommendations/import"
    sent = {
        "text": TABLE,
        "source": "upr",
        "symbol": "A/1",
        "day": ["1", "2", "2025"],
        "language": "en",
        "which": "near",
    }
    preview = client.post(url, data={**sent, "do": "show"})
    assert "2 of 2 lines were read" in preview.text
    assert client.post(url, data={**sent, "symbol": "", "do": "keep"}).status_code == 422
    assert client.post(url, data={**sent, "do": "keep"}).status_code == 303
    assert session.scalars(select(CountryRecommendation.words)).all() == ["Open clinics in each prison"]
    another = {**sent, "text": "Recommendation,Country\nDo it,Peru\n", "do": "show"}
    assert "another country: Peru" in client.post(url, data=another).text


def test_a_merged_body_takes_its_recommendations_with_it(
    session: Session, body: PublicBody, lead: Account, row: CountryRecommendation
) -> None:
    other = make_body(session, country="CR")
    service.give(session, row, "CR", [body.id, other.id], by=lead)
    merge.merge(session, body=body, into=other, by=factories.account(session, Role.ADMIN))
    assert [each.id for _given, each in queries.load_one(session, row).given] == [other.id]
