"""Sample recommendations: real ones to Slovenia with their source, and fictional ones with answers to Costa Rica."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.plans.model import ActionPlan, PlanAction
from consult.recommendations import service, suggestions
from consult.recommendations.matrices.reader import read_table
from consult.recommendations.model import CountryRecommendation, RecommendationSet, RecommendationSource
from consult.recommendations.service import SetTerms

_FILE = Path(__file__).parents[1] / "data" / "recommendations.toml"
_DAYS = 60


def recommendation_events(
    session: Session, now: datetime, lead: Account
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Yield the events with their times: import, then bodies, actions and topics."""
    at = now - timedelta(days=_DAYS)
    for document in tomllib.loads(_FILE.read_text(encoding="utf-8"))["document"]:
        yield at, partial(_keep, session, document, lead, at)
        yield at + timedelta(days=3), partial(_decline, session, document, lead, at + timedelta(days=3))


def _keep(session: Session, document: dict[str, Any], lead: Account, at: datetime) -> None:
    rows = read_table(document["table"]).rows
    terms = SetTerms(
        RecommendationSource(document["source"]),
        document["symbol"],
        document["day"],
        "en",
        document["session"],
        document["address"],
        document.get("reply_by"),
    )
    country, data = document["country"], document["table"].encode()
    of_set, _kept = service.keep(session, country, rows, by=None, terms=terms, data=data, at=at)
    for row, answers in _list_answered(session, of_set, document):
        _answer(session, row, country, answers, lead, at)


def _decline(session: Session, document: dict[str, Any], lead: Account, at: datetime) -> None:
    same = RecommendationSet.country == document["country"], RecommendationSet.symbol == document["symbol"]
    of_set = session.scalars(select(RecommendationSet).where(*same)).one()
    for row, answers in _list_answered(session, of_set, document):
        if "reason" in answers:
            service.decline(session, row, _find_body(session, answers), by=lead, reason=answers["reason"], at=at)


def _list_answered(
    session: Session, of_set: RecommendationSet, document: dict[str, Any]
) -> list[tuple[CountryRecommendation, dict[str, Any]]]:
    wanted = select(CountryRecommendation).where(CountryRecommendation.set_id == of_set.id)
    rows = session.scalars(wanted.order_by(CountryRecommendation.place)).all()
    answers = document.get("answers", {})
    return [(row, answers[row.number]) for row in rows if row.number in answers]


def _find_body(session: Session, answers: dict[str, Any]) -> PublicBody:
    return session.scalars(select(PublicBody).where(PublicBody.name == answers["body"])).one()


def _answer(
    session: Session, row: CountryRecommendation, country: str, answers: dict[str, Any], lead: Account, at: datetime
) -> None:
    service.give(session, row, country, [_find_body(session, answers).id], by=lead, at=at)
    topics = [term.id for term in suggestions.suggest(session, row, "en")]
    service.confirm_terms(session, row, country, topics, by=lead, at=at)
    for number in answers.get("actions", ()):
        action = session.scalars(
            select(PlanAction).join(ActionPlan, ActionPlan.id == PlanAction.plan_id).where(PlanAction.number == number)
        ).first()
        if action is not None:
            service.link(session, row, country, action, by=lead, at=at)
