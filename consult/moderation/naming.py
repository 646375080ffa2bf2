"""How templates name reasons."""

from __future__ import annotations

from flask import Flask

from consult.moderation.reasons import reason_meaning, reason_name


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(reason_name=reason_name, reason_meaning=reason_meaning)
