"""Coming back with seven words: /return. No cookie and no script; what the words open is never in an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.limits import limiter
from consult.core.tokens import hide, unhide
from consult.core.web import Blueprint, csrf
from consult.moderation import appeals
from consult.submissions import former, pages, returning, traceless_views
from consult.submissions import service as submissions
from consult.submissions.drafts import Owner
from consult.submissions.returning import Found
from consult.trace import export, paper, queries, service
from consult.trace.forms import Act, AnswerByCode, AppealByCode, ComeBack

blueprint = Blueprint("returning", __name__, traceless=True)


def _wrong(response: Response) -> bool:
    return response.status_code >= 400


@blueprint.route("/return", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=_wrong)
def come_back() -> ResponseReturnValue:
    form = ComeBack()
    if form.validate_on_submit():
        try:
            return _open(returning.find(db.session(), typed=form.words.data))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("trace/return.html", form=form), 422 if form.problems else 200


@blueprint.route("/return/do", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("60 per 5 minutes")
def act() -> ResponseReturnValue:
    """One of the buttons on the page that the words opened. The sealed words are in its form."""
    form = Act()
    if not form.validate():
        return render_template("trace/return.html", form=ComeBack(formdata=None)), 422
    found = returning.find(db.session(), typed=unhide(form.code.data))
    acts: dict[str, Callable[[Found], ResponseReturnValue]] = {
        "change": _change, "withdraw": _ask, "erase": _ask, "withdraw-now": _withdraw, "erase-now": _erase,
        "answer": _answer, "data": _data, "receipt": _receipt, "forget": _forget, "appeal": _appeal,
        "appeal-now": _appeal,
    }  # fmt: skip
    return acts.get(request.form.get("do", ""), _open)(found)


csrf.exempt(come_back)
csrf.exempt(act)


def _open(found: Found) -> ResponseReturnValue:
    if found.draft is not None:
        return _change(found) if found.draft.traceless else _page("trace/return_draft.html", found)
    row = found.submission
    if row is not None and not row.by_code_only:
        secret = submissions.author_secret(row)
        return redirect(url_for("trace.story", reference=row.reference, secret=secret), 303)
    return _story(found)


def _page(template: str, found: Found, **more: Any) -> ResponseReturnValue:
    form = Act(formdata=None, code=hide(found.code))
    return render_template(template, form=form, found=found, it=found.consultation, **more)


def _story(found: Found, answer: AnswerByCode | None = None) -> ResponseReturnValue:
    answer = answer or AnswerByCode(formdata=None, code=hide(found.code))
    return _page("trace/return_story.html", found, story=queries.by_code(db.session(), found), answer=answer)


def _change(found: Found) -> ResponseReturnValue:
    """The form of no-identity mode, with the words as they stand."""
    session, row = db.session(), found.submission
    frame = pages.frame(session, found.consultation.slug, Owner())
    if found.draft is None and row is not None:
        submissions.check_amendable(row, found.consultation, at=frame.at)
        writing = former.writing_of(session, row)
    else:
        writing = found.writing
    form = traceless_views.the_form(frame, writing=writing, code=hide(found.code))
    return traceless_views.page(frame, form, note=queries.note_on(session, row) if row else "")


def _ask(found: Found) -> ResponseReturnValue:
    return _page("trace/return_sure.html", found, do=request.form["do"], row=found.submission)


def _appeal(found: Found) -> ResponseReturnValue:
    """The form of an appeal; once it was filled in, the appeal."""
    if found.submission is None:
        return _open(found)
    form = AppealByCode(request.form if request.form.get("do") == "appeal-now" else None, code=hide(found.code))
    if form.is_submitted() and request.form.get("do") == "appeal-now" and form.validate():
        try:
            appeals.file(db.session(), found.submission, words=form.words.data)
            return _story(found)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    story = queries.by_code(db.session(), returning.find(db.session(), typed=found.code))
    page = render_template("trace/return_appeal.html", form=form, found=found, it=found.consultation, story=story)
    return page, 422 if form.problems else 200


def _answer(found: Found) -> ResponseReturnValue:
    """The author answers the moderator who returned it, and it is sent in again as it is."""
    if found.submission is None:
        return _open(found)
    form = AnswerByCode()
    if form.validate():
        try:
            returning.reply(db.session(), found.submission, words=form.reply.data)
            return _story(found)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _story(returning.find(db.session(), typed=found.code), form)


def _withdraw(found: Found) -> ResponseReturnValue:
    if found.submission is not None:
        service.take_back(db.session(), found.submission)
    return _story(found)


def _erase(found: Found) -> ResponseReturnValue:
    if found.submission is not None:
        submissions.erase(db.session(), found.submission)
    return render_template("trace/erased.html", it=found.consultation)


def _forget(found: Found) -> ResponseReturnValue:
    returning.forget(db.session(), found)
    return render_template("trace/erased.html", it=found.consultation)


def _data(found: Found) -> ResponseReturnValue:
    row = found.submission
    return export.answer(db.session(), row) if row is not None else _open(found)


def _receipt(found: Found) -> ResponseReturnValue:
    row = found.submission
    return paper.answer(db.session(), row) if row is not None else _open(found)
