"""Pages of one's submission as a document in the form of a receiving body, by the private link."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint
from consult.submissions import service as submissions
from consult.trace.papers import paper, rules

blueprint = Blueprint("papers_for_bodies", __name__)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """Prevent storing and indexing of private pages, and send no referrer."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/r/<reference>/<secret>/papers", allow=Allow.ANYONE)
def listed(reference: str, secret: str) -> ResponseReturnValue:
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    limits = rules.measure(paper.list_texts(db.session(), row))
    return render_template(
        "trace/papers.html", row=row, secret=secret, rules=rules.load_rules().values(), limits=limits
    )


@blueprint.route("/r/<reference>/<secret>/papers/<key>.docx", allow=Allow.ANYONE)
@limiter.limit("30 per minute")  # a separate process writes Word files
def docx(reference: str, secret: str, key: str) -> ResponseReturnValue:
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    made = Response(paper.make_docx(db.session(), row, paper.get_rule(key)), mimetype=_DOCX)
    made.headers["Content-Disposition"] = f'attachment; filename="{row.reference}-{key}.docx"'
    return made
