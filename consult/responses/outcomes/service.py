"""The public page of an organisation's results: enabled by an owner, at a URL of its choice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.core.db import advisory_lock
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _


def set_address(session: Session, *, by: Account, organisation_id: int, address: str | None) -> Organisation:
    """Publish the page under this name, or make it private with None. Raises a Refusal if the name is taken."""
    row = organisations.lock_for_owner(session, organisation_id, by)
    if address is not None:
        advisory_lock(session, "outcomes.address")
        taken = select(Organisation.id).where(Organisation.outcomes_address == address, Organisation.id != row.id)
        if session.scalar(taken) is not None:
            raise Refusal(_("Another organisation uses this web address. Choose a different one."), field="address")
    row.outcomes_address = address
    session.flush()
    return row


def get_public(session: Session, address: str) -> Organisation:
    """Return the organisation whose results are public under this name. Raises NotFound."""
    row = session.scalar(select(Organisation).where(Organisation.outcomes_address == address))
    if row is None:
        raise NotFound(_("We cannot find this page."))
    return row
