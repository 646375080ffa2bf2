"""Public pages of the operator's texts: terms, imprint, earlier versions, logo, and colours as a style sheet."""

from __future__ import annotations

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.i18n import LANGUAGES
from consult.core.web.access import Allow
from consult.core.web.face import VERSION_LENGTH, get_face
from consult.core.web.requests import Blueprint
from consult.operator import fields, queries

blueprint = Blueprint("operator_site", __name__)
_YEAR = 31536000


@blueprint.route("/terms", allow=Allow.ANYONE)
def terms() -> ResponseReturnValue:
    return render_template("operator/terms.html", own=get_face().say("terms"))


@blueprint.route("/imprint", allow=Allow.ANYONE)
def imprint() -> ResponseReturnValue:
    return render_template("operator/imprint.html", own=get_face().say("imprint"))


@blueprint.route("/former/<key>", allow=Allow.ANYONE)
def former(key: str) -> ResponseReturnValue:
    """List every version of a text with its dates, so that people can find the one they agreed to."""
    versions = queries.list_versions(db.session(), key)
    return render_template("operator/former.html", field=fields.FIELDS[key], versions=versions, languages=LANGUAGES)


@blueprint.route("/former/<key>/<int(max=9223372036854775807):number>", allow=Allow.ANYONE)
def version(key: str, number: int) -> ResponseReturnValue:
    text = queries.get_version(db.session(), key, number)
    return render_template("operator/version.html", field=fields.FIELDS[key], found=text, languages=LANGUAGES)


@blueprint.route("/face.css", allow=Allow.ANYONE)
def colours() -> ResponseReturnValue:
    """Return the site's accent colour as a style sheet. Its URL changes with it."""
    colour = get_face().value("colour")
    rules = f":root{{--bar:{colour};--bar-line:{_lighter(colour)}}}\n" if colour else ""
    return _kept(Response(rules, mimetype="text/css"), get_face().version)


@blueprint.route("/site-logo.png", allow=Allow.ANYONE)
def logo() -> ResponseReturnValue:
    """Return the logo. Its URL contains a hash of the image."""
    image = queries.get_logo(db.session())
    if image is None:
        return abort(404)
    return _kept(Response(image.png, mimetype="image/png"), image.sha256[:VERSION_LENGTH])


def _kept(answer: Response, version: str) -> Response:
    """Make the response cacheable for a year if its URL names this version, else for a minute.

    For some seconds after a change a process may send the former version at the URL of the new one.
    """
    answer.add_etag()
    lasting = request.args.get("v") == version
    answer.cache_control.public, answer.cache_control.max_age = True, _YEAR if lasting else 60
    answer.make_conditional(request)
    return answer


def _lighter(colour: str) -> str:
    """Return the colour mixed half with white, for thin lines on it.

    >>> _lighter("#0f4c5c")
    '#87a5ad'
    """
    return "#" + "".join(f"{(int(colour[at : at + 2], 16) + 255) // 2:02x}" for at in (1, 3, 5))
