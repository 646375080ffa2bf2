"""Public bodies that run consultations, and the people who work for them with their roles."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.bodies import invitations, labels, members, service, sign_on


def init_app(app: Flask) -> None:
    hooks.JOINED["bodies"] = invitations.take_up
    hooks.OFFERED["bodies"] = invitations.find_offer
    hooks.LEFT["bodies"] = members.end_memberships
    hooks.MEANS["bodies"] = sign_on.check_means
    hooks.PLACES["bodies"] = labels.find_places
    hooks.NAMES["body"] = service.find_names
    labels.init_app(app)
