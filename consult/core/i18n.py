"""Languages of the interface, and the functions that mark strings for translation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional
from urllib.parse import urlencode

from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request, session

from consult.core.languages import CONTENT_LANGUAGES, DEFAULT_LANGUAGE, LANGUAGES, find_language
from consult.core.lazy import LazyModule

if TYPE_CHECKING:
    from babel.messages import mofile, pofile
else:
    mofile, pofile = LazyModule("babel.messages.mofile"), LazyModule("babel.messages.pofile")

_FOLDER = Path(__file__).resolve().parents[1] / "translations"

__all__ = [
    "CONTENT_LANGUAGES",
    "LANGUAGES",
    "N_",
    "_",
    "count_words",
    "current_language",
    "force_locale",
    "language_direction",
    "load_catalogue",
    "localize_number",
    "ngettext",
    "text_direction",
]


@lru_cache(maxsize=16)
def load_catalogue(code: str) -> NullTranslations:
    """The words of a language, none for the one that strings are written in.

    Where `make` has not compiled the present source, the source is read: 0.2 s in the place of 0.01 s.
    """
    source = _FOLDER / code / "LC_MESSAGES/messages.po"
    compiled = source.with_suffix(".mo")
    if source.is_file() and not (compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime):
        return Translations(BytesIO(compile_catalogue(source, code)))
    return Translations.load(_FOLDER, [code])


def compile_catalogue(source: Path, code: str) -> bytes:
    """The compiled form of a catalogue."""
    compiled = BytesIO()
    with source.open("rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=code))
    return compiled.getvalue()


def gettext(words: str, /, **values: Any) -> str:
    """Words in the language being spoken, with values in the places of `%(name)s`."""
    said = str(load_catalogue(current_language()).ugettext(words))
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The words for a number of things, with the number, as it is written there, in the place of `%(num)s`."""
    code = current_language()
    return str(load_catalogue(code).ungettext(one, many, num)) % {"num": localize_number(num, code), **values}


def count_words(code: str, one: str, many: str, num: int) -> str:
    """The words of a language for a number of things, with the number as it is written there; other values to come."""
    return str(load_catalogue(code).ungettext(one, many, num)).replace("%(num)s", localize_number(num, code))


@lru_cache(maxsize=4096)
def localize_number(value: int | float, code: str) -> str:
    """1284 as `1,284` in English."""
    return str(format_decimal(value, locale=code))


class LazyString:
    """Words that are looked up each time they are shown, in the language being spoken then.

    >>> str(LazyString(str.upper, "so")), LazyString(str, "%(n)s of 3") % {"n": 1}, "in" in LazyString(str, "within")
    ('SO', '1 of 3', True)
    """

    def __init__(self, look_up: Callable[..., str], /, *given: Any, **values: Any) -> None:
        self._look_up: Callable[..., str] = look_up
        self._given, self._values = given, values

    def __str__(self) -> str:
        return str(self._look_up(*self._given, **self._values))

    def __html__(self) -> str:
        """As it is: the words are ours, and may hold marks."""
        return str(self)

    def __repr__(self) -> str:
        return f"LazyString({str(self)!r})"

    def __getattr__(self, name: str) -> Any:
        """The methods of the words; none of those by which copies and pickles are made."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(str(self), name)

    def __len__(self) -> int:
        return len(str(self))

    def __iter__(self) -> Iterator[str]:
        return iter(str(self))

    def __getitem__(self, place: Any) -> str:
        return str(self)[place]

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def __mod__(self, values: Any) -> str:
        return str(str(self) % values)

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __gt__(self, other: object) -> bool:
        return str(self) > str(other)

    def __eq__(self, other: object) -> bool:
        return str(self) == other

    def __hash__(self) -> int:
        return hash(str(self))


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


def current_language() -> str:
    """The language being spoken: of the request, or of `force_locale` around a letter."""
    if not has_app_context():
        return DEFAULT_LANGUAGE
    if (code := g.get("language")) is None:
        code = g.language = choose_language()
    return str(code)


@contextmanager
def force_locale(code: str) -> Iterator[None]:
    """Uses a language within the block, for example for a letter; does nothing without an application."""
    if not has_app_context():
        yield
        return
    before = g.get("language")
    g.language = code
    try:
        yield
    finally:
        g.language = before


def language_direction(code: str | None = None) -> str:
    """`rtl` or `ltr` for a language code; for the current language where none is given."""
    return "rtl" if find_language(code or current_language()).rtl else "ltr"


def text_direction(text: str, otherwise: str = "ltr") -> str:
    """The way in which a text runs: that of its first letter, `otherwise` where it has none. Source: UAX 9, rule P2.

    >>> text_direction("«ښه» good")
    'rtl'
    """
    kinds = (bidirectional(character) for character in text)
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), None)
    return otherwise if first is None else "ltr" if first == "L" else "rtl"


def choose_language() -> str:
    """Query string, then what was chosen before, then the browser's wish, then the default."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if (wished := request.args.get("lang")) in LANGUAGES:
        return str(wished)
    if (kept := session.get("lang")) in LANGUAGES:
        return str(kept)
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT_LANGUAGE


def language_links() -> list[LanguageLink]:
    """One link per language to this very page."""
    kept = {key: value for key, value in request.args.items() if key != "lang"}
    readable = request.method == "GET" or (request.url_rule is not None and "GET" in (request.url_rule.methods or ()))
    path, present = request.path if readable else "/", current_language()
    return [
        LanguageLink(code, name, f"{path}?{urlencode({**kept, 'lang': code})}", code == present)
        for code, name in LANGUAGES.items()
    ]


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: load_catalogue(current_language()).ugettext(words),
        lambda one, many, n: count_words(current_language(), one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals["content_languages"] = tuple(CONTENT_LANGUAGES)

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
            return {"lang": current_language(), "direction": language_direction(), "languages": []}
        return {"lang": current_language(), "direction": language_direction(), "languages": language_links()}
