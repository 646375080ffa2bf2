"""Calls for comments: an organisation asks people to comment on a few provisions in their own words."""

from __future__ import annotations

from flask import Flask

from consult.calls.system import SYSTEM
from consult.core.web import systems


def init_app(app: Flask) -> None:
    systems.declare(app, SYSTEM)
