"""A comment beside its translation."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import Form, HiddenField, Line, LongText, Pick, SelectChoice, required
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, language
from consult.moderation.board import blueprint, me
from consult.moderation.forms import Press
from consult.submissions import translations

_ID = "int(max=9223372036854775807)"


class TranslationForm(Form):
    """`mark` says which words were translated."""

    mark = HiddenField()
    language = Pick(N_("Language of the translation"))
    body = LongText(N_("Translation"), [required(N_("Write the translation."))], most=8000)
    credit = Line(N_("Who made it, as the public reads it"), [required(N_("Say who made it."))], most=120)

    def __init__(self, original: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [
            SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items() if code != original
        ]  # fmt: skip


@blueprint.route(f"/review/comments/<{_ID}:comment_id>/translation", allow=Allow.MODERATOR, methods=["GET", "POST"])
def translation(comment_id: int) -> ResponseReturnValue:
    session = db.session()
    found = translations.original(session, comment_id)
    form = TranslationForm(found.comment.language, data=_start(found))
    if "remove" in request.form and Press().validate_on_submit():
        translations.remove(session, comment_id=comment_id, language=request.form["remove"], by=me().id)
        flash(_("Taken away."), "ok")
        return redirect(url_for("moderation.translation", comment_id=comment_id), 303)
    if form.validate_on_submit():
        try:
            translations.translate(
                session, comment_id=comment_id, language=form.language.data, body=form.body.data,
                credit=form.credit.data, by=me().id, mark=form.mark.data,
            )  # fmt: skip
            flash(_("Saved. The public reads it below the original once that is published."), "ok")
            return redirect(url_for("moderation.item", submission_id=found.submission.id), 303)
        except Refusal as refusal:
            db.session.rollback()
            found = translations.original(session, comment_id)
            form.refuse(refusal)
            form.mark.data = found.mark
    return render_template("moderation/translation.html", found=found, form=form), 422 if form.problems else 200


def _start(found: translations.Original) -> dict[str, Any]:
    """The translation that is asked for, or into the language being spoken, with the mark of the words as they are."""
    into = request.args.get("into") or (language() if language() != found.comment.language else "en")
    made = found.into(into)
    return {
        "mark": found.mark, "language": into, "body": made.body if made else "",
        "credit": made.credit if made else "",
    }  # fmt: skip
