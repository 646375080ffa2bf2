"""Words for the kinds of bodies, for what people do for them, and for where somebody works."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask
from sqlalchemy.orm import Session

from consult.accounts.hooks import Place
from consult.bodies import members
from consult.bodies.model import BodyKind, BodyRole
from consult.core.i18n import N_, current_language

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
    BodyRole.DRAFTER: N_("Drafter"),
    BodyRole.READER: N_("Reader"),
}
ROLE_HINTS = {
    BodyRole.LEAD: N_("publishes, extends, answers, and says who else works here"),
    BodyRole.DRAFTER: N_("sets up and writes drafts, and answers what is asked of them"),
    BodyRole.READER: N_("reads everything at the desk and changes nothing"),
}


def find_places(session: Session, ids: Collection[int]) -> dict[int, list[Place]]:
    """The bodies that people with these ids work for, and as what."""
    found: dict[int, list[Place]] = {}
    for number, body, role in members.list_roles_of(session, ids):
        place = Place(body.slug, body.name_in(current_language()), str(ROLE_LABELS[role]))
        found.setdefault(number, []).append(place)
    return found


def init_app(app: Flask) -> None:
    app.jinja_env.filters["body_kind"] = lambda kind: str(KIND_LABELS[BodyKind(kind)])
    app.jinja_env.filters["body_role"] = lambda role: str(ROLE_LABELS[BodyRole(role)])
    app.jinja_env.filters["body_role_hint"] = lambda role: str(ROLE_HINTS[BodyRole(role)])
