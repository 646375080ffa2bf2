"""Names of organisation kinds and countries, in the current language."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from flask import Flask

from consult.accounts.forms import ORGANISATION_KIND_LABELS
from consult.accounts.model import OrganisationKind
from consult.core.i18n import current_language


def kind_name(kind: OrganisationKind | None) -> str:
    return str(ORGANISATION_KIND_LABELS[kind]) if kind is not None else ""


def country_name(code: str | None) -> str:
    """Return the name of a country by its ISO code, or the code itself if it is unknown."""
    return _territory(code, current_language()) if code else ""


@lru_cache(maxsize=2048)
def _territory(code: str, spoken: str) -> str:
    return str(Locale.parse(spoken).territories.get(code, code))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(kind_name=kind_name, country_name=country_name)
