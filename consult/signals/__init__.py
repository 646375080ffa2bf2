"""Early warning: reports of what is seen, signals made of them, warnings, and whom they reach."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.files import claims
from consult.signals import labels, lens
from consult.signals.reports import files as report_files
from consult.signals.triage import seats


def init_app(app: Flask) -> None:
    claims.CLAIMS["signals"] = report_files.select_claimed_files
    hooks.LEFT["signals"] = seats.release
    labels.init_app(app)
    lens.register()
