"""Recommendations that an action answers, on the page of the action."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from consult.core import slots
from consult.plans.slots import ActionLinks
from consult.recommendations import queries
from consult.recommendations.queries import AnsweredRecommendation


def fill(app: Flask) -> None:
    slots.fill(app, ActionLinks, _list, "recommendations/of_action.html")


def _list(session: Session, given: ActionLinks) -> list[AnsweredRecommendation]:
    return queries.list_of_action(session, given.action.id)
