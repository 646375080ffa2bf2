"""Autosave: the same changes as the page's buttons, with JSON responses.

It also works without an account, because the form's page puts a draft token in the browser's session. The anonymous
form has no script and no autosave.
"""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from consult.consultations.questions import answers as questions_answers
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.comment_views import (
    find_other_amendment,
    read_comment,
    requested_key,
    requested_provision,
)
from consult.submissions.drafts.forms import CommentForm
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.forms import questions_form, read_answers
from consult.submissions.pages import queries as pages_queries
from consult.submissions.views import draft_owner, remember_draft

blueprint = Blueprint("saving", __name__)


@blueprint.route("/c/<slug>/respond/comment/<number>/save", allow=Allow.ANYONE, methods=["POST"])
def comment(slug: str, number: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    frame = pages_queries.frame(db.session(), slug, who)
    where = requested_provision(frame, number)
    key = requested_key(where)
    other = find_other_amendment(frame, where, frame.writing.comments.get(frame.writing.key_of(key)))
    form = CommentForm(where.text if where else "", supports=other is not None and "start" not in request.args)
    if not frame.is_open or (not form.validate() and set(form.errors) != {"stance"}):
        return jsonify(seen=form.seen.data), 422
    said = read_comment(form, other)
    try:
        remember_draft(
            slug,
            drafts.save_comment(
                db.session(),
                consultation_id=frame.consultation.id,
                owner=who,
                provision_id=key,
                comment=said,
                seen=form.seen.data,
                by=form.by.data,
            ),
        )
    except Refusal as clash:
        return jsonify(message=str(clash)), 409
    return jsonify(seen=said.mark)


@blueprint.route("/c/<slug>/respond/questions/save", allow=Allow.ANYONE, methods=["POST"])
def questions(slug: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    frame = pages_queries.frame(db.session(), slug, who)
    shown = frame.on_form(None, request.form.get("asked", ""))
    form = questions_form(shown, frame.given, lang=frame.consultation.language)
    if not frame.is_open or not form.validate():
        return jsonify(seen=form.seen.data), 422
    given = read_answers(form, shown)
    said = {row.id: questions_answers.answer_words(row, given[row.id]) for row in shown if row.id in given}
    try:
        remember_draft(
            slug,
            drafts.save_answers(
                db.session(),
                consultation_id=frame.consultation.id,
                owner=who,
                seen=form.seen.data,
                by=form.by.data,
                answers=said,
                chosen={key: it.chosen for key, it in given.items()},
            ),
        )
    except Refusal as clash:
        return jsonify(message=str(clash)), 409
    return jsonify(seen=_seen(slug, who))


def _seen(slug: str, who: DraftOwner) -> str:
    return pages_queries.frame(db.session(), slug, who).writing.answers_mark
