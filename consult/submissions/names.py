"""How pages name kinds of organisations, countries and languages, in the language being spoken."""

from __future__ import annotations

from babel import Locale
from flask import Flask

from consult.accounts.forms import KINDS
from consult.accounts.model import OrganisationKind
from consult.core.i18n import CONTENT_LANGUAGES, language


def kind_name(kind: OrganisationKind | None) -> str:
    return str(KINDS[kind]) if kind is not None else ""


def country_name(code: str | None) -> str:
    """The name of a country by its ISO code; the code itself where it is not one."""
    return str(Locale.parse(language()).territories.get(code, code)) if code else ""


def language_name(code: str) -> str:
    """What its speakers call a language in which drafts are written; any other in the language being spoken."""
    return CONTENT_LANGUAGES.get(code) or str(Locale.parse(language()).languages.get(code, code))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(kind_name=kind_name, country_name=country_name, language_name=language_name)
