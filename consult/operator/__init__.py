"""Settings of the site's operator: name, look, legal texts and retention."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.core.web import face, systems
from consult.operator import labels, queries


def init_app(app: Flask) -> None:
    face.set_reader(app, queries.read_face)
    hooks.LABELS["operator"] = lambda key: labels.find_label(key, systems.list_systems(app))
    labels.init_app(app)
