"""Public pages of partners, and what this site shares: /peers, /shared.json and /.well-known/consult.json."""

from __future__ import annotations

from base64 import b64encode

from flask import Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import tag_file
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.core.web.face import CurrentFace
from consult.core.web.requests import Blueprint
from consult.peers import queries, shared
from consult.peers.model import ItemKind, SharingKey

blueprint = Blueprint("peers", __name__)


@blueprint.route("/peers", allow=Allow.ANYONE)
def overview() -> ResponseReturnValue:
    """Show what partners share: warnings first, then consultations and case studies."""
    items = queries.list_items(db.session())
    return render_template("peers/overview.html", peers=queries.list_peers(db.session()), items=items, kinds=ItemKind)


@blueprint.route("/shared.json", allow=Allow.ANYONE)
def document() -> ResponseReturnValue:
    """Return the signed list of records for partners."""
    return tag_file(jsonify(shared.build_document(db.session(), _get_key())))


@blueprint.route("/.well-known/consult.json", allow=Allow.ANYONE)
def description() -> ResponseReturnValue:
    """Describe this installation for programs."""
    key = _get_key()
    answer: Response = jsonify(
        {
            "name": CurrentFace().name,
            "installation": key.installation,
            "keys": [{"public": b64encode(key.public).decode(), "from": key.made_at.date().isoformat()}],
            "shared": public_url("peers.document"),
            "changes": public_url("feeds.newest"),
            "catalogue": public_url("catalogue.jsonld"),
            "api": public_url("api.get_document"),
        }
    )
    return tag_file(answer)


def _get_key() -> SharingKey:
    key = db.session().get(SharingKey, 1)
    if key is None:
        raise NotFound(_("This site has no key yet. The scheduler makes one within a minute."))
    return key
