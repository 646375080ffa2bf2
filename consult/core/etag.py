"""Public pages that have not changed are not made again, neither for the browser that holds one nor for the next.

A page is told by its tag and its address. Only pages that are the same for everybody who is not signed in belong here;
one in which a form's token was written is never kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, current_app, g, make_response, request, session

from consult.core.i18n import language
from consult.core.web import principal


def tag(*parts: object) -> str:
    """A tag that is equal while the parts, the language and this release of the pages are."""
    words = "|".join(str(part) for part in (_release(_templates(), _static()), language(), *parts))
    return sha256(words.encode()).hexdigest()[:24]


def for_everybody() -> bool:
    """Whether this visitor sees what every visitor sees: not signed in, and without a message waiting."""
    return principal() is None and "_flashes" not in session


def answer(current: str, page: Callable[[], str]) -> Response:
    """304 where the browser holds the page with this tag, else the page: the one made before, or a new one."""
    held = request.if_none_match.contains_weak(current)
    response = Response(status=304) if held else make_response(_kept(current, page))
    response.set_etag(current, weak=True)
    response.vary.add("Accept-Language")
    return response


class Shelf:
    """The pages made last, up to so many characters in all; safe between threads."""

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._pages: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> str | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: tuple[str, str], page: str) -> None:
        with self._lock:
            self._used += len(page) - len(self._pages.pop(key, ""))
            self._pages[key] = page
            while self._used > self._room:
                self._used -= len(self._pages.popitem(last=False)[1])


def _kept(current: str, page: Callable[[], str]) -> str:
    shelf: Shelf = current_app.extensions["consult.shelf"]
    key = (current, request.full_path)
    if (found := shelf.get(key)) is not None:
        return found
    made = page()
    if "csrf_token" not in g and not session.modified:
        shelf.put(key, made)
    return made


def init_app(app: Flask) -> None:
    app.extensions["consult.shelf"] = Shelf(4_000_000)


def _templates() -> str:
    return str(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]


def _static() -> str:
    return str(current_app.static_folder)


@lru_cache(maxsize=4)
def _release(*folders: str) -> str:
    """Changes with any template, style or script; the same in every process of one installation."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    return sha256("".join(f"{path}{path.stat().st_mtime_ns}" for path in files).encode()).hexdigest()
