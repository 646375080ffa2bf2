"""Consultations: a body asks for comments on a draft policy until a closing date."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.bodies import members, merge
from consult.consultations import charge, labels, queries
from consult.consultations.joint import merge as joint_merge


def init_app(app: Flask) -> None:
    hooks.NAMES["consultation"] = queries.find_titles
    hooks.LEFT["consultations"] = charge.pass_on_all
    members.ENDED["consultations"] = charge.pass_on_of_body
    merge.MERGED["consultations"] = joint_merge.move
    labels.init_app(app)
