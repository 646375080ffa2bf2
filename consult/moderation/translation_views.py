"""The page of a comment beside its translations."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Allow
from consult.core.web.forms import DropdownField, Form, HiddenField, LineField, LongTextField, SelectChoice, required
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.policy.reasons import load_names
from consult.moderation.view_helpers import blueprint, current_moderator
from consult.submissions import translations

_ID = "int(max=9223372036854775807)"


class TranslationForm(Form):
    """`mark` says which words were translated."""

    mark = HiddenField()
    language = DropdownField(N_("Language of the translation"))
    body = LongTextField(N_("Translation"), [required(N_("Write the translation."))], most=8000)
    credit = LineField(N_("Who made it, as the public reads it"), [required(N_("Say who made it."))], most=120)

    def __init__(self, original: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [
            SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items() if code != original
        ]


@blueprint.route(f"/review/comments/<{_ID}:comment_id>/translation", allow=Allow.MODERATOR, methods=["GET", "POST"])
def translation(comment_id: int) -> ResponseReturnValue:
    session = db.session()
    found = translations.get_source(session, comment_id)
    form = TranslationForm(found.comment.language, data=_initial_values(found))
    if "remove" in request.form and ModerationButtonForm().validate_on_submit():
        translations.remove(session, comment_id=comment_id, language=request.form["remove"], by=current_moderator().id)
        flash(_("Taken away."), "ok")
        return redirect(url_for("moderation.translation", comment_id=comment_id), 303)
    if form.validate_on_submit():
        try:
            translations.translate(
                session,
                comment_id=comment_id,
                language=form.language.data,
                body=form.body.data,
                credit=form.credit.data,
                by=current_moderator().id,
                mark=form.mark.data,
            )
            flash(_("Saved. The public reads it below the original once that is published."), "ok")
            return redirect(url_for("moderation.item", submission_id=found.submission.id), 303)
        except Refusal as refusal:
            db.session.rollback()
            found = translations.get_source(session, comment_id)
            form.refuse(refusal)
            form.mark.data = found.mark
    names = load_names(session, [block["reason"] for block in found.comment.redactions or ()])
    page = render_template("moderation/translation.html", found=found, form=form, reasons=names)
    return page, 422 if form.problems else 200


def _initial_values(found: translations.TranslationSource) -> dict[str, Any]:
    """The translation that is asked for, or into the language being spoken, with the mark of the words as they are."""
    into = request.args.get("into") or (
        current_language() if current_language() != found.comment.language else DEFAULT_LANGUAGE
    )
    made = found.into(into)
    return {
        "mark": found.mark,
        "language": into,
        "body": made.body if made else "",
        "credit": made.credit if made else "",
    }
