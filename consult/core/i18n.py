"""Languages of the interface, and the short names by which strings are marked for translation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale
from flask_babel.speaklater import LazyString

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية"}
CONTENT_LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية", "pt": "Português"}
_RTL = {"ar", "he", "fa", "ur"}
_FOLDER = Path(__file__).resolve().parents[1] / "translations"
_babel = Babel()

__all__ = [
    "CONTENT_LANGUAGES", "LANGUAGES", "N_", "_", "catalogue", "direction", "force_locale", "language",
    "ngettext",
]  # fmt: skip


@lru_cache(maxsize=16)
def catalogue(code: str) -> NullTranslations:
    """The words of a language; Flask-Babel takes ten times as long to find them."""
    return Translations.load(_FOLDER, [code])


def gettext(words: str, /, **values: Any) -> str:
    """Words in the language being spoken, with values in the places of `%(name)s`."""
    said = str(catalogue(language()).ugettext(words))
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The words for a number of things, with the number in the place of `%(num)s`."""
    return str(catalogue(language()).ungettext(one, many, num)) % {"num": num, **values}


def lazy_gettext(words: str, /, **values: Any) -> Any:
    """Words that are looked up when they are shown."""
    return LazyString(gettext, words, **values)


_ = gettext
N_ = lazy_gettext


@dataclass(frozen=True)
class LanguageLink:
    code: str
    name: str
    switch_url: str
    current: bool


def language() -> str:
    """The language being spoken: of the request, or of `force_locale` around a letter."""
    locale = get_locale()
    return str(locale.language) if locale else "en"


def direction(code: str | None = None) -> str:
    """`rtl` or `ltr` for a language code; for the current language where none is given."""
    return "rtl" if (code or language()) in _RTL else "ltr"


def choose_language() -> str:
    """Query string, then what was chosen before, then the browser's wish, then English."""
    if not has_request_context():
        return "en"
    if (wished := request.args.get("lang")) in LANGUAGES:
        return str(wished)
    if (kept := session.get("lang")) in LANGUAGES:
        return str(kept)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language_links() -> list[LanguageLink]:
    """One link per language to this very page."""
    kept = {key: value for key, value in request.args.items() if key != "lang"}
    path, present = request.path if request.method == "GET" else "/", language()
    return [
        LanguageLink(code, name, f"{path}?{urlencode({**kept, 'lang': code})}", code == present)
        for code, name in LANGUAGES.items()
    ]


def init_app(app: Flask) -> None:
    _babel.init_app(
        app, locale_selector=choose_language, default_translation_directories=f"{app.root_path}/translations"
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")

    @app.before_request
    def keep_choice() -> None:
        """On a page without traces the language stays in its address."""
        traceless = getattr(app.blueprints.get(request.blueprint or ""), "traceless", False)
        wished = request.args.get("lang")
        if wished in LANGUAGES and not traceless and session.get("lang") != wished:
            session["lang"] = wished

    @app.context_processor
    def in_templates() -> dict[str, Any]:
        if not has_request_context():
            return {"lang": language(), "direction": direction(), "languages": []}
        return {"lang": language(), "direction": direction(), "languages": language_links()}
