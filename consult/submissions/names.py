"""How pages name kinds of organisations, countries and languages, in the language being spoken."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from flask import Flask

from consult.accounts.forms import KINDS
from consult.accounts.model import OrganisationKind
from consult.core.i18n import CONTENT_LANGUAGES, _, language, ngettext
from consult.submissions.exhibits import Listed
from consult.submissions.lists import Voice
from consult.submissions.model import SubmitterKind


def kind_name(kind: OrganisationKind | None) -> str:
    return str(KINDS[kind]) if kind is not None else ""


def country_name(code: str | None) -> str:
    """The name of a country by its ISO code; the code itself where it is not one."""
    return _territory(code, language()) if code else ""


@lru_cache(maxsize=2048)
def _territory(code: str, spoken: str) -> str:
    return str(Locale.parse(spoken).territories.get(code, code))


def language_name(code: str) -> str:
    """What its speakers call a language in which drafts are written; any other in the language being spoken."""
    return CONTENT_LANGUAGES.get(code) or str(Locale.parse(language()).languages.get(code, code))


def for_group(present: int) -> str:
    """That a facilitator filed it, and how many were there."""
    return ngettext(
        "filed for a group: %(num)s person was there", "filed for a group: %(num)s people were there", present
    )


def about(said: Voice | Listed) -> str:
    """What kind of organisation or person speaks, from where, and for how many."""
    told = []
    if said.kind is SubmitterKind.ORGANISATION and not said.confirmed:
        told.append(_("says it speaks for this organisation"))
    elif said.organisation_kind:
        told.append(kind_name(said.organisation_kind))
    elif said.kind is SubmitterKind.PERSON and not said.present:
        told.append(_("Individual"))
    if said.country:
        told.append(country_name(said.country))
    if said.present:
        told.append(for_group(said.present))
    return " · ".join(told)


def init_app(app: Flask) -> None:
    named = (kind_name, country_name, language_name, for_group, about)
    app.jinja_env.filters.update({function.__name__: function for function in named})
