"""The sample's plan: what people judge by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cli.sample import loader
from consult.core.clock import now
from consult.plans import queries
from consult.plans.model import ActionPlan
from consult.responses.actions import service as actions
from consult.responses.model import AnswerOutcome, Response

SignIn = Callable[[Any], FlaskClient]


def test_the_sample_has_a_plan_on_which_both_sides_differ_and_answers_that_lead_somewhere(
    client: FlaskClient, session: Session
) -> None:
    loader.load(session, now=now())
    session.commit()
    plan = session.scalars(select(ActionPlan)).one()
    page = queries.get_plan_page(session, plan)
    assert page.balance.actions == 24
    assert page.balance.differ >= 8
    assert page.balance.denied >= 3
    assert sum(page.balance.states.values()) == 24
    accepted = session.scalars(
        select(Response).where(Response.outcome.in_((AnswerOutcome.ACCEPTED, AnswerOutcome.IN_PART)))
    ).all()
    leads = actions.load_by_answer(session, [one.id for one in accepted])
    assert [one.id for one in accepted if not one.text_suffices and one.id not in leads] == []
    assert len(leads) >= 2
    here = f"/plans/{plan.slug}"
    series = f"{here}/indicators/I-1"
    pages = ["/plans", here, f"{here}/actions/1.1", f"{here}.json", f"{here}.csv", "/c/prison-health-standards/outcome"]
    for path in [*pages, series, f"{series}?by=Sex", f"{series}.csv", f"{series}.csv-metadata.json"]:
        assert client.get(path).status_code == 200, path
