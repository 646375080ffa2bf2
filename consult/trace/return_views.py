"""Pages for returning with recovery words: /return. No cookie, no script, and no words in a URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.text import clean_text
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf
from consult.core.web.tokens import seal_field, unseal_field
from consult.moderation.recourse import appeals
from consult.responses.evaluation import forms as evaluation_forms
from consult.responses.evaluation import service as evaluation
from consult.responses.evaluation.forms import EvaluationByCodeForm
from consult.submissions import revisions
from consult.submissions import service as submissions
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.pages import queries as pages_queries
from consult.submissions.private import service as private
from consult.submissions.private import views as private_views
from consult.submissions.private.service import CodeMatch
from consult.trace import erasure, export, queries, receipt_pdf, service
from consult.trace.forms import (
    AppealByCodeForm,
    NotMyPointByCodeForm,
    ReplyByCodeForm,
    ReturnActionForm,
    ReturnCodeForm,
)
from consult.trace.views import render_appeal

blueprint = Blueprint("returning", __name__, traceless=True)


def _wrong(response: Response) -> bool:
    return response.status_code >= 400


@blueprint.route("/return", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=_wrong)
def come_back() -> ResponseReturnValue:
    form = ReturnCodeForm()
    if form.validate_on_submit():
        try:
            return _open(private.find_by_code(db.session(), typed=form.words.data))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("trace/return.html", form=form), 422 if form.problems else 200


@blueprint.route("/return/do", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("60 per 5 minutes")
def act() -> ResponseReturnValue:
    """Handle a button of the page opened by recovery words, which its form carries sealed."""
    form = ReturnActionForm()
    if not form.validate():
        return render_template("trace/return.html", form=ReturnCodeForm(formdata=None)), 422
    code = private.find_by_code(db.session(), typed=unseal_field(form.code.data))
    acts: dict[str, Callable[[CodeMatch], ResponseReturnValue]] = {
        "change": _change,
        "withdraw": _ask,
        "erase": _ask,
        "withdraw-now": _withdraw,
        "erase-now": _erase,
        "answer": _answer,
        "not-my-point": _object,
        "data": _data,
        "receipt": _receipt,
        "forget": _ask,
        "forget-now": _forget,
        "appeal": _appeal,
        "appeal-now": _appeal,
        "evaluate": _evaluate,
        "evaluate-now": _evaluate,
    }
    return acts.get(request.form.get("do", ""), _open)(code)


csrf.exempt(come_back)
csrf.exempt(act)


def _open(found: CodeMatch) -> ResponseReturnValue:
    if found.draft is not None and found.draft.due_at is not None:
        return _page("trace/return_waiting.html", found)
    if found.draft is not None:
        return _change(found) if found.draft.traceless else _page("trace/return_draft.html", found)
    row = found.submission
    if row is not None and not row.by_code_only:
        secret = submissions.author_secret(row)
        return redirect(url_for("trace.story", reference=row.reference, secret=secret), 303)
    return _story(found)


def _page(template: str, found: CodeMatch, **more: Any) -> ResponseReturnValue:
    form = ReturnActionForm(formdata=None, code=seal_field(found.code))
    return render_template(template, form=form, found=found, it=found.consultation, **more)


def _story(
    found: CodeMatch, answer: ReplyByCodeForm | None = None, point: NotMyPointByCodeForm | None = None
) -> ResponseReturnValue:
    code = seal_field(found.code)
    return _page(
        "trace/return_story.html",
        found,
        story=queries.get_history_by_code(db.session(), found),
        answer=answer or ReplyByCodeForm(formdata=None, code=code),
        point=point or NotMyPointByCodeForm(formdata=None, code=code),
    )


def _change(found: CodeMatch) -> ResponseReturnValue:
    """Render the anonymous form with the current text and the message to the moderator."""
    session, row = db.session(), found.submission
    frame = pages_queries.frame(session, found.consultation.slug, DraftOwner())
    if found.draft is None and row is not None:
        submissions.check_amendable(row, found.consultation, at=frame.at)
        writing = revisions.to_draft_content(session, row)
    else:
        writing = found.writing
    reply = clean_text(request.form.get("reply", "")) or writing.reply
    writing = replace(writing, reply=reply, note=queries.get_moderator_note(session, row) if row else "")
    form = private_views.build_form(frame, writing=writing, code=seal_field(found.code))
    return private_views.render_form(frame, form)


def _ask(found: CodeMatch) -> ResponseReturnValue:
    """Ask for confirmation. A waiting submission that was filed meanwhile is shown instead."""
    if request.form["do"] == "forget" and found.draft is None:
        return _open(found)
    return _page("trace/return_sure.html", found, do=request.form["do"], row=found.submission)


def _appeal(found: CodeMatch) -> ResponseReturnValue:
    """Show the form of an appeal, or file it."""
    if found.submission is None:
        return _open(found)
    form = AppealByCodeForm(
        request.form if request.form.get("do") == "appeal-now" else None, code=seal_field(found.code)
    )
    if form.is_submitted() and request.form.get("do") == "appeal-now" and form.validate():
        try:
            appeals.file(db.session(), found.submission, words=form.words.data)
            return _story(found)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    history = queries.get_history_by_code(db.session(), private.find_by_code(db.session(), typed=found.code))
    return render_appeal("trace/return_appeal.html", history, form)


def _evaluate(found: CodeMatch) -> ResponseReturnValue:
    """Show the feedback form, or save it and show the history."""
    row, sent = found.submission, request.form.get("do") == "evaluate-now"
    if row is None or not evaluation.can_evaluate(db.session(), row):
        return _open(found)
    own = evaluation.get_own(db.session(), row)
    given = {} if sent else evaluation_forms.to_form_data(own)
    form = EvaluationByCodeForm(request.form if sent else None, code=seal_field(found.code), **given)
    if sent and form.validate():
        try:
            answers = evaluation_forms.read_answers(form)
            evaluation.give(db.session(), row, answers=answers, remark=form.remark.data or "")
            return _story(private.find_by_code(db.session(), typed=found.code))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = render_template("trace/return_evaluation.html", form=form, found=found, it=found.consultation, own=own)
    return page, 422 if form.problems else 200


def _answer(found: CodeMatch) -> ResponseReturnValue:
    """Send the author's message to the moderator, and send in the submission again unchanged."""
    if found.submission is None:
        return _open(found)
    form = ReplyByCodeForm()
    if form.validate():
        try:
            private.send_reply(db.session(), found.submission, words=form.reply.data)
            return _story(found)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _story(private.find_by_code(db.session(), typed=found.code), form)


