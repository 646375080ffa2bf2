"""Notes on an organisation's draft that were open when it was sent. The submission names their organisations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.submissions.coalitions.model import CoalitionNote, OpenNote
from consult.submissions.model import Draft


def list_before(session: Session, consultation_id: int, organisation_id: int) -> Sequence[str]:
    """Return the organisations with an open note on a draft, shown before it is sent."""
    open_now = _open(consultation_id, organisation_id)
    return session.scalars(
        select(Organisation.name).where(Organisation.id.in_(open_now)).order_by(Organisation.name)
    ).all()


def keep(session: Session, *, organisation_id: int, consultation_id: int, submission_id: int) -> None:
    """Store the organisations with an open note on a sent draft, replacing those of an earlier sending."""
    session.execute(delete(OpenNote).where(OpenNote.submission_id == submission_id))
    found = session.scalars(_open(consultation_id, organisation_id)).all()
    if found:
        rows = [{"submission_id": submission_id, "organisation_id": number} for number in found]
        session.execute(insert(OpenNote).values(rows))


def list_kept(session: Session, submission_id: int) -> Sequence[str]:
    """Return the organisations with open notes when a submission was sent, by name."""
    return session.scalars(
        select(Organisation.name)
        .join(OpenNote, OpenNote.organisation_id == Organisation.id)
        .where(OpenNote.submission_id == submission_id)
        .order_by(Organisation.name)
    ).all()


def _open(consultation_id: int, organisation_id: int) -> Select[int]:
    return (
        select(CoalitionNote.organisation_id)
        .distinct()
        .join(Draft, Draft.id == CoalitionNote.draft_id)
        .where(
            Draft.consultation_id == consultation_id,
            Draft.organisation_id == organisation_id,
            CoalitionNote.resolved_at.is_(None),
        )
    )
