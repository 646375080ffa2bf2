"""The appearance of this site: the operator's name, colour, logo and texts on pages and in e-mails.

A process reads them again after a few seconds, in one query on a separate connection. The package `operator` registers
the reader. Without it, the defaults apply.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, has_app_context, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from consult.core.db import autocommit_connection
from consult.core.i18n import current_language
from consult.core.languages import DEFAULT_LANGUAGE, LANGUAGES
from consult.core.logs import log

SOFTWARE = "Consult"
COLOUR = "#0f4c5c"
"""`--bar` in static/kit/tokens.css and in e-mails."""
VERSION_LENGTH = 12
"""Characters of the hashes in URLs of the logo and the colours."""
_FRESH = 5.0
"""The seconds for which a process caches the values."""


@dataclass(frozen=True)
class SaidText:
    """A text of the operator and its language."""

    text: str
    language: str


@dataclass(frozen=True)
class SiteFace:
    """The values as read at one time. `version` changes with any of them."""

    version: str = ""
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)  # by key and language; "" for all languages
    logo: str = ""  # start of the logo's hash; empty: none

    def value(self, key: str) -> str:
        """Return a value that is the same in every language."""
        return self.texts.get((key, ""), "")

    def say(self, key: str, language: str = "") -> SaidText | None:
        """Return a text in the current language, else the default one, else any. None if there is none."""
        for code in (language or current_language(), DEFAULT_LANGUAGE, *LANGUAGES):
            if found := self.texts.get((key, code)):
                return SaidText(found, code)
        return None


class CurrentFace:
    """The object `face` in templates."""

    @property
    def name(self) -> str:
        """Return the name of the site."""
        found = get_face().say("name")
        return found.text if found else SOFTWARE

    @property
    def colour(self) -> str:
        return get_face().value("colour") or COLOUR

    @property
    def own_colour(self) -> str:
        """Return the chosen colour, or an empty string."""
        return get_face().value("colour")

    @property
    def logo(self) -> str:
        return get_face().logo

    @property
    def version(self) -> str:
        return get_face().version

    def say(self, key: str) -> SaidText | None:
        return get_face().say(key)

    def value(self, key: str) -> str:
        return get_face().value(key)


@dataclass
class _Held:
    """The cached values of a process and when they expire."""

    face: SiteFace = field(default_factory=SiteFace)
    until: float = 0.0
    read: Callable[[Connection], SiteFace] | None = None


def get_fresh() -> CurrentFace:
    """Return current values for an e-mail or a document, which are also created outside requests."""
    refresh()
    return CurrentFace()


def get_face() -> SiteFace:
    """Return the cached values without a query."""
    return _held().face


def name_site(language: str = "") -> str:
    """Return the name of the site for e-mails: the operator's name with the host, or the host alone."""
    refresh()
    own, host = get_face().say("name", language), str(current_app.config["SETTINGS"].host)
    return f"{own.text} ({host})" if own else host


def refresh() -> None:
    """Read the values again if the cache has expired. If the database does not respond, keep the old ones."""
    held = _held()
    if held.read is None or time.monotonic() < held.until:
        return
    held.until = float("inf") if current_app.testing else time.monotonic() + _FRESH
    try:
        with autocommit_connection() as connection:
            held.face = held.read(connection)
    except SQLAlchemyError as error:
        log.warning("face.not_read", error=type(error).__name__)


def forget() -> None:
    """Expire the cache. Other processes follow within seconds."""
    _held().until = 0.0


def hold(face: SiteFace, seconds: float) -> None:
    """Use these values for some seconds without reading, for a transaction that is not committed yet."""
    held = _held()
    held.face, held.until = face, time.monotonic() + seconds


def set_reader(app: Flask, read: Callable[[Connection], SiteFace]) -> None:
    """Set the function that reads the values."""
    app.extensions["consult.face"].read = read


def reset(app: Flask) -> None:
    """Reset to the defaults until `forget` is called. For tests."""
    held: _Held = app.extensions["consult.face"]
    held.face, held.until = SiteFace(), float("inf")


def _held() -> _Held:
    """Return the cache of this process, or the defaults without an application."""
    held: _Held = current_app.extensions["consult.face"] if has_app_context() else _Held()
    return held


def init_app(app: Flask) -> None:
    app.extensions["consult.face"] = _Held()
    app.jinja_env.globals["face"] = CurrentFace()

    @app.before_request
    def read_face() -> Any:
        if request.endpoint != "static":
            refresh()
