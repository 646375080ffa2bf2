"""Pages of the guides: /help and /help/<slug>."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.site import guides

blueprint = Blueprint("guides", __name__)


@blueprint.route("/help", allow=Allow.ANYONE)
def listed() -> ResponseReturnValue:
    return render_template("site/guides.html", guides=guides.list_guides(), for_staff=guides.FOR_STAFF)


@blueprint.route("/help/<slug>", allow=Allow.ANYONE)
def one(slug: str) -> ResponseReturnValue:
    guide = guides.get_guide(slug)
    return render_template("site/guide.html", shown=guide, button=guide.button)
