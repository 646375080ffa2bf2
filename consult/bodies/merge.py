"""Two bodies that are one: an administrator merges them. The old address leads to the one that is left."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service
from consult.bodies.model import BodyAlias, BodyInvitation, BodyMember, PublicBody
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.ledger.model import Kind

MERGED: dict[str, Callable[[Session, int, int], None]] = {}
"""Called with the numbers of the body that goes and of the one that stays, by packages above: they move what they have
of the first. One that cannot raises a Refusal."""


def merge(session: Session, *, body: PublicBody, into: PublicBody, by: Account) -> None:
    """Moves all that a body has, its people with their roles too, to another, and ends it. Cannot be undone.

    Who works for both keeps the role in the one that stays. Raises Forbidden, Refusal.
    """
    if by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can do this."))
    if body.id == into.id:
        raise Refusal(_("Choose another body."), field="into")
    for row in sorted((body, into), key=lambda each: each.id):
        session.refresh(row, with_for_update=True)
    for name in sorted(MERGED):
        MERGED[name](session, body.id, into.id)
    there = select(BodyMember.account_id).where(BodyMember.body_id == into.id).scalar_subquery()
    moved = update(BodyMember).where(BodyMember.body_id == body.id, BodyMember.account_id.not_in(there))
    session.execute(moved.values(body_id=into.id))
    session.execute(update(BodyInvitation).where(BodyInvitation.body_id == body.id).values(body_id=into.id))
    session.execute(update(BodyAlias).where(BodyAlias.body_id == body.id).values(body_id=into.id))
    session.add(BodyAlias(slug=body.slug, body_id=into.id))
    detail = {"from": body.id, "name": body.name, "into": into.id}
    service.record(session, Kind.BODY_MERGED, into, by=by, detail=detail)
    session.flush()
    session.execute(delete(BodyMember).where(BodyMember.body_id == body.id))
    session.expunge(body)
    session.execute(delete(PublicBody).where(PublicBody.id == body.id))


def find_new_slug(session: Session, slug: str) -> str | None:
    """The address of the body into which the one at this address was merged."""
    return session.scalar(
        select(PublicBody.slug).join(BodyAlias, BodyAlias.body_id == PublicBody.id).where(BodyAlias.slug == slug)
    )
