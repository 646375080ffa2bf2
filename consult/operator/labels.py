"""Labels for the operator's choices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask

from consult.core.i18n import _, current_language, language_direction
from consult.core.web.systems import System
from consult.operator.fields import FIELDS
from consult.operator.retention import PREFIX, RULES

_ARTICLE = re.compile(r"\d{1,4}\(\d{1,4}\)\([a-z]\)")
"""An article such as 6(1)(e)."""


def name_choice(value: str, key: str) -> str:
    """Return the label of a choice, or the value itself if unknown. In Arabic, article numbers keep their order."""
    label = str(dict(FIELDS[key].choices).get(value, value))
    return _ARTICLE.sub("\u2066\\g<0>\u2069", label) if language_direction(current_language()) == "rtl" else label


def find_label(key: str, systems: Sequence[System]) -> str | None:
    """Return the label of a site text, logo, retention rule or system, or None."""
    rule, field = RULES.get(key.removeprefix(PREFIX)), FIELDS.get(key)
    if rule and field is None:
        return str(rule.label)
    if key == "logo":
        return _("Logo")
    labels = {system.key: _(system.label) for system in systems}
    return str(field.label) if field else labels.get(key)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["site_choice"] = name_choice
