"""Access to practice copies, for their owner only, and the banner on their pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from consult.consultations.names import PRACTICE_SLUG
from consult.core.db import separate_transaction
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.web.requests import SAFE_METHODS, principal
from consult.practice import service

_MAY_POST = frozenset({"submissions", "commenting", "saving", "evidence", "practice"})
"""Blueprints whose forms contact nobody but the person who practises."""


def _is_copy() -> bool:
    return str((request.view_args or {}).get("slug", "")).startswith(PRACTICE_SLUG)


def init_app(app: Flask) -> None:
    @app.before_request
    def check_owner() -> None:
        if not _is_copy():
            return
        person = principal()
        with separate_transaction() as session:
            g.practice_until = service.get_until(session, request.view_args["slug"], person.id if person else None)  # type: ignore[index]
        if request.method not in SAFE_METHODS and request.blueprint not in _MAY_POST:
            raise Forbidden(_("You cannot do this in practice mode, because it would contact other people."))

    @app.after_request
    def keep_out_of_indexes(response: Response) -> Response:
        if request.url_rule is not None and _is_copy():
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.context_processor
    def in_templates() -> dict[str, Any]:
        until: datetime | None = g.get("practice_until") if has_request_context() else None
        return {"practice_until": until}
