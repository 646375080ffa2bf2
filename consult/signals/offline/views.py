"""The service worker of the report form, and the manifest for installing it on a phone."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, url_for
from flask.typing import ResponseReturnValue

from consult.core.i18n import _, current_language
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint

blueprint = Blueprint("signal_offline", __name__)
SCOPE = "/signals/report"
_KEPT = ("report.css", "js/report.js")


@blueprint.route("/signals/report/worker.js", allow=Allow.ANYONE)
def worker() -> ResponseReturnValue:
    """Return the service worker. Browsers always revalidate it, so changes of the form reach every phone."""
    asset: Any = current_app.jinja_env.globals["asset"]
    files = json.dumps([asset(name) for name in _KEPT])
    version = sha256(files.encode()).hexdigest()[:12]
    script = _read_script(Path(str(current_app.static_folder)) / "js/report-worker.js")
    answer = Response(script.replace("__FILES__", files).replace("__VERSION__", version), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = SCOPE
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return answer


@lru_cache(maxsize=1)
def _read_script(path: Path) -> str:
    return path.read_text("utf-8")


@blueprint.route("/manifest.webmanifest", allow=Allow.ANYONE)
def manifest() -> ResponseReturnValue:
    """Return the manifest. Its name does not mention drugs, because phones show it on the screen.

    Source: W3C, Web Application Manifest.
    """
    language = current_language()
    answer = jsonify(
        id=SCOPE,
        name="Consult",
        short_name="Consult",
        start_url=f"{SCOPE}?lang={language}",
        scope=SCOPE,
        lang=language,
        display="minimal-ui",
        description=_("Report a drug"),
        background_color="#ffffff",
        theme_color="#0f4c5c",
        icons=[{"src": url_for("static", filename="img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer
