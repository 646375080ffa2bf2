"""The programming interface: /api/v1 for reading and filing, described by an OpenAPI document."""

from __future__ import annotations

from flask import Flask

from consult.accounts import hooks
from consult.api import authorisation, problem_views
from consult.api.v4 import problem_views as v4_problems
from consult.api.webhooks import service as webhooks
from consult.core.web.requests import ERROR_FORMATS, PROGRAM_CHECK


def init_app(app: Flask) -> None:
    for prefix in ("/api/", "/mcp"):
        app.extensions.setdefault(ERROR_FORMATS, {})[prefix] = problem_views.format_error
    app.extensions[ERROR_FORMATS]["/v4/"] = v4_problems.format_error
    app.extensions[PROGRAM_CHECK] = authorisation.check_program
    hooks.ERASED["api"] = webhooks.forget_account
