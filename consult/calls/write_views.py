"""From the page of a call into the normal form: what was typed goes into the draft."""

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
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.values import DraftComment
from consult.submissions.views import draft_owner, remember_draft

blueprint = Blueprint("answering_call", __name__)


@blueprint.route("/call/<slug>/write", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("120 per hour")
def write(slug: str) -> ResponseReturnValue:
    """Takes what was typed into the draft, and goes on with who speaks. Nothing is sent yet.

    To `show`, it only comes back in the language of the address.
    """
    found = queries.get_public(db.session(), slug)
    if not CallAnswerForm().validate() or form_sender() is FormSender.ELSEWHERE:
        raise Forbidden(_("The form could not be read. Go back, reload the page and try again."))
    if not found.is_running(now()):
        raise Conflict(_("This call is closed, so nothing more can be sent by it."))
    boxes = read_boxes(_sent_places(found), request.form)
    if request.form.get("do") == "show":
        said = _("The language of this page is changed. What you typed is still here, and nothing of it is saved yet.")
        return render_page(found, boxes, said)
    if any(box.error for box in boxes):
        return render_page(found, boxes, _("Something is missing below. What you typed is still here."))
    if not any(box.body for box in boxes):
        return render_page(found, boxes, _("Write something in one of the boxes first."))
    _save(found, boxes)
    return redirect(url_for("submissions.about", slug=found.consultation.slug), 303)


csrf.exempt(write)


def _sent_places(found: CallPage) -> list[queries.CalledPlace]:
    """The places in the order in which the boxes came: a colleague may have changed the call while it was open."""
    by_id = {str(place.node.id): place for place in found.places}
    sent = [by_id.get(request.form.get(f"on_{n}", "")) for n in range(len(found.places))]
    return [place for place in sent if place is not None] if None not in sent else list(found.places)


def _save(found: CallPage, boxes: list[CommentBox]) -> None:
    slug, who = found.consultation.slug, draft_owner(found.consultation.slug)
    for box in boxes:
        if not box.body:
            continue
        token = drafts.save_comment(
            db.session(),
            consultation_id=found.consultation.id,
            owner=who,
            provision_id=box.place.node.id,
            comment=DraftComment(box.body, box.stance),
            seen="",
            join=True,
        )
        remember_draft(slug, token)
        who = draft_owner(slug)
    session["via"] = {**session.get("via", {}), slug: found.call.slug}
