"""Taxonomy: schemes and terms imported as SKOS. Drug policy is a pack of data, not code."""

from __future__ import annotations

from flask import Flask

from consult.core.i18n import current_language


def init_app(app: Flask) -> None:
    app.jinja_env.filters["term_name"] = lambda term: term.label(current_language())
