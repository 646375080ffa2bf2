"""Practice copies of a consultation and exercises for moderators. They are left out of counts."""

from __future__ import annotations

from flask import Flask

from consult.core.web import systems
from consult.practice import gate_views
from consult.practice.system import SYSTEM


def init_app(app: Flask) -> None:
    gate_views.init_app(app)
    systems.declare(app, SYSTEM)
