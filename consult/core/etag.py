"""Pages that have not changed are not made again: an ETag, compared before anything is rendered."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, make_response, request

from consult.core.i18n import language


def tag(*parts: object) -> str:
    """A tag that is equal while the parts, the language and this release of the pages are."""
    words = "|".join(str(part) for part in (_release(_templates(), _static()), language(), *parts))
    return sha256(words.encode()).hexdigest()[:24]


def answer(current: str, page: Callable[[], str]) -> Response:
    """304 where the browser holds the page with this tag, else the page."""
    held = request.if_none_match.contains_weak(current)
    response = Response(status=304) if held else make_response(page())
    response.set_etag(current, weak=True)
    response.vary.add("Accept-Language")
    return response


def _templates() -> str:
    return str(current_app.jinja_loader.searchpath[0])  # type: ignore[union-attr]


def _static() -> str:
    return str(current_app.static_folder)


@lru_cache(maxsize=4)
def _release(*folders: str) -> str:
    """Changes with any template, style or script; the same in every process of one installation."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    return sha256("".join(f"{path}{path.stat().st_mtime_ns}" for path in files).encode()).hexdigest()
