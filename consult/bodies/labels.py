"""Words for the kinds of bodies and for what people do for them."""

from __future__ import annotations

from flask import Flask

from consult.bodies.model import BodyKind, BodyRole
from consult.core.i18n import N_

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


def init_app(app: Flask) -> None:
    app.jinja_env.filters["body_kind"] = lambda kind: str(KIND_LABELS[BodyKind(kind)])
    app.jinja_env.filters["body_role"] = lambda role: str(ROLE_LABELS[BodyRole(role)])
    app.jinja_env.filters["body_role_hint"] = lambda role: str(ROLE_HINTS[BodyRole(role)])
