"""HTTP validation and a server-side cache for public pages.

The key is the page's tag and URL. Cache only pages that are the same for every visitor who is not signed in, and no
page with a form token.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request, session

from consult.core.i18n import current_language
from consult.core.web.face import get_face
from consult.core.web.load_progress import read_progress
from consult.core.web.requests import principal


def page_tag(*parts: object) -> str:
    """Return a tag that is equal while the parts, language, site appearance and release are the same."""
    release = _release_hash(_templates_folder(), _static_folder())
    words = "|".join(str(part) for part in (release, current_language(), get_face().version, read_progress(), *parts))
    return sha256(words.encode()).hexdigest()[:24]


def is_plain_visitor() -> bool:
    """Return True if the visitor sees the common page: not signed in, and without a pending message."""
    return principal() is None and "_flashes" not in session


def cached_response(current: str, page: Callable[[], str]) -> Response:
    """Return 304 if the browser has the page with this tag, else the cached or a new page."""
    held = request.if_none_match.contains_weak(current)
    response = Response(status=304) if held else make_response(_get_or_render(current, page))
    response.set_etag(current, weak=True)
    response.vary.add("Accept-Language")
    return response


class PageCache:
    """The most recent pages, up to a total number of characters. Thread-safe."""

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._pages: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> str | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: tuple[Any, ...], page: str) -> None:
        with self._lock:
            self._used += len(page) - len(self._pages.pop(key, ""))
            self._pages[key] = page
            while self._used > self._room:
                self._used -= len(self._pages.popitem(last=False)[1])


def _get_or_render(current: str, page: Callable[[], str]) -> str:
    shelf: PageCache = current_app.extensions["consult.shelf"]
    key = (current, request.full_path)
    if (found := shelf.get(key)) is not None:
        return found
    made = page()
    if "csrf_token" not in g and not session.modified:
        shelf.put(key, made)
    return made


def kept_lines() -> Callable[..., str]:
    """Return a function that calls a macro and caches its output by arguments.

    A page that is rendered again has few new lines; the others come from the cache. The output of a macro must depend
    on its arguments and the language only.
    """
    shelf: PageCache = current_app.extensions["consult.lines"]
    shared = _release_hash(_templates_folder(), _static_folder()), current_language(), request.script_root

    def kept(macro: Any, *given: Any) -> str:
        key = (*shared, macro.name, *given)
        if (found := shelf.get(key)) is None:
            found = macro(*given)
            shelf.put(key, found)
        return found

    return kept


def init_app(app: Flask) -> None:
    app.extensions["consult.shelf"] = PageCache(4_000_000)
    app.extensions["consult.lines"] = PageCache(2_000_000)


def _templates_folder() -> str:
    return str(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]


def _static_folder() -> str:
    return str(current_app.static_folder)


@lru_cache(maxsize=4)
def _release_hash(*folders: str) -> str:
    """Return a hash that changes with any template, style or script, and is the same in all processes."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    return sha256("".join(f"{path}{path.stat().st_mtime_ns}" for path in files).encode()).hexdigest()
