"""Services for bodies: create, edit and find. Each action is recorded in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import colours
from consult.bodies.logos import encode_logo
from consult.bodies.model import BodyAlias, BodyKind, BodyMember, BodyRole, PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import LANGUAGES, _, current_language
from consult.core.text import clean_text, make_slug, one_line
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind

_CODE = re.compile("[A-Z0-9-]{2,6}")


class BodyChangedMeanwhile(Conflict):
    """Another person changed the body since the form was opened."""


@dataclass(frozen=True)
class BodyDescription:
    """The description of a body. Only administrators can set its names."""

    name: str
    kind: BodyKind
    code: str = ""
    country: str | None = None
    about: str = ""
    address: str = ""
    colour: str = ""
    promise_days: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def make(session: Session, *, by: Account | None, described: BodyDescription, at: datetime | None = None) -> PublicBody:
    """Create a body without members. `by` is None if no person creates it. Raises Forbidden and Refusal."""
    if by is not None and by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can create a body, so that nobody can pretend to represent one."))
    values = _clean(session, described)
    slug = _free_slug(session, make_slug(str(values["name"])))
    row = PublicBody(slug=slug, created_at=at or now(), **values)
    session.add(row)
    session.flush()
    record(session, Kind.BODY_MADE, row, by=by, detail={"name": row.name, "slug": row.slug}, at=at)
    return row


def change(session: Session, body: PublicBody, *, by: Account, revision: int, described: BodyDescription) -> PublicBody:
    """Change the description of a body. Leads cannot change names. Raises BodyChangedMeanwhile and Refusal."""
    check_may_edit(session, body, by)
    session.refresh(body, with_for_update=True)
    if body.revision != revision:
        raise BodyChangedMeanwhile(
            _("Someone else has just changed this. Reload the page, then make your change again.")
        )
    values = _clean(session, described, but=body)
    if by.role is not Role.ADMIN:
        values |= {"name": body.name, "names": body.names, "code": body.code, "kind": body.kind}
    changed = sorted(name for name, value in values.items() if getattr(body, name) != value)
    for name in changed:
        setattr(body, name, values[name])
    if changed:
        record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": changed})
    session.flush()
    return body


def set_logo(session: Session, body: PublicBody, *, by: Account, data: bytes | None) -> None:
    """Replace the logo with a re-encoded picture, or remove it if `data` is None. Raises Refusal."""
    check_may_edit(session, body, by)
    body.logo = None if data is None else encode_logo(data)
    record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["logo"]})
    session.flush()


def get(session: Session, slug: str) -> PublicBody:
    """Return the body with this slug. Raises NotFound."""
    row = session.scalar(select(PublicBody).where(PublicBody.slug == slug))
    if row is None:
        raise NotFound(_("We cannot find this body. Check the link."))
    return row


def list_bodies(session: Session) -> Sequence[PublicBody]:
    """Return all bodies, by name."""
    return session.scalars(select(PublicBody).order_by(PublicBody.name)).all()


def find_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of bodies in the current language by ID. Merged bodies are left out."""
    rows = session.scalars(select(PublicBody).where(PublicBody.id.in_(ids)))
    return {row.id: row.name_in(current_language()) for row in rows}


def list_own(session: Session, account: Account, *roles: BodyRole) -> Sequence[PublicBody]:
    """Return the bodies that an account works for, optionally in one of these roles. For administrators, return all."""
    if account.role is Role.ADMIN:
        return list_bodies(session)
    own = select(BodyMember.body_id).where(BodyMember.account_id == account.id)
    if roles:
        own = own.where(BodyMember.role.in_(roles))
    return session.scalars(select(PublicBody).where(PublicBody.id.in_(own)).order_by(PublicBody.name)).all()


def find_role(session: Session, body_id: int, account: Account) -> BodyRole | None:
    """Return the role of an account at a body, or None."""
    return session.scalar(
        select(BodyMember.role).where(BodyMember.body_id == body_id, BodyMember.account_id == account.id)
    )


def may_see(session: Session, body: PublicBody, by: Account) -> bool:
    """Return True if a person may see the body's workspace: its members and administrators."""
    return by.role is Role.ADMIN or find_role(session, body.id, by) is not None


def may_edit(session: Session, body: PublicBody, by: Account) -> bool:
    """Return True if a person may edit the body and its members: its leads and administrators."""
    return by.role is Role.ADMIN or find_role(session, body.id, by) is BodyRole.LEAD


def check_may_edit(session: Session, body: PublicBody, by: Account) -> None:
    """Raise Forbidden if the person may not edit the body."""
    if not may_edit(session, body, by):
        raise Forbidden(_("Only a lead of this body or an administrator can do this."))


def find_by_name(session: Session, name: str, by: Account) -> PublicBody | None:
    """Return the body with this name for which a person may create consultations, or None.

    That requires being a lead or drafter of the body, or an administrator.
    """
    row = session.scalar(select(PublicBody).where(PublicBody.name == one_line(name)))
    if row is None or by.role is Role.ADMIN:
        return row
    return row if find_role(session, row.id, by) in (BodyRole.LEAD, BodyRole.DRAFTER) else None


def record(
    session: Session,
    kind: Kind,
    body: PublicBody,
    *,
    by: Account | None,
    detail: Mapping[str, object],
    at: datetime | None = None,
) -> None:
    """Record a ledger entry about a body. The entry is public, so `detail` must not name people."""
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, kind, subject_id=body.id, actor=actor, detail=dict(detail), at=at)


def _clean(session: Session, described: BodyDescription, but: PublicBody | None = None) -> dict[str, object]:
    """Return the columns of a description. Raises a Refusal with the field."""
    name, code = one_line(described.name), one_line(described.code).upper()
    others = select(PublicBody.id).where(PublicBody.id != (but.id if but else 0))
    if not name:
        raise Refusal(_("Enter the name of the body."), field="name")
    if session.scalar(others.where(PublicBody.name == name)) is not None:
        raise Refusal(_("A body with this name already exists."), field="name")
    if code and not _CODE.fullmatch(code):
        raise Refusal(_("An acronym is two to six letters or digits, such as UNODC."), field="code")
    if code and session.scalar(others.where(PublicBody.code == code)) is not None:
        raise Refusal(_("Another body already uses this acronym. Enter a different one."), field="code")
    return {
        "name": name,
        "names": {
            language: translated
            for language, typed in described.names.items()
            if language in LANGUAGES and (translated := one_line(typed)) and translated != name
        },
        "code": code or None,
        "kind": described.kind,
        "country": described.country or None,
        "about": clean_text(described.about),
        "address": clean_text(described.address),
        "colour": colours.read_colour(described.colour),
        "promise_days": described.promise_days,
    }


def _free_slug(session: Session, wanted: str) -> str:
    """Return an unused slug. Concurrent callers wait until this transaction ends."""
    advisory_lock(session, "bodies.slug")
    base = wanted or "body"
    taken = set(session.scalars(select(PublicBody.slug).where(PublicBody.slug.startswith(base, autoescape=True))))
    taken |= set(session.scalars(select(BodyAlias.slug).where(BodyAlias.slug.startswith(base, autoescape=True))))
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    return slug
