"""The blueprint of the digest pages, shared by several view files."""

from __future__ import annotations

from consult.core.web.requests import Blueprint

blueprint = Blueprint("digests", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
