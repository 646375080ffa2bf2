"""Practice pages: /practice, and the exercises at /practice/moderation and /practice/answering."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, is_allowed
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.practice import exercise, service
from consult.practice.forms import (
    DECISION_LABELS,
    FAULT_LABELS,
    AnswerExerciseForm,
    ExerciseForm,
    PracticeButtonForm,
    PracticeCopyForm,
)

blueprint = Blueprint("practice", __name__)


def _me() -> Account:
    return cast("Account", principal())


@blueprint.route("/practice", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def home() -> ResponseReturnValue:
    """List the account's copies and create a new one."""
    form = PracticeCopyForm(service.list_sources(db.session()))
    if form.validate_on_submit():
        try:
            source = service.get_source(db.session(), form.consultation.data)
            made = service.begin_copy(db.session(), source, by=_me())
            return redirect(url_for("submissions.reading", slug=made.slug), 303)
        except NotFound:
            raise
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = render_template(
        "practice/home.html",
        form=form,
        copies=service.list_copies(db.session(), _me()),
        button_form=PracticeButtonForm(formdata=None),
        moderates=is_allowed(Allow.MODERATOR, _me().role),
        answers=is_allowed(Allow.POLICYMAKER, _me().role),
        most=service.MOST,
    )
    return page, 422 if form.problems else 200


@blueprint.route("/practice/<slug>/erase", allow=Allow.SIGNED_IN, methods=["POST"])
def erase(slug: str) -> ResponseReturnValue:
    if PracticeButtonForm().validate_on_submit():
        service.end_copy(db.session(), slug, by=_me())
        flash(_("Practice copy erased, with everything in it."), "ok")
    return redirect(url_for("practice.home"), 303)


@blueprint.route("/practice/moderation", allow=Allow.MODERATOR, methods=["GET", "POST"])
def moderation() -> ResponseReturnValue:
    """Show the exercise of twenty invented comments. Decisions are not stored."""
    form = ExerciseForm()
    result = exercise.compare(form.given) if form.validate_on_submit() else None
    page = render_template(
        "practice/moderation.html", form=form, cases=exercise.load_cases(), result=result, labels=DECISION_LABELS
    )
    return page, 422 if form.problems else 200


@blueprint.route("/practice/answering", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def answering() -> ResponseReturnValue:
    """Show the exercise of ten invented answers. Judgements are not stored."""
    form, cases = AnswerExerciseForm(), exercise.load_answers()
    result = exercise.compare(form.given, cases) if form.validate_on_submit() else None
    page = render_template(
        "practice/answering.html",
        form=form,
        cases=cases,
        result=result,
        labels=FAULT_LABELS,
    )
    return page, 422 if form.problems else 200
