"""Early warning: reports from the field, signals assembled from them, and public warnings."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.core.web import systems
from consult.signals import labels, lens
from consult.signals.system import SYSTEM
from consult.signals.triage import seats


def init_app(app: Flask) -> None:
    hooks.LEFT["signals"] = seats.release
    labels.init_app(app)
    lens.register()
    systems.declare(app, SYSTEM)
