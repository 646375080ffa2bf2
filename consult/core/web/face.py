"""How this site presents itself: name, colour, logo and texts of whoever runs it, as every page and letter shows them.

A process reads them again after a few seconds, in one statement on a connection of its own. The package `operator`
says how they are read; without it, and until then, everything is as it comes with the software.
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
"""`--bar` of static/kit/tokens.css, and of the letters."""
_FRESH = 5.0
"""Seconds for which a process trusts what it has read."""


@dataclass(frozen=True)
class SaidText:
    """Words of the operator, and the language that they are in."""

    text: str
    language: str


@dataclass(frozen=True)
class SiteFace:
    """All of it at one time. `version` changes with anything in it."""

    version: str = ""
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)  # by key and language; "" where it has none
    logo: str = ""  # the beginning of the hash of the logo; empty: none

    def value(self, key: str) -> str:
        """What is the same in every language."""
        return self.texts.get((key, ""), "")

    def say(self, key: str, language: str = "") -> SaidText | None:
        """A text in the language being spoken, else in the default one, else in any; None where there is none."""
        for code in (language or current_language(), DEFAULT_LANGUAGE, *LANGUAGES):
            if found := self.texts.get((key, code)):
                return SaidText(found, code)
        return None


class CurrentFace:
    """What templates call `face`."""

    @property
    def name(self) -> str:
        """The name of the site."""
        found = get_face().say("name")
        return found.text if found else SOFTWARE

    @property
    def colour(self) -> str:
        return get_face().value("colour") or COLOUR

    @property
    def own_colour(self) -> str:
        """The colour that was chosen; empty: none."""
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
    """What a process knows, and until when it trusts that."""

    face: SiteFace = field(default_factory=SiteFace)
    until: float = 0.0
    read: Callable[[Connection], SiteFace] | None = None


def get_fresh() -> CurrentFace:
    """What a letter or a paper shows, read again where it is old: they are made outside of requests, too."""
    refresh()
    return CurrentFace()


def get_face() -> SiteFace:
    """The face as this process knows it. No statement."""
    return _held().face


def name_site(language: str = "") -> str:
    """What a letter calls the site: the name that its operator gave it, with its host; else the host alone."""
    refresh()
    own, host = get_face().say("name", language), str(current_app.config["SETTINGS"].host)
    return f"{own.text} ({host})" if own else host


def refresh() -> None:
    """Reads it again where it is old. Where the database does not answer, all stays as it was known."""
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
    """What is shown next is read anew; other processes follow within seconds."""
    _held().until = 0.0


def hold(face: SiteFace, seconds: float) -> None:
    """Shows this for so long, without reading: of a transaction that only this process can see yet."""
    held = _held()
    held.face, held.until = face, time.monotonic() + seconds


def set_reader(app: Flask, read: Callable[[Connection], SiteFace]) -> None:
    """How it is read."""
    app.extensions["consult.face"].read = read


def reset(app: Flask) -> None:
    """As it comes with the software, until `forget` is called: for tests."""
    held: _Held = app.extensions["consult.face"]
    held.face, held.until = SiteFace(), float("inf")


def _held() -> _Held:
    """What this process knows; without an application, what comes with the software."""
    held: _Held = current_app.extensions["consult.face"] if has_app_context() else _Held()
    return held


def init_app(app: Flask) -> None:
    app.extensions["consult.face"] = _Held()
    app.jinja_env.globals["face"] = CurrentFace()

    @app.before_request
    def read_face() -> Any:
        if request.endpoint != "static":
            refresh()
