"""The catalogue for programs: /catalog.jsonld and /catalog.ttl."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from consult.api.catalogue import datasets, linked_data
from consult.consultations.view_helpers import tag_file
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint

blueprint = Blueprint("catalogue", __name__)


@blueprint.route("/catalog.jsonld", allow=Allow.ANYONE)
def jsonld() -> ResponseReturnValue:
    return _send("jsonld")


@blueprint.route("/catalog.ttl", allow=Allow.ANYONE)
def turtle() -> ResponseReturnValue:
    return _send("turtle")


def _send(form: str) -> Response:
    session = db.session()
    page, pages = read_number(request.args.get("page", "1")), datasets.count_pages(session)
    if page is None or not 1 <= page <= pages:
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    nodes = datasets.build_page(session, page, pages, form)
    write, media = (
        (linked_data.write_turtle, "text/turtle")
        if form == "turtle"
        else (linked_data.write_json, "application/ld+json")
    )
    return tag_file(Response(write(nodes), mimetype=media))
