"""The lens on a consultation: what was said about a topic, such as the right to health."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.web import Blueprint
from consult.submissions import topics

blueprint = Blueprint("topics", __name__)


@blueprint.route("/c/<slug>/topics", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    return render_template("submissions/topics.html", page=topics.overview(db.session(), slug))


@blueprint.route("/c/<slug>/topics/<scheme>/<notation>", allow=Allow.ANYONE)
def one(slug: str, scheme: str, notation: str) -> ResponseReturnValue:
    stance, after = request.args.get("stance", ""), request.args.get("after")
    page = topics.one(db.session(), slug, scheme, notation, stance=stance, after=after)
    return render_template("submissions/topic.html", page=page)
