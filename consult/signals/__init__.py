"""Early warning: reports of what is seen, signals made of them, warnings, and whom they reach."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.signals import labels, lens
from consult.signals.triage import seats


def init_app(app: Flask) -> None:
    hooks.LEFT["signals"] = seats.release
    labels.init_app(app)
    lens.register()
