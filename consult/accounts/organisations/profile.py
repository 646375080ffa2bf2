"""Changes to an organisation's profile, by its owners."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation, OrganisationKind
from consult.accounts.organisations import domain_verification
from consult.accounts.organisations import service as organisations
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line


def edit(
    session: Session,
    *,
    by: Account,
    organisation_id: int,
    name: str,
    kind: OrganisationKind,
    country: str,
    website: str | None,
    registry_number: str | None,
    known: bool,
) -> Organisation:
    """Change the name, kind, country, website or registry number. Raises a Refusal if the name is taken.

    `known` is True if something was submitted or signed in the organisation's name. Past submissions then keep the old
    name, and the kind cannot change because they are counted by it. A verification ends when the name or domain
    changes.
    """
    row = organisations.lock_for_owner(session, organisation_id, by)
    shown, before = organisations.clean_name(name, website), (row.name, domain_verification.get_domain(row))
    if known and kind != row.kind:
        raise Refusal(
            _(
                "You cannot change the type. The organisation has already sent or signed something that is "
                "counted under this type."
            ),
            field="kind",
        )
    alike = select(Organisation.id).where(organisations.has_same_name(shown), Organisation.id != row.id)
    if shown != row.name and session.scalar(alike.limit(1)) is not None:
        raise organisations.name_taken_error()
    row.name, row.kind, row.country, row.website = shown, kind, country, website or None
    row.registry_number = one_line(registry_number or "") or None
    if (row.name, domain_verification.get_domain(row)) != before:
        row.proven_domain = row.proven_at = None
    try:
        session.flush()
    except IntegrityError as error:  # another organisation took the name concurrently
        raise organisations.name_taken_error() from error
    return row
