"""Topics of actions: suggested by software, confirmed by a person, and then on the pages of the topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.bodies.model import BodyRole
from consult.core.errors import Forbidden, NotFound
from consult.plans import service
from consult.plans.model import ActionPlan
from consult.plans.topics import service as topics
from consult.plans.topics.related import PREFIX, list_cues, list_related
from consult.taxonomy import service as taxonomy
from consult.taxonomy.model import Term
from consult.taxonomy.skos import read_pack
from tests.bodies.working import make_body, work
from tests.plans.planned import planned, terms

SignIn = Callable[[Any], FlaskClient]
PACK = taxonomy.PACKS / "drug-policy.ttl"


@pytest.fixture
def plan(session: Session) -> ActionPlan:
    taxonomy.load_pack(session, read_pack(PACK))
    body = make_body(session)
    lead = work(session, body)
    row = planned(session, body, by=lead)
    for number, title in (("2.1", "Needle and syringe programmes in each prison"), ("2.2", "Close the office")):
        service.add_action(session, row, by=lead, terms=terms(number, title=title))
    session.commit()
    return row


def suggested(session: Session, plan: ActionPlan, number: str) -> dict[str, str]:
    row = next(row for row in topics.list_actions(session, plan) if row.action.number == number)
    return {topic.term.uri.removeprefix(PREFIX): topic.words for topic in row.suggested}


def test_every_topic_and_right_that_rules_name_is_in_the_pack(session: Session, plan: ActionPlan) -> None:
    uris = set(session.scalars(select(Term.uri)))
    assert {uri for uri, _word in list_cues()} <= uris
    related = list_related(uris)
    assert set(related) <= uris
    assert len(related) >= 9


def test_topics_are_suggested_by_words_and_by_related_topics_and_none_is_confirmed_by_software(
    session: Session, plan: ActionPlan, client: FlaskClient
) -> None:
    assert {"pillars:needle", "rights:harm-reduction", "rights:health", "rights:prisoners"} <= set(
        suggested(session, plan, "2.1")
    )
    assert suggested(session, plan, "2.2") == {}
    assert "Needle and syringe programmes in each prison" not in client.get("/taxonomy/rights/health").text


def test_a_person_confirms_topics_of_all_actions_at_once_and_the_right_then_lists_the_action(
    session: Session, plan: ActionPlan, client: FlaskClient, sign_in: SignIn
) -> None:
    body_lead = work(session, service.bodies.list_bodies(session)[0], BodyRole.DRAFTER)
    session.commit()
    browser, path = sign_in(body_lead), f"/desk/plans/{plan.slug}/topics"
    rows = {row.action.number: row for row in topics.list_actions(session, plan)}
    ids = {topic.term.uri.removeprefix(PREFIX): topic.term.id for topic in rows["2.1"].suggested}
    assert "related to" in browser.get(path).text
    sent = {f"action-{rows['2.1'].action.id}": [str(ids["rights:health"]), str(ids["pillars:needle"])]}
    other = session.scalars(select(Term.id).where(Term.uri == f"{PREFIX}rights:privacy")).one()
    more = {"to": str(rows["2.2"].action.id), "topic": str(other)}
    assert browser.post(path, data={**sent, **more}).status_code == 303
    assert "Needle and syringe programmes in each prison" in client.get("/taxonomy/rights/health").text
    assert "Close the office" in client.get("/taxonomy/rights/privacy").text
    assert "/taxonomy/rights/health" in client.get(f"/plans/{plan.slug}/actions/2.1").text
    assert browser.post(path, data={}).status_code == 303
    assert "Needle and syringe programmes" not in client.get("/taxonomy/rights/health").text


def test_only_people_who_edit_the_plan_confirm_topics_that_there_are(session: Session, plan: ActionPlan) -> None:
    stranger = work(session, make_body(session, name="Other body"))
    action = topics.list_actions(session, plan)[0].action
    with pytest.raises(Forbidden):
        topics.confirm(session, plan, by=stranger, chosen={action.id: []})
    lead = work(session, service.bodies.list_bodies(session)[0])
    with pytest.raises((NotFound, Forbidden)):
        topics.confirm(session, plan, by=lead, chosen={action.id: [2**40]})