def _object(found: CodeMatch) -> ResponseReturnValue:
    """Record the author's objection to the argument of a statement."""
    if found.submission is None:
        return _open(found)
    form = NotMyPointByCodeForm()
    if form.validate():
        service.object_to_argument(
            db.session(), found.submission, statement=form.statement.data, words=form.words.data or ""
        )
        return _story(found)
    return _story(found, point=form)


def _withdraw(found: CodeMatch) -> ResponseReturnValue:
    if found.submission is not None:
        service.withdraw_submission(db.session(), found.submission)
    return _story(found)


def _erase(found: CodeMatch) -> ResponseReturnValue:
    if found.submission is not None:
        erasure.erase(db.session(), found.submission)
    return render_template("trace/erased.html", it=found.consultation)


def _forget(found: CodeMatch) -> ResponseReturnValue:
    if found.draft is None:
        return _open(found)
    private.delete_draft(db.session(), found)
    return render_template("trace/erased.html", it=found.consultation)


def _data(found: CodeMatch) -> ResponseReturnValue:
    row = found.submission
    return export.zip_response(db.session(), row) if row is not None else _open(found)


def _receipt(found: CodeMatch) -> ResponseReturnValue:
    row = found.submission
    return receipt_pdf.pdf_response(db.session(), row) if row is not None else _open(found)
