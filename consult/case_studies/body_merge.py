"""Case studies and appraisers of a body that is merged into another."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.case_studies.model import Appraiser, CaseStudy


def move(session: Session, body_id: int, into_id: int) -> None:
    """Gives them to the other."""
    session.execute(update(CaseStudy).where(CaseStudy.body_id == body_id).values(body_id=into_id))
    session.execute(update(Appraiser).where(Appraiser.body_id == body_id).values(body_id=into_id))
