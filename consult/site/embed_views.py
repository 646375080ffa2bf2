"""Content for other sites and meetings: a card in a frame, and the facilitation pack."""

from __future__ import annotations

from flask import Response, render_template, request, session
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.web import embeds
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint
from consult.site import pack
from consult.site import queries as site_queries

blueprint = Blueprint("embed", __name__)
_CSP = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors "


@blueprint.route("/c/<slug>/card", allow=Allow.ANYONE)
def card(slug: str) -> ResponseReturnValue:
    """Return the page that other sites may show in a frame. It has no script and sets no cookie.

    Framing is allowed only at the signed URL given on the page for following a consultation. No URL parameter is
    rendered.
    """
    page = site_queries.get_front_page(db.session(), slug)
    made = Response(render_template("site/card.html", page=page, it=page.consultation, at=now()))
    session.modified = False
    framed = embeds.is_signed(page.consultation.slug, request.args.get("key", ""))
    made.headers["Content-Security-Policy"] = _CSP + ("*" if framed else "'none'")
    made.headers["Referrer-Policy"] = "no-referrer"
    made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return made


@blueprint.route("/c/<slug>/pack.pdf", allow=Allow.ANYONE)
@limiter.limit("30 per minute")
def meeting_pack(slug: str) -> ResponseReturnValue:
    row, made = pack.print_pack(db.session(), slug)
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.slug}-pack.pdf"'
    return answer
