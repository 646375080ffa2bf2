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
"""The order matters: of two rules in a layer with the same specificity, the later one wins."""
STAFF = ("review", "triage", "compare")
"""Loaded in addition by pages for staff only, so that visitors do not pay for them."""
_SLIM = ("tokens", "base", "slim")
SLIM = (*_SLIM, "tile")
"""The only sheet of pages opened from a QR code or embedded in another site."""
REPORT = (*_SLIM, "forms", "report")
"""The only sheet of the report form, which phones store for offline use. It contains nothing else."""
SIGNALS = ("sightings", "weekly")
"""Loaded in addition by early-warning pages only."""
STUDIES = ("case_studies",)
"""Loaded by the pages of case studies, draft balance and treaties only."""
PLANS = ("plans",)
"""Loaded in addition by pages of plans and indicators only."""
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
    """Return the rules without comments and insignificant whitespace. Comments must be between rules.

    >>> compact('/* one */\\na > b,\\nc::before {\\n  content: "; x";\\n  margin: 0 calc(1px + 2px);\\n}\\n')
    'a > b,c::before{content:"; x";margin:0 calc(1px + 2px)}'
    """
    return _SPARE.sub(_shorten, css)


def _shorten(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return " " if kind == "space" else found[kind] if kind else ""


def compact_script(script: bytes) -> bytes:
    """Return the script without comment lines and indentation.

    >>> compact_script(b"// Why.\\n/** What. */\\nif (a) {\\n  b(); // stays\\n}\\n")
    b'if (a) {\\nb(); // stays\\n}\\n'
    """
    return _SCRIPT_SPARE.sub(b"", script)


def join_components(folder: Path, components: Sequence[str] = COMPONENTS) -> bytes:
    """Return one sheet made of component files in a folder."""
    sheets = ((folder / f"{component}.css").read_text(encoding="utf-8") for component in components)
    return merge_layers(compact("\n".join([_LAYERS, *sheets]))).encode()


def merge_layers(css: str) -> str:
    """Merge consecutive blocks of the same layer in a compact sheet. Layers must not be nested.

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
    """Serve each sheet as a static file, and return the hashes of their contents."""
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
    """Compress with Brotli's highest quality: up to 0.1 s per sheet, once per process."""
    return bytes(brotli.compress(body, quality=11))


def _press(filename: str, answer: Response) -> Response:
    """Compress sheets and scripts, an eighth smaller than pages, and strip comments from scripts.

    Other files are unchanged. For browsers without Brotli, the general compression applies.
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
