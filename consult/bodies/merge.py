"""Merging of two bodies by an administrator. The old URL redirects to the remaining body."""

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
"""Functions of upper packages, called with the IDs of the removed and the remaining body, that move their data.

A function that cannot do so raises a Refusal.
"""


def merge(session: Session, *, body: PublicBody, into: PublicBody, by: Account) -> None:
    """Move the members, their roles and what is registered in `MERGED` from one body to another, and delete the first.

    Cannot be undone. A person who works for both keeps the role at the remaining body. Raises Forbidden and Refusal.
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
    """Return the slug of the body that the one with this slug was merged into, or None."""
    return session.scalar(
        select(PublicBody.slug).join(BodyAlias, BodyAlias.body_id == PublicBody.id).where(BodyAlias.slug == slug)
    )
