"""The style sheets: component files in `static/kit/`, joined and minified at application start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, request, send_file

from consult.core.lazy import LazyModule

brotli: Any = LazyModule("brotli")

COMPONENTS = (
    "tokens",
    "base",
    "layout",
    "header",
    "page_head",
    "buttons",
    "forms",
    "choices",
    "guides",
    "figures",
    "draft",
    "prose",
    "media",
)
"""In this order: of two rules of a layer that are as specific, the later one holds."""
STAFF = ("review", "triage", "compare")
"""Loaded after the others by people who work here; no visitor pays for them."""
_SLIM = ("tokens", "base", "slim")
SLIM = (*_SLIM, "tile")
"""The only sheet of pages that are opened from a QR code or stand in a page of another site."""
REPORT = (*_SLIM, "forms", "report")
"""The only sheet of the form of a report, which a phone keeps for where there is no line: nothing in it that the form
does not have."""
SIGNALS = ("sightings", "weekly")
"""Loaded after the others by the pages of early warning only."""
STUDIES = ("case_studies",)
"""Loaded by the pages of case studies, of the balance of a draft and of its treaties only."""
PLANS = ("plans",)
"""Loaded after the others by the pages of plans and their indicators."""
SHEETS = {
    "kit.css": COMPONENTS,
    "staff.css": STAFF,
    "slim.css": SLIM,
    "report.css": REPORT,
    "signals.css": SIGNALS,
    "studies.css": STUDIES,
    "plans.css": PLANS,
}
_LAYERS = "@layer tokens, base, layout, parts;"
_SPARE = re.compile(
    r'/\*.*?\*/\s*|(?P<string>"[^"]*")|\s*;?\s*(?P<end>\})\s*|\s*(?P<mark>[{;])\s*|(?P<list>[:,])\s+|(?P<space>\s+)',
    re.S,
)

_SCRIPT_SPARE = re.compile(rb"^[ \t]*(?:(?://.*|/\*\*.*\*/)\n)?|^\n", re.M)


def compact(css: str) -> str:
    """The same rules without comments and without space that means nothing. Comments stand between rules only.

    >>> compact('/* one */\\na > b,\\nc::before {\\n  content: "; x";\\n  margin: 0 calc(1px + 2px);\\n}\\n')
    'a > b,c::before{content:"; x";margin:0 calc(1px + 2px)}'
    """
    return _SPARE.sub(_shorten, css)


def _shorten(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return " " if kind == "space" else found[kind] if kind else ""


def compact_script(script: bytes) -> bytes:
    """The same script without the lines that are comments, and without what lines begin with.

    >>> compact_script(b"// Why.\\n/** What. */\\nif (a) {\\n  b(); // stays\\n}\\n")
    b'if (a) {\\nb(); // stays\\n}\\n'
    """
    return _SCRIPT_SPARE.sub(b"", script)


def join_components(folder: Path, components: Sequence[str] = COMPONENTS) -> bytes:
    """One sheet that pages load, from the folder of its components."""
    sheets = ((folder / f"{component}.css").read_text(encoding="utf-8") for component in components)
    return merge_layers(compact("\n".join([_LAYERS, *sheets]))).encode()


def merge_layers(css: str) -> str:
    """The same compact sheet, with blocks of one layer that follow each other as one. A layer is never within another.

    >>> merge_layers("@layer a{b{c:d}}@layer a{e{f:g}}@layer h{i{j:k}}")
    '@layer a{b{c:d}e{f:g}}@layer h{i{j:k}}'
    """
    first, *blocks = re.split(r"(@layer \w+\{)", css)
    merged, last = first, ""
    for name, body in zip(blocks[::2], blocks[1::2], strict=True):
        merged = merged[:-1] + body if name == last else merged + name + body
        last = name if body.count("}") == body.count("{") + 1 and body.endswith("}") else ""
    return merged


def init_app(app: Flask) -> dict[str, str]:
    """Serves each sheet as a static file of its name; gives the hashes of their content."""
    folder = Path(str(app.static_folder)) / "kit"
    sheets = {name: join_components(folder, components) for name, components in SHEETS.items()}
    tags = {name: sha256(sheet).hexdigest()[:10] for name, sheet in sheets.items()}
    changed = datetime.fromtimestamp(max(path.stat().st_mtime for path in folder.iterdir()), UTC)

    def serve_static(filename: str) -> Response:
        if filename not in sheets:
            return _press(filename, app.send_static_file(filename))
        answer = send_file(
            BytesIO(sheets[filename]),
            download_name=filename,
            etag=tags[filename],
            last_modified=changed,
            max_age=app.get_send_file_max_age(filename),
        )
        return _press(filename, answer)

    app.view_functions["static"] = serve_static
    return tags


@lru_cache(maxsize=64)
def _compress(body: bytes) -> bytes:
    """As small as Brotli makes it: up to 0.1 s for a sheet, once in a process."""
    return bytes(brotli.compress(body, quality=11))


def _press(filename: str, answer: Response) -> Response:
    """Sheets and scripts, an eighth smaller than pages are compressed, and scripts without comments.

    Other files stay as they are. For browsers without Brotli the rest is done where pages are compressed.
    """
    if not filename.endswith((".css", ".js")) or answer.status_code != 200:
        return answer
    answer.direct_passthrough = False
    body, (tag, _weak) = answer.get_data(), answer.get_etag()
    if filename.endswith(".js"):
        body = compact_script(body)
    if request.accept_encodings["br"]:
        body, tag = _compress(body), f"{tag}:br"
        answer.content_encoding = "br"
    answer.set_data(body)
    answer.set_etag(f"{tag}")
    answer.vary.add("Accept-Encoding")
    return cast("Response", answer.make_conditional(request))
