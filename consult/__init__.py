"""Consult: civil society answers a draft policy and sees what became of the answers.

Importing it loads nothing: a command that needs no application should not wait for one.
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
"""The folder of templates, static, migrations, fonts: in an installed package, beside it in a checkout."""
PACKAGES = (
    "ledger", "mail", "files", "accounts", "taxonomy", "bodies", "documents", "operator", "consultations",
    "submissions", "analysis", "calls", "arguments", "moderation", "case_studies", "digests", "plans", "responses",
    "signals", "audit", "trace", "search", "practice", "site",
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """The application with every package in it; settings come from the environment where none are given."""
    packages = [import_module(f"consult.{name}") for name in PACKAGES]
    app: Flask = import_module("consult.core.assembly").assemble(settings, ROOT, packages)
    return app
