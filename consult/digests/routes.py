"""The blueprint of the digests' pages, which several files add to."""

from __future__ import annotations

from consult.core.web import Blueprint

blueprint = Blueprint("digests", __name__)
