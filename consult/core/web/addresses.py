"""Public URLs of pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, current_app
from werkzeug.routing import MapAdapter

from consult.core.web.requests import settings


def init_app(app: Flask) -> None:
    """Register `public_url` for templates, since the host of a request may lack the public port."""
    app.jinja_env.globals["public_url"] = public_url


def public_url(endpoint: str, **values: Any) -> str:
    """Return the public URL of a page, the same in requests, tasks and commands. `_anchor` is the fragment."""
    base, anchor = urlsplit(settings().base_url), values.pop("_anchor", None)
    address = str(
        _url_adapter(current_app._get_current_object(), base.netloc, base.scheme, base.path).build(  # type: ignore[attr-defined]
            endpoint, values, force_external=True
        )
    )
    return f"{address}#{quote(anchor, safe='/=')}" if anchor else address


@lru_cache(maxsize=8)
def _url_adapter(app: Flask, host: str, scheme: str, path: str) -> MapAdapter:
    return app.url_map.bind(host, script_name=path or "/", url_scheme=scheme)
