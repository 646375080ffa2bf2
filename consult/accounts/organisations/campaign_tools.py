"""Organisations that administrators let send submissions of supporters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.core.errors import Conflict, NotFound
from consult.core.i18n import _


def list_verified(session: Session) -> Sequence[Organisation]:
    """Return the organisations with a verified website, permitted ones first."""
    rows = select(Organisation).where(Organisation.proven_at.is_not(None))
    return session.scalars(rows.order_by(Organisation.files_for_others.desc(), Organisation.name)).all()


def set_files_for_others(session: Session, organisation_id: int, *, permitted: bool) -> Organisation:
    """Give or end the permission. Raises NotFound, and Conflict without a verified website."""
    row = session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound(_("We cannot find this organisation."))
    if permitted and row.proven_at is None:
        raise Conflict(_("This organisation has no verified website."))
    row.files_for_others = permitted
    session.flush()
    return row
