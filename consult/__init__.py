"""Consult: civil society answers a draft policy and can see that it was heard."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from consult import (
    accounts,
    analysis,
    consultations,
    digests,
    documents,
    ledger,
    mail,
    moderation,
    search,
    site,
    submissions,
    trace,
)
from consult.core import assembly
from consult.core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    ledger, mail, accounts, documents, consultations, submissions, analysis, moderation, digests, trace, search, site,
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """The application with every package in it; settings come from the environment where none are given."""
    return assembly.assemble(settings or Settings(), ROOT, PACKAGES)
