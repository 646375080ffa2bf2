"""Plans in tests: a public one with an action and an indicator."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions import service as decisions
from consult.decisions.model import Outcome
from consult.plans import service
from consult.plans.indicators import service as indicators
from consult.plans.indicators.model import WantedTurn
from consult.plans.indicators.service import IndicatorTerms
from consult.plans.model import ActionPlan, ActionReport, PlanAction, Progress
from consult.plans.reports import service as reports
from consult.plans.reports.process import PROCESS
from consult.plans.reports.service import GivenReport
from consult.plans.service import ActionTerms, PlanTerms
from tests import factories

SHOWN = ("https://example.org/report",)


def terms(number: str = "", *, days: int = 200, **values: Any) -> ActionTerms:
    """An action that is due in so many days."""
    due = values.pop("due_on", now().date() + timedelta(days=days))
    return ActionTerms(title=values.pop("title", f"Do {number or 'it'}"), owner_name=values.pop("owner", "Ministry"),
                       due_on=due, number=number, **values)  # fmt: skip


def planned(session: Session, body: PublicBody, *, by: Account, actions: int = 1) -> ActionPlan:
    """A public plan of a body with actions 1.1, 1.2 … and the indicator I-1 of the first."""
    year = now().year
    plan = service.make_plan(session, by=by, body=body, terms=PlanTerms("Plan", "Why.", "en", year, year + 3))
    for n in range(1, actions + 1):
        service.add_action(session, plan, by=by, terms=terms(f"1.{n}"))
    told = IndicatorTerms("I-1", {"en": "Deaths"}, {"en": "people"}, WantedTurn.DOWN, actions=["1.1"])
    indicators.make_indicator(session, plan, by=by, terms=told)
    service.publish_plan(session, plan, by=by)
    session.flush()
    return plan


def find(session: Session, plan: ActionPlan, number: str = "1.1") -> PlanAction:
    return session.scalars(select(PlanAction).where(PlanAction.plan_id == plan.id, PlanAction.number == number)).one()


def speaking(session: Session, name: str = "", **values: Any) -> tuple[Organisation, Account]:
    """An organisation that may report, and its member."""
    row = factories.organisation(session, **({"name": name} if name else {}), proven_domain="example.org", **values)
    person = factories.account(session)
    session.add(Membership(organisation_id=row.id, account_id=person.id, owner=True, since=now()))
    session.flush()
    return row, person


def given(progress: str, words: str = "So it is.", **values: Any) -> GivenReport:
    links = values.pop("links", SHOWN if progress == "done" else ())
    return GivenReport(Progress(progress), words, links, "en", **values)


def said_by(session: Session, action: PlanAction, progress: str, **values: Any) -> ActionReport:
    """A published report of a new organisation."""
    row, person = speaking(session)
    made = reports.report_for_organisation(
        session, action, by=person, organisation_id=row.id, given=given(progress, **values)
    )
    publish(session, made)
    return made


def publish(session: Session, made: ActionReport, by: Account | None = None) -> None:
    """At once, by a moderator without a part in it, or by `by`."""
    by = by or factories.account(session, Role.MODERATOR)
    decisions.decide_at_once(session, PROCESS, item_id=made.id, by=by, outcome=Outcome.PUBLISH)


def withhold(session: Session, made: ActionReport, reason: str = "off_topic") -> None:
    """Refuse publication by two moderators, as for any text of an organisation."""
    people = [factories.account(session, Role.MODERATOR) for _n in range(2)]
    decisions.decide_at_once(
        session, PROCESS, item_id=made.id, by=people[0], second=people[1], outcome=Outcome.WITHHOLD, reason=reason
    )


def half_a_minute_later(session: Session) -> int:
    """Lets what was decided on reports take effect."""
    return decisions.apply_due(session, PROCESS, at=now() + timedelta(seconds=31))


def day(days: int) -> date:
    return now().date() + timedelta(days=days)
