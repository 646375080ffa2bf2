"""What a page saves by itself while somebody types: the same verbs as its button, answered in JSON.

Only for whoever has a draft on this site already, or an account: nobody's first words are sent before they say so.
"""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from consult.consultations import answering
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.web import Blueprint
from consult.submissions import drafts, pages
from consult.submissions.commenting_views import place_asked
from consult.submissions.drafts import Owner
from consult.submissions.forms import CommentForm, answers_of, questions_form
from consult.submissions.model import Stance
from consult.submissions.views import keep, owner
from consult.submissions.writing import WHOLE, Note

blueprint = Blueprint("saving", __name__)


@blueprint.route("/c/<slug>/respond/comment/<number>/save", allow=Allow.ANYONE, methods=["POST"])
def comment(slug: str, number: str) -> ResponseReturnValue:
    who = owner(slug)
    frame = pages.frame(db.session(), slug, who)
    where = place_asked(frame, number)
    form = CommentForm(where.text if where else "")
    if not frame.saves_itself(who) or (not form.validate() and set(form.errors) != {"stance"}):
        return jsonify(seen=form.seen.data), 422
    stance = Stance(form.stance.data) if form.stance.data in set(Stance) else None
    key, said = where.id if where else WHOLE, Note(form.body.data, stance, form.anchor)
    try:
        keep(slug, drafts.note(db.session(), consultation_id=frame.consultation.id, owner=who, provision_id=key,
                               comment=said, seen=form.seen.data))  # fmt: skip
    except Refusal as clash:
        return jsonify(message=str(clash)), 409
    return jsonify(seen=said.mark)


@blueprint.route("/c/<slug>/respond/questions/save", allow=Allow.ANYONE, methods=["POST"])
def questions(slug: str) -> ResponseReturnValue:
    who = owner(slug)
    frame = pages.frame(db.session(), slug, who)
    shown = frame.on_page(None, request.form.get("asked", ""))
    form = questions_form(shown, frame.given, lang=frame.consultation.language)
    if not frame.saves_itself(who) or not form.validate():
        return jsonify(seen=form.seen.data), 422
    given = answers_of(form, shown)
    said = {row.id: answering.words(row, given[row.id]) for row in shown if row.id in given}
    try:
        keep(slug, drafts.answer(db.session(), consultation_id=frame.consultation.id, owner=who, seen=form.seen.data,
                                 answers=said, chosen={key: it.chosen for key, it in given.items()}))  # fmt: skip
    except Refusal as clash:
        return jsonify(message=str(clash)), 409
    return jsonify(seen=_seen(slug, who))


def _seen(slug: str, who: Owner) -> str:
    return pages.frame(db.session(), slug, who).writing.answers_mark
