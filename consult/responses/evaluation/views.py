"""Feedback pages: the form for the author's link, public totals, and remarks for the owner."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import current_account
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.digests.results.views import csv_file
from consult.responses import service as responses
from consult.responses.evaluation import forms, queries, service
from consult.responses.evaluation.forms import EvaluationForm
from consult.responses.forms import AnswerButtonForm
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries

blueprint = Blueprint("evaluation", __name__)


@blueprint.after_request
def keep_secret(response: Response) -> Response:
    """Prevent storing and indexing of private pages, and send no referrer."""
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/r/<reference>/<secret>/evaluation", allow=Allow.ANYONE, methods=["GET", "POST"])
def give(reference: str, secret: str) -> ResponseReturnValue:
    """Show the feedback form to the author of a submission once the outcome is known. Answers can be changed."""
    session = db.session()
    row = submissions.get_by_author_link(session, reference=reference, secret=secret)
    if not service.can_evaluate(session, row):
        raise NotFound(_("We are not asking for feedback on this consultation yet."))
    own = service.get_own(session, row)
    form = EvaluationForm(**(forms.to_form_data(own) if request.method == "GET" else {}))
    if form.validate_on_submit():
        try:
            service.give(session, row, answers=forms.read_answers(form), remark=form.remark.data or "")
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Thank you. Your responses are saved. You can change them here."), "ok")
            return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    it = service.get_consultation(session, row)
    page = render_template("responses/evaluation.html", form=form, row=row, it=it, secret=secret, own=own)
    return page, 422 if form.problems else 200


@blueprint.route("/c/<slug>/evaluation.csv", allow=Allow.ANYONE)
def sums_csv(slug: str) -> ResponseReturnValue:
    """Return the totals as CSV."""
    row = comments_queries.get_consultation(db.session(), slug)
    result = queries.get_result(db.session(), row.id)
    if not result.shown:
        raise NotFound(_("Too few people have responded, so we cannot show the results."))
    return csv_file(f"{row.slug}-evaluation.csv", queries.build_rows(result))


@blueprint.route("/desk/evaluation/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def desk(slug: str) -> ResponseReturnValue:
    """Ask participants, and show remarks to the owner once there are enough."""
    session = db.session()
    row = comments_queries.get_consultation(session, slug)
    responses.check_is_owner(db.session(), row, current_account())
    form = AnswerButtonForm()
    if form.validate_on_submit():
        service.open_now(session, row)
        flash(_("We are now asking participants for their feedback."), "ok")
        return redirect(url_for("evaluation.desk", slug=slug), 303)
    result = queries.get_result(session, row.id)
    listed = queries.list_remarks(session, row.id) if result.shown else ()
    page = {
        "it": row,
        "form": form,
        "result": result,
        "listed": listed,
        "least": queries.LEAST,
        "labels": forms.QUESTION_LABELS,
    }
    return render_template("responses/evaluation_desk.html", **page)
