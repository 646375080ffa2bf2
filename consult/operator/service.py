"""Administrator's actions: change a text or the logo, and declare completeness. Each writes a ledger entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.colours import contrast, read_hex
from consult.bodies.logos import encode_logo
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.core.web import face
from consult.core.web.access import Role
from consult.core.web.systems import OFF, System
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.operator import queries
from consult.operator.fields import FIELDS, FieldKind
from consult.operator.model import LawfulStart, SiteLogo, SiteText

LEAST_CONTRAST = 4.5
"""Contrast of the white text on the bar and in e-mails. Source: WCAG 2.2, 1.4.3."""
_ON_ACCENT = "#ffffff"


def save(
    session: Session, *, by: Account | None, values: Mapping[tuple[str, str], str], at: datetime | None = None
) -> list[str]:
    """Save changed values by key and language, and return the changed keys. Raises Refusal.

    `by` is None in the sample. Once completeness is declared, required values cannot be removed.
    """
    _check(by)
    advisory_lock(session, "operator")
    before = queries.list_values(session)
    cleaned = {place: _clean(place[0], typed) for place, typed in values.items()}
    changed = {place: text for place, text in cleaned.items() if before.get(place, "") != text}
    if session.get(LawfulStart, 1) is not None:
        _check_still_said({**before, **changed}, {key for key, _language in changed})
    _store(session, changed, by, at or now())
    return sorted({key for key, _language in changed})


def set_systems(session: Session, systems: Sequence[System], *, by: Account, used: Collection[str]) -> None:
    """Switch on the systems whose package is in `used`, and the others off. Raises Refusal if those have duties."""
    _check(by)
    advisory_lock(session, "operator")
    before = queries.list_values(session)
    wanted = {each: "" if each.package in used else OFF for each in systems}
    changed = {each: text for each, text in wanted.items() if before.get((each.key, ""), "") != text}
    for system in (each for each, text in changed.items() if text == OFF):
        if duties := system.duties(session):
            running = _(", ").join(duty.words for duty in duties)
            raise Refusal(
                _("“%(system)s” cannot be switched off yet: %(duties)s.", system=_(system.label), duties=running),
                field="systems",
            )
    _store(session, {(each.key, ""): text for each, text in changed.items()}, by, now())


def _store(session: Session, changed: Mapping[tuple[str, str], str], by: Account | None, moment: datetime) -> None:
    """Store changed values by key and language, each with its entry in the public record."""
    for (key, language), text in changed.items():
        session.add(SiteText(key=key, language=language, text=text, since=moment, account_id=by.id if by else None))
        detail = {"key": key, "language": language, "sha256": sha256(text.encode()).hexdigest()}
        _record(session, Kind.SITE_CHANGED, by, detail, moment)
    session.flush()
    if changed:
        face.forget()


def set_logo(session: Session, *, by: Account, data: bytes | None) -> None:
    """Replace the logo with a re-encoded image, or remove it with None. Raises Refusal."""
    _check(by)
    keep_logo(session, None if data is None else encode_logo(data), by=by, at=now())


def keep_logo(session: Session, png: bytes | None, *, by: Account | None, at: datetime) -> None:
    """Store a logo that was encoded here. `by` is None in the sample."""
    digest = sha256(png).hexdigest() if png else ""
    session.add(SiteLogo(png=png, sha256=digest, since=at))
    _record(session, Kind.SITE_CHANGED, by, {"key": "logo", "language": "", "sha256": digest}, at)
    session.flush()
    face.forget()


def read_accent(typed: str) -> str:
    """Return a typed colour as `#rrggbb`, or "" if empty. Raises Refusal if white text on it has too little contrast.

    >>> read_accent(" #0F4C5C "), read_accent("")
    ('#0f4c5c', '')
    """
    colour = read_hex(typed)
    if colour and (ratio := contrast(colour, _ON_ACCENT)) < LEAST_CONTRAST:
        error = _(
            "White text on this colour has a contrast of %(ratio)s to 1. It needs at least 4.5 to 1. Choose a "
            "darker colour.",
            ratio=f"{int(ratio * 10) / 10:.1f}",
        )
        raise Refusal(error, field="colour")
    return colour or ""


def _check(by: Account | None) -> None:
    if by is not None and by.role is not Role.ADMIN:
        raise Forbidden(_("Only an administrator can do this."))


def _clean(key: str, typed: str) -> str:
    """Return the value in its stored form. Raises Refusal."""
    field = FIELDS[key]
    if key == "colour":
        return read_accent(typed)
    if field.kind is FieldKind.DAY and typed and date.fromisoformat(typed) > now().date():
        raise Refusal(_("The date cannot be in the future."), field=key)
    return clean_text(typed) if field.kind is FieldKind.WORDS else one_line(typed)


def _check_still_said(values: Mapping[tuple[str, str], str], keys: set[str]) -> None:
    filled = {key for (key, _language), text in values.items() if text}
    for key in sorted(keys):
        if FIELDS[key].needed and key not in filled:
            raise Refusal(
                _("You cannot empty “%(field)s” while anything is published here.", field=str(FIELDS[key].label)),
                field=key,
            )


def _record(session: Session, kind: Kind, by: Account | None, detail: Mapping[str, object], at: datetime) -> None:
    """Write a ledger entry with the key of the changed text and the hash of its new value."""
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, kind, subject_id=1, actor=actor, detail=dict(detail), at=at)
