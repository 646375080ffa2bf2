"""Words for choices that an operator made."""

from __future__ import annotations

from flask import Flask

from consult.operator.fields import FIELDS


def name_choice(value: str, key: str) -> str:
    """What a choice says; itself where it is none of ours."""
    return str(dict(FIELDS[key].choices).get(value, value))


def init_app(app: Flask) -> None:
    app.jinja_env.filters["site_choice"] = name_choice
