"""The page of a call, without cookie or script; its QR code and a sheet to print: /call/<slug>."""

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
from consult.submissions.forms import STANCE_LABELS

blueprint = Blueprint("calling", __name__, traceless=True)


def short_address(slug: str) -> str:
    """The address of a call as it is printed and said."""
    return f"{settings().base_url}/call/{slug}"


@blueprint.route("/call/<slug>", allow=Allow.ANYONE)
def page(slug: str) -> ResponseReturnValue:
    return render_page(queries.get_public(db.session(), slug), [])


def render_page(found: CallPage, boxes: list[CommentBox], message: str = "") -> ResponseReturnValue:
    """The page; with what was typed where something of it must be mended."""
    shown = boxes or read_boxes(found.places, {})
    page = render_template(
        "calls/page.html",
        page=found,
        boxes=shown,
        stances=STANCE_LABELS,
        form=CallAnswerForm(formdata=None),
        message=message,
        running=found.is_running(now()),
    )
    return page, 422 if message else 200


@blueprint.route("/call/<slug>/qr.svg", allow=Allow.ANYONE)
def qr(slug: str) -> ResponseReturnValue:
    """The short address as a QR code, for paper and screens."""
    found, out = queries.get_public(db.session(), slug), io.BytesIO()
    segno.make(short_address(found.call.slug), error="m").save(out, kind="svg", scale=8, border=4, title=None)
    return Response(out.getvalue(), mimetype="image/svg+xml")


@blueprint.route("/call/<slug>/poster", allow=Allow.ANYONE)
def poster(slug: str) -> ResponseReturnValue:
    """One sheet to print and hang up."""
    found = queries.get_public(db.session(), slug)
    return render_template("calls/poster.html", page=found, address=short_address(slug).split("://")[-1])
