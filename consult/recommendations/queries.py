"""Queries on recommendations with their bodies and actions. A fixed number of statements each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.countries.model import BodyMembership
from consult.plans.model import ActionDoer, ActionPlan, ActionReport, Doer, PlanAction
from consult.plans.standings import ActionStatus, build_status, load_standings
from consult.plans.state import DONE_STATES, KEPT_STATES, ActionState
from consult.recommendations.labels import AnswerStatus
from consult.recommendations.model import (
    CountryRecommendation,
    GivenRecommendation,
    RecommendationAction,
    RecommendationSet,
    RecommendationTerm,
)
from consult.taxonomy.model import Scheme, Term


@dataclass(frozen=True)
class LinkedAction:
    """An action that answers a recommendation, with its state and plan."""

    status: ActionStatus
    plan: ActionPlan | None

    @property
    def address(self) -> tuple[str, dict[str, Any]]:
        """Return the endpoint of the action's page and its values."""
        action = self.status.action
        if self.plan is None:
            return "plans.action", {"number": action.id}
        return "plans.plan_action", {"slug": self.plan.slug, "number": action.number}


@dataclass(frozen=True)
class AnsweredRecommendation:
    """A recommendation with its set, the bodies it was given to, and the actions that answer it."""

    row: CountryRecommendation
    set: RecommendationSet
    given: Sequence[tuple[GivenRecommendation, PublicBody]] = ()
    actions: Sequence[LinkedAction] = ()

    @property
    def status(self) -> AnswerStatus:
        """Return what is done: one late action makes it late, and it is done when each action is."""
        states = [linked.status.state for linked in self.actions]
        if any(state is ActionState.LATE for state in states):
            return AnswerStatus.LATE
        if states and all(state in DONE_STATES or state in KEPT_STATES for state in states):
            return AnswerStatus.DONE
        if states:
            return AnswerStatus.UNDER_WAY
        holds = any(given.declined_at is None for given, _body in self.given)
        return AnswerStatus.NO_ACTION if holds else AnswerStatus.NOBODY


@dataclass(frozen=True)
class RecommendationList:
    """The recommendations to a country, with the number of each status."""

    country: str
    items: Sequence[AnsweredRecommendation]
    counts: Counter[AnswerStatus] = field(default_factory=Counter)
    total: int = 0


def list_for_country(session: Session, country: str, show: str = "", set_id: int = 0) -> RecommendationList:
    """Return the recommendations to a country, newest document first. `show` selects a status. Five statements."""
    of = RecommendationSet.country == country
    items = _load(session, of & (RecommendationSet.id == set_id) if set_id else of)
    counts = Counter(item.status for item in items)
    shown = [item for item in items if not show or item.status == show]
    return RecommendationList(country, shown, counts, len(items))


def load_one(session: Session, row: CountryRecommendation) -> AnsweredRecommendation:
    """Return a recommendation with its bodies and actions."""
    return _load(session, CountryRecommendation.id == row.id)[0]


def list_by_ids(session: Session, ids: Collection[int]) -> list[AnsweredRecommendation]:
    """Return recommendations by id, newest document first."""
    return _load(session, CountryRecommendation.id.in_(ids)) if ids else []


def list_of_action(session: Session, action_id: int) -> list[AnsweredRecommendation]:
    """Return the recommendations that an action answers."""
    linked = select(RecommendationAction.recommendation_id).where(RecommendationAction.action_id == action_id)
    return _load(session, CountryRecommendation.id.in_(linked))


def list_sets(session: Session, country: str = "") -> Sequence[RecommendationSet]:
    """Return the sets of a country, or all, newest first."""
    query = select(RecommendationSet).order_by(RecommendationSet.day.desc(), RecommendationSet.id.desc())
    return session.scalars(query.where(RecommendationSet.country == country) if country else query).all()


def list_terms(session: Session, row: CountryRecommendation) -> Sequence[tuple[Scheme, Term]]:
    """Return the confirmed topics of a recommendation, in the order of the taxonomy."""
    query = select(Scheme, Term).join(Term, Term.scheme_id == Scheme.id)
    query = query.join(RecommendationTerm, RecommendationTerm.term_id == Term.id)
    query = query.where(RecommendationTerm.recommendation_id == row.id)
    return [(scheme, term) for scheme, term in session.execute(query.order_by(Scheme.position, Term.position))]


def list_linkable(session: Session, country: str) -> Sequence[tuple[PlanAction, ActionPlan]]:
    """Return the public actions of a country's bodies, and of regional bodies that it is a member of, newest first."""
    own = select(PublicBody.id).where(PublicBody.country == country)
    query = select(PlanAction, ActionPlan).join(ActionPlan, ActionPlan.id == PlanAction.plan_id)
    query = query.where(ActionPlan.published_at.is_not(None))
    does = select(ActionDoer.action_id).join(Doer, Doer.id == ActionDoer.doer_id).where(Doer.body_id.in_(own))
    above = select(BodyMembership.body_id).where(BodyMembership.country == country)
    plans = or_(ActionPlan.body_id.in_(own), ActionPlan.body_id.in_(above))
    query = query.where(or_(plans, PlanAction.owner_id.in_(own), PlanAction.id.in_(does)))
    rows = session.execute(query.order_by(ActionPlan.id.desc(), PlanAction.position).limit(500))
    return [(action, plan) for action, plan in rows]


def _load(session: Session, of: Any) -> list[AnsweredRecommendation]:
    query = select(CountryRecommendation, RecommendationSet).join(RecommendationSet).where(of)
    rows = session.execute(
        query.order_by(RecommendationSet.day.desc(), RecommendationSet.id.desc(), CountryRecommendation.place)
    ).all()
    ids = [row.id for row, _set in rows]
    given: dict[int, list[tuple[GivenRecommendation, PublicBody]]] = defaultdict(list)
    holders = select(GivenRecommendation, PublicBody).join(PublicBody, PublicBody.id == GivenRecommendation.body_id)
    for each, body in session.execute(
        holders.where(GivenRecommendation.recommendation_id.in_(ids)).order_by(PublicBody.name)
    ):
        given[each.recommendation_id].append((each, body))
    linked = _load_actions(session, ids)
    return [AnsweredRecommendation(row, of_set, given[row.id], linked[row.id]) for row, of_set in rows]


def _load_actions(session: Session, ids: Sequence[int]) -> dict[int, list[LinkedAction]]:
    """Return the public actions that answer recommendations, by recommendation. Two statements."""
    query = (
        select(RecommendationAction.recommendation_id, PlanAction, ActionPlan)
        .join(PlanAction, PlanAction.id == RecommendationAction.action_id)
        .outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
        .where(RecommendationAction.recommendation_id.in_(ids))
        .where(or_(PlanAction.plan_id.is_(None), ActionPlan.published_at.is_not(None)))
        .order_by(PlanAction.id)
    )
    rows = session.execute(query).all()
    actions = [action.id for _number, action, _plan in rows]
    standings = load_standings(session, ActionReport.action_id.in_(actions)) if actions else {}
    linked: dict[int, list[LinkedAction]] = defaultdict(list)
    for number, action, plan in rows:
        status = build_status(action, standings.get(action.id), now().date())
        linked[number].append(LinkedAction(status, plan))
    return linked
