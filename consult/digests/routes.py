"""The blueprint of the digests' pages, which several files add to."""

from __future__ import annotations

from consult.core.web import Blueprint

blueprint = Blueprint("digests", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
