"""Content that this package adds to pages of packages below it: due reports in the workspace."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from sqlalchemy.orm import Session

from consult.bodies import members, merge
from consult.bodies.model import BodyRole
from consult.core import slots
from consult.digests.content.slots import REVIEWED, DeskDue
from consult.plans import body_merge, labels, queries, reviews
from consult.plans.movement import lines
from consult.plans.queries import DueReport


def _list_due(session: Session, given: DeskDue) -> Sequence[DueReport]:
    roles = members.list_roles(session, given.account)
    writes = [body.id for body, role in roles if role is not BodyRole.READER]
    return queries.list_due_reports(session, given.account, writes, given.at.date())


def init_app(app: Flask) -> None:
    merge.MERGED["plans"] = body_merge.move
    labels.init_app(app)
    lines.init_app(app)
    REVIEWED["plans"] = reviews.find_reviewed


def fill_desk(app: Flask) -> None:
    """Add due reports to the workspace, below earlier content. The caller determines the order."""
    slots.fill(app, DeskDue, _list_due, "plans/desk_due.html")
