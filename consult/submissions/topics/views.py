"""Pages of topics in a consultation, such as the right to health."""

from __future__ import annotations

import io

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.slots import collect
from consult.core.text import CsvWriter
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.submissions.pages.slots import CommentFoot, RedactionReasons
from consult.submissions.topics import queries as topics_queries
from consult.submissions.topics import treaty_check

blueprint = Blueprint("topics", __name__)


@blueprint.route("/c/<slug>/topics", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    return render_template("submissions/topics.html", page=topics_queries.get_topics_page(db.session(), slug))


@blueprint.route("/c/<slug>/treaties", allow=Allow.ANYONE)
def treaties(slug: str) -> ResponseReturnValue:
    """Show articles and rights that the draft addresses or not. `pack` selects one treaty or vocabulary."""
    pack = request.args.get("pack", "")
    return render_template(
        "submissions/treaties.html",
        check=treaty_check.get_check(db.session(), slug, pack=pack),
        packs=treaty_check.get_check(db.session(), slug).packs if pack else None,
        pack=pack,
    )


@blueprint.route("/c/<slug>/balance", allow=Allow.ANYONE)
def balance(slug: str) -> ResponseReturnValue:
    """Show the share of the draft and its comments about each of three pillars."""
    return render_template("submissions/balance.html", found=treaty_check.get_balance(db.session(), slug))


@blueprint.route("/c/<slug>/balance.csv", allow=Allow.ANYONE)
def balance_csv(slug: str) -> ResponseReturnValue:
    found, out = treaty_check.get_balance(db.session(), slug), io.StringIO()
    write = CsvWriter(out).writerow
    write(["pillar", "paragraphs", "comments"])
    for pillar in found.pillars:
        write([pillar.term.notation, pillar.paragraphs, pillar.comments])
    head = {"Content-Disposition": f'attachment; filename="{found.consultation.slug}-balance.csv"'}
    return Response(out.getvalue(), mimetype="text/csv", headers=head)


@blueprint.route("/c/<slug>/topics/<scheme>/<notation>", allow=Allow.ANYONE)
def one(slug: str, scheme: str, notation: str) -> ResponseReturnValue:
    stance, after = request.args.get("stance", ""), request.args.get("after")
    page = topics_queries.get_topic_page(db.session(), slug, scheme, notation, stance=stance, after=after)
    reasons = RedactionReasons.of(voice.redactions for voice in page.voices.items)
    foot = CommentFoot({voice.id: voice.body for voice in page.voices.items})
    return render_template("submissions/topic.html", page=page, slot=collect(db.session(), reasons, foot))
