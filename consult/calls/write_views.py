"""Transfer of input from the page of a call into the normal submission form."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from consult.calls import queries
from consult.calls.forms import CallAnswerForm, CommentBox, read_boxes
from consult.calls.page_views import render_page
from consult.calls.queries import CallPage
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.csrf import FormSender, form_sender
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf
from consult.submissions.content.draft import DraftComment
from consult.submissions.drafts import service as drafts
from consult.submissions.views import draft_owner, remember_draft

blueprint = Blueprint("answering_call", __name__)


@blueprint.route("/call/<slug>/write", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("120 per hour")
def write(slug: str) -> ResponseReturnValue:
    """Store the input in the visitor's draft and continue with the author's details. Nothing is sent yet.

    With `show`, only redisplay the page in the language of the URL.
    """
    page = queries.get_public(db.session(), slug)
    if not CallAnswerForm().validate() or form_sender() is FormSender.ELSEWHERE:
        raise Forbidden(_("We could not read the form. Go back, reload the page and try again."))
    if not page.is_running(now()):
        raise Conflict(_("This call is closed, so you can no longer send comments through it."))
    boxes = read_boxes(_sent_places(page), request.form)
    if request.form.get("do") == "show":
        notice = _("Page language changed. Your text is still here but not saved yet.")
        return render_page(page, boxes, notice)
    if any(box.error for box in boxes):
        return render_page(page, boxes, _("Something is missing below. What you typed is still here."))
    if not any(box.body for box in boxes):
        return render_page(page, boxes, _("Write a comment in at least one box first."))
    _save(page, boxes)
    return redirect(url_for("submissions.about", slug=page.consultation.slug), 303)


csrf.exempt(write)


def _sent_places(page: CallPage) -> list[queries.CalledPlace]:
    """Return the parts of the draft in the order of the submitted boxes.

    A colleague may have changed the call in between.
    """
    by_id = {str(place.node.id): place for place in page.places}
    sent = [by_id.get(request.form.get(f"on_{n}", "")) for n in range(len(page.places))]
    return [place for place in sent if place is not None] if None not in sent else list(page.places)


def _save(page: CallPage, boxes: list[CommentBox]) -> None:
    slug, who = page.consultation.slug, draft_owner(page.consultation.slug)
    for box in boxes:
        if not box.body:
            continue
        token = drafts.save_comment(
            db.session(),
            consultation_id=page.consultation.id,
            owner=who,
            provision_id=box.place.node.id,
            comment=DraftComment(box.body, box.stance),
            seen="",
            join=True,
        )
        remember_draft(slug, token)
        who = draft_owner(slug)
    session["via"] = {**session.get("via", {}), slug: page.call.slug}
