"""Transfer of memberships when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import delete, exists, or_, update
from sqlalchemy.orm import Session, aliased

from consult.countries.model import BodyMembership


def move(session: Session, body_id: int, into_id: int) -> None:
    """Transfer the memberships of a body and in it. Those that the other body has are deleted."""
    between = or_(
        (BodyMembership.body_id == body_id) & (BodyMembership.member_id == into_id),
        (BodyMembership.body_id == into_id) & (BodyMembership.member_id == body_id),
    )
    session.execute(delete(BodyMembership).where(between))
    other = aliased(BodyMembership)
    for column, its, kept in (
        (BodyMembership.body_id, other.body_id, (BodyMembership.country, BodyMembership.member_id)),
        (BodyMembership.member_id, other.member_id, (BodyMembership.body_id,)),
    ):
        same = [getattr(other, each.key).is_not_distinct_from(each) for each in (*kept, BodyMembership.since)]
        session.execute(
            delete(BodyMembership).where(column == body_id, exists().where(its == into_id, *same)),
            execution_options={"synchronize_session": False},
        )
        session.execute(update(BodyMembership).where(column == body_id).values({column.key: into_id}))
