"""Transfer of case studies and reviewers when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.case_studies.model import Appraiser, CaseStudy
from consult.core.clock import now
from consult.decisions.model import FormerName, FormerTie


def move(session: Session, body_id: int, into_id: int) -> None:
    """Move case studies and reviewers to the other body, and register the old names as its former names."""
    body = session.get_one(PublicBody, body_id)
    names = dict.fromkeys(str(name) for name in (body.name, body.code, *body.names.values()) if name)
    session.add_all(FormerName(body_id=into_id, name=name, until=now()) for name in names)
    for table in (FormerName, FormerTie):
        session.execute(update(table).where(table.body_id == body_id).values(body_id=into_id))
    session.execute(update(CaseStudy).where(CaseStudy.body_id == body_id).values(body_id=into_id))
    session.execute(update(Appraiser).where(Appraiser.body_id == body_id).values(body_id=into_id))
