"""Labels for kinds of bodies and member roles, and for the places where people work."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask
from sqlalchemy.orm import Session

from consult.accounts.hooks import Place
from consult.bodies import members
from consult.bodies.model import BodyKind, BodyRole
from consult.core.i18n import N_, NP_, current_language

KIND_LABELS = {
    BodyKind.UN: N_("United Nations"),
    BodyKind.REGIONAL: N_("Regional organisation"),
    BodyKind.MINISTRY: N_("Ministry"),
    BodyKind.PARLIAMENT: N_("Parliament"),
    BodyKind.AGENCY: N_("Agency or council"),
    BodyKind.CITY: N_("City or region"),
}
ROLE_LABELS = {
    BodyRole.LEAD: N_("Lead"),
    BodyRole.DRAFTER: N_("Editor"),
    BodyRole.READER: NP_("role in a public body", "Viewer"),
}
ROLE_HINTS = {
    BodyRole.LEAD: N_("publishes, extends and answers consultations, and manages members"),
    BodyRole.DRAFTER: N_("sets up consultations, edits drafts and answers questions about them"),
    BodyRole.READER: N_("sees everything in the workspace but cannot change anything"),
}


def find_places(session: Session, ids: Collection[int]) -> dict[int, list[Place]]:
    """Return the bodies and roles of accounts, by account ID."""
    places: dict[int, list[Place]] = {}
    for number, body, role in members.list_roles_of(session, ids):
        place = Place(body.slug, body.name_in(current_language()), str(ROLE_LABELS[role]))
        places.setdefault(number, []).append(place)
    return places


def init_app(app: Flask) -> None:
    app.jinja_env.filters["body_kind"] = lambda kind: str(KIND_LABELS[BodyKind(kind)])
    app.jinja_env.filters["body_role"] = lambda role: str(ROLE_LABELS[BodyRole(role)])
    app.jinja_env.filters["body_role_hint"] = lambda role: str(ROLE_HINTS[BodyRole(role)])
