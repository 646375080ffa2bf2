"""Slug and reference code of a consultation: typed or made from its title, and unique."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations import slugs
from consult.consultations.model import Consultation
from consult.core.db import advisory_lock
from consult.core.errors import Refusal
from consult.core.i18n import _

PRACTICE_CODE, PRACTICE_SLUG = "XX", "xx-"
"""The prefixes of the code and slug of practice copies, reserved for these."""


class NamedTerms(Protocol):
    """The data that names are made from: a consultation or its terms."""

    @property
    def title(self) -> str: ...

    @property
    def closes_at(self) -> datetime: ...


def update_names(session: Session, row: Consultation, was: NamedTerms, *, code: str | None, slug: str | None) -> None:
    """Set the code and slug that the owner entered. If the title changed, make those derived from it anew.

    The slug is kept if someone has a preview link.
    """
    before, fits = (next(slugs.candidate_codes(it.title, it.closes_at.year)) for it in (was, row))
    is_made = (row.code[0], row.code[2:]) == (before[0], before[2:])  # made from the title
    if code and code.upper() != row.code:
        row.code = free_code(session, code, row)
    elif is_made and before[:2] != fits[:2]:
        row.code = free_code(session, "", row)
    made = slugs.make_slug(row.title)
    if slug and slug != row.slug:
        check_free_slug(session, slug)
        row.slug = slug
    elif row.title != was.title and made and row.preview is None:
        row.slug = free_slug(session, made, own=row.slug)


def free_code(session: Session, typed: str, terms: NamedTerms) -> str:
    """Return the typed code if it is valid and unused, or a generated one if none was typed. Raises Refusal."""
    advisory_lock(session, "consultations.slug")
    taken = set(session.scalars(select(Consultation.code)))
    if not typed:
        made = (code for code in slugs.candidate_codes(terms.title, terms.closes_at.year) if code not in taken)
        typed = next(made, "")
    code = typed.upper()
    if not slugs.CODE_PATTERN.fullmatch(code):
        raise Refusal(_("The code must have four characters (A–Z or 0–9), such as DP27."), field="code")
    if code.startswith(PRACTICE_CODE):
        raise Refusal(_("Codes that begin with XX are for practice mode. Choose another one."), field="code")
    if code in taken:
        raise Refusal(_("Another consultation uses this code. Choose a different one."), field="code")
    return code


def check_free_slug(session: Session, slug: str) -> None:
    if slug.startswith(PRACTICE_SLUG):
        raise Refusal(
            _("Web addresses that begin with xx- are for practice mode. Choose another one."), field="address"
        )
    advisory_lock(session, "consultations.slug")
    if session.scalar(select(Consultation.id).where(Consultation.slug == slug)) is not None:
        raise Refusal(_("Another consultation uses this web address. Choose a different one."), field="address")


def free_slug(session: Session, wanted: str, own: str = "") -> str:
    """Return the slug, with a number if it is used. Concurrent callers wait until this transaction ends."""
    advisory_lock(session, "consultations.slug")
    wanted = wanted if not wanted.startswith(PRACTICE_SLUG) else f"c-{wanted}"
    alike = select(Consultation.slug).where(Consultation.slug.startswith(wanted, autoescape=True))
    taken = set(session.scalars(alike)) - {own}
    slug, count = wanted, 1
    while slug in taken:
        count += 1
        slug = f"{wanted}-{count}"
    return slug
