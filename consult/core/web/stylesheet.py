"""The style sheet: component files in `static/kit/`, joined and minified at application start."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from flask import Flask, Response, send_file

NAME = "kit.css"
COMPONENTS = (
    "tokens",
    "base",
    "layout",
    "header",
    "page_head",
    "buttons",
    "forms",
    "guides",
    "figures",
    "draft",
    "review",
    "prose",
    "media",
)
"""In this order: of two rules of a layer that are as specific, the later one holds."""
_LAYERS = "@layer tokens, base, layout, parts;"
_SPARE = re.compile(
    r'/\*.*?\*/\s*|(?P<string>"[^"]*")|\s*;?\s*(?P<end>\})\s*|\s*(?P<mark>[{;])\s*|(?P<list>[:,])\s+|(?P<space>\s+)',
    re.S,
)


def compact(css: str) -> str:
    """The same rules without comments and without space that means nothing. Comments stand between rules only.

    >>> compact('/* one */\\na > b,\\nc::before {\\n  content: "; x";\\n  margin: 0 calc(1px + 2px);\\n}\\n')
    'a > b,c::before{content:"; x";margin:0 calc(1px + 2px)}'
    """
    return _SPARE.sub(_shorten, css)


def _shorten(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return " " if kind == "space" else found[kind] if kind else ""


def join_components(folder: Path) -> bytes:
    """The one sheet that pages load, from the folder of its components."""
    sheets = ((folder / f"{component}.css").read_text(encoding="utf-8") for component in COMPONENTS)
    return compact("\n".join([_LAYERS, *sheets])).encode()


def init_app(app: Flask) -> str:
    """Serves the sheet as a static file of its name; gives the hash of its content."""
    folder = Path(str(app.static_folder)) / "kit"
    sheet = join_components(folder)
    tag = sha256(sheet).hexdigest()[:10]
    changed = datetime.fromtimestamp(max(path.stat().st_mtime for path in folder.iterdir()), UTC)

    def serve_static(filename: str) -> Response:
        if filename != NAME:
            return app.send_static_file(filename)
        return send_file(
            BytesIO(sheet),
            download_name=NAME,
            etag=tag,
            last_modified=changed,
            max_age=app.get_send_file_max_age(NAME),
        )

    app.view_functions["static"] = serve_static
    return tag
