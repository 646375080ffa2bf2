"""The page of a call, without cookies or scripts, its QR code and its poster: /call/<slug>."""

from __future__ import annotations

import io

import segno
from flask import Response, render_template
from flask.typing import ResponseReturnValue

from consult.calls import queries
from consult.calls.forms import CallAnswerForm, CommentBox, read_boxes
from consult.calls.queries import CallPage
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, settings
from consult.submissions import stances

blueprint = Blueprint("calling", __name__, traceless=True)


def short_address(slug: str) -> str:
    """Return the URL of a call as printed."""
    return f"{settings().base_url}/call/{slug}"


@blueprint.route("/call/<slug>", allow=Allow.ANYONE)
def page(slug: str) -> ResponseReturnValue:
    return render_page(queries.get_public(db.session(), slug), [])


def render_page(call: CallPage, boxes: list[CommentBox], message: str = "") -> ResponseReturnValue:
    """Render the page. With a message, show the submitted input again with status 422."""
    shown = boxes or read_boxes(call.places, {})
    page = render_template(
        "calls/page.html",
        page=call,
        boxes=shown,
        stances=stances.OFFERED,
        form=CallAnswerForm(formdata=None),
        message=message,
        running=call.is_running(now()),
    )
    return page, 422 if message else 200


@blueprint.route("/call/<slug>/qr.svg", allow=Allow.ANYONE)
def qr(slug: str) -> ResponseReturnValue:
    """Return the URL as a QR code for print and screens."""
    page, out = queries.get_public(db.session(), slug), io.BytesIO()
    segno.make(short_address(page.call.slug), error="m").save(out, kind="svg", scale=8, border=4, title=None)
    return Response(out.getvalue(), mimetype="image/svg+xml")


@blueprint.route("/call/<slug>/poster", allow=Allow.ANYONE)
def poster(slug: str) -> ResponseReturnValue:
    """Show a one-page poster to print."""
    page = queries.get_public(db.session(), slug)
    return render_template("calls/poster.html", page=page, address=short_address(slug).split("://")[-1])
