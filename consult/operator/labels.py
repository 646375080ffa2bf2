"""Words for choices that an operator made."""

from __future__ import annotations

import re

from flask import Flask

from consult.core.i18n import _, current_language, language_direction
from consult.operator.fields import FIELDS
from consult.operator.retention import PREFIX, RULES

_ARTICLE = re.compile(r"\d+\(\d+\)\([a-z]\)")
"""Such as 6(1)(e)."""


def name_choice(value: str, key: str) -> str:
    """What a choice says; itself where it is none of ours. In Arabic the numbers of articles stay in their order."""
    said = str(dict(FIELDS[key].choices).get(value, value))
    return _ARTICLE.sub("\u2066\\g<0>\u2069", said) if language_direction(current_language()) == "rtl" else said


def find_label(key: str) -> str | None:
    """What pages call the key of a text of the site, or of a period, or a rule of retention."""
    rule, field = RULES.get(key.removeprefix(PREFIX)), FIELDS.get(key)
    if rule and field is None:
        return str(rule.label)
    if key == "logo":
        return _("Logo")
    return str(field.label) if field else None


def init_app(app: Flask) -> None:
    app.jinja_env.filters["site_choice"] = name_choice
