"""The index of the interface and its OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from flask import Response

from consult.api import openapi
from consult.api.contract import operation, prepare
from consult.core.web.addresses import public_url
from consult.core.web.face import get_face
from consult.core.web.requests import Blueprint

blueprint = prepare(Blueprint("api", __name__))


class Index(msgspec.Struct):
    """The site and where to begin."""

    name: str
    version: str
    document: str
    consultations: str


@operation(blueprint, "GET", "/", Index)
def get_index() -> Index:
    """Get the name of the site, and where to begin."""
    return Index(
        get_face().value("name"),
        openapi.VERSION,
        public_url("api.get_document"),
        public_url("api_reading.list_consultations"),
    )


@operation(blueprint, "GET", "/openapi.json", dict[str, Any])
def get_document() -> Response:
    """Get this document."""
    return Response(_write_document(), content_type="application/json")


@cache
def _write_document() -> bytes:
    return openapi.write_document()
