"""The programming interface: /api/v1 for reading and filing, described by an OpenAPI document."""

from __future__ import annotations

from flask import Flask

from consult.api import authorisation, problem_views
from consult.core.web.requests import ERROR_FORMATS, PROGRAM_CHECK


def init_app(app: Flask) -> None:
    app.extensions.setdefault(ERROR_FORMATS, {})["/api/"] = problem_views.format_error
    app.extensions[PROGRAM_CHECK] = authorisation.check_program
