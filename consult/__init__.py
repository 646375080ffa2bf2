"""Consult, a platform for public consultations on draft policies.

Importing the package loads no application, so commands that need none start quickly.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from consult.core.settings import Settings

_HERE = Path(__file__).resolve().parent
ROOT = _HERE if (_HERE / "templates").is_dir() else _HERE.parent
"""The folder with templates, static, migrations and fonts: the package itself when installed, its parent in a checkout.
"""
PACKAGES = (
    "ledger", "gateway", "mail", "files", "accounts", "taxonomy", "bodies", "documents", "operator", "decisions",
    "countries", "consultations",
    "submissions", "analysis", "calls", "arguments", "moderation", "positions", "case_studies", "digests", "plans",
    "recommendations", "responses",
    "signals", "audit", "trace", "search", "practice", "site", "api",
    "peers",
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """Create the Flask application with all packages. Without `settings`, read them from the environment."""
    packages = [import_module(f"consult.{name}") for name in PACKAGES]
    app: Flask = import_module("consult.core.assembly").assemble(settings, ROOT, packages)
    return app
