"""Pages of a topic in a consultation, such as the right to health."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.slots import collect
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.submissions.pages.slots import CommentFoot, RedactionReasons
from consult.submissions.topics import queries as topics_queries

blueprint = Blueprint("topics", __name__)


@blueprint.route("/c/<slug>/topics", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    return render_template("submissions/topics.html", page=topics_queries.get_topics_page(db.session(), slug))


@blueprint.route("/c/<slug>/topics/<scheme>/<notation>", allow=Allow.ANYONE)
def one(slug: str, scheme: str, notation: str) -> ResponseReturnValue:
    stance, after = request.args.get("stance", ""), request.args.get("after")
    page = topics_queries.get_topic_page(db.session(), slug, scheme, notation, stance=stance, after=after)
    reasons = RedactionReasons.of(voice.redactions for voice in page.voices.items)
    foot = CommentFoot({voice.id: voice.body for voice in page.voices.items})
    return render_template("submissions/topic.html", page=page, slot=collect(db.session(), reasons, foot))
