"""The review of a plan in the digest of its consultation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.digests import service as digests
from consult.digests.content import body_json
from consult.digests.model import Cadence
from consult.digests.render import brief
from consult.plans import queries, reviews, service
from consult.plans.model import PlanReview
from consult.plans.reports import service as reports
from tests import factories
from tests.bodies.working import make_body, work
from tests.filing import file, numbered
from tests.plans.planned import find, given, planned, said_by, terms

SignIn = Callable[[Any], FlaskClient]


def test_the_digest_of_a_review_tells_the_balance_of_the_plan_in_three_lines(session: Session, sign_in: SignIn) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=3)
    reports.report_for_government(session, find(session, plan), by=lead, given=given("done"))
    said_by(session, find(session, plan), "late")
    page = queries.get_plan_page(session, plan)
    balance = {str(state): n for state, n in page.balance.states.items()} | {"differ": page.balance.differ}
    row = factories.consultation(session)
    session.add(PlanReview(plan_id=plan.id, consultation_id=row.id, balance=balance, at=now()))
    file(session, row, "Go on with it.")
    numbered(session)
    made = digests.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert made is not None
    assert made.body is not None
    session.commit()
    kept = body_json.from_json(body_json.to_json(made.body))
    [section] = [one for one in brief.build(kept, brief.EDITION).sentences if "plan" in one.title]
    assert [line.text.partition(" on ")[0] for line in section.rows[:1]] == ["“Plan” had 3 actions"]
    assert section.rows[0].text.endswith("The government reported 1 as done.")
    assert section.rows[1].text == "Other actions: 2 without a current report"
    assert section.rows[2].text == "1 action disputed by at least one organisation"
    assert f'/plans/{plan.slug}"' in sign_in(lead).get(f"/desk/digests/{made.id}").text
    assert section.rows[0].plan == plan.slug
    other = factories.consultation(session)
    assert reviews.find_reviewed(session, other.id) is None


def test_chapters_of_a_review_have_one_number(session: Session) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead)
    service.add_action(session, plan, by=lead, terms=terms("2.1", objective="2 Treatment for all"))
    draft = reviews.write_draft(queries.get_plan_page(session, plan))
    assert [line for line in draft.splitlines() if line.startswith("## ")] == ["## 1 Actions", "## 2 Treatment for all"]
