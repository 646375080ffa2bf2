"""Settings of the site's operator: name, look, legal texts and retention."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.core.web import face
from consult.operator import labels, queries


def init_app(app: Flask) -> None:
    face.set_reader(app, queries.read_face)
    hooks.LABELS["operator"] = labels.find_label
    labels.init_app(app)
