"""Pages for translating a comment."""

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
from consult.decisions.reasons import load_names
from consult.moderation.forms import ModerationButtonForm
from consult.moderation.view_helpers import blueprint, current_moderator
from consult.submissions.comments import translations

_ID = "int(max=9223372036854775807)"


class TranslationForm(Form):
    """A translation of a comment. `mark` identifies the translated text."""

    mark = HiddenField()
    language = DropdownField(N_("Language of the translation"))
    body = LongTextField(N_("Translation"), [required(N_("Enter the translation."))], most=8000)
    credit = LineField(N_("Translator’s name (public)"), [required(N_("Enter the translator’s name."))], most=120)

    def __init__(self, original: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = [
            SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items() if code != original
        ]


@blueprint.route(f"/review/comments/<{_ID}:comment_id>/translation", allow=Allow.MODERATOR, methods=["GET", "POST"])
def translation(comment_id: int) -> ResponseReturnValue:
    session = db.session()
    source = translations.get_source(session, comment_id)
    form = TranslationForm(source.comment.language, data=_initial_values(source))
    if "remove" in request.form and ModerationButtonForm().validate_on_submit():
        translations.remove(session, comment_id=comment_id, language=request.form["remove"], by=current_moderator().id)
        flash(_("Assignment removed."), "ok")
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
            flash(_("Translation saved. It appears below the original once the original is published."), "ok")
            return redirect(url_for("moderation.item", submission_id=source.submission.id), 303)
        except Refusal as refusal:
            db.session.rollback()
            source = translations.get_source(session, comment_id)
            form.refuse(refusal)
            form.mark.data = source.mark
    names = load_names(session, [block["reason"] for block in source.comment.redactions or ()])
    page = render_template("moderation/translation.html", found=source, form=form, reasons=names)
    return page, 422 if form.problems else 200


def _initial_values(found: translations.TranslationSource) -> dict[str, Any]:
    """Return form values from the existing translation into the requested or current language."""
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
