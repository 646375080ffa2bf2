"""The page of a submission's history: public, and for its author."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.moderation.recourse import appeals
from consult.submissions import service as submissions
from consult.submissions.coalitions import mandates
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.drafts import service as drafts
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.views import MAX_UPLOAD_BYTES
from consult.submissions.model import Submission
from consult.submissions.private import service as private
from consult.submissions.views import draft_owner, remember_draft
from consult.trace import export, queries, receipt_pdf, service
from consult.trace.forms import (
    AppealForm,
    AuthorButtonForm,
    InviteOrganisationForm,
    LookupForm,
    MandateForm,
    NotMyPointForm,
    ReplyForm,
)

blueprint = Blueprint("trace", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "trace.attach_mandate":
        request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.after_request
def keep_out_of_searches(response: Response) -> Response:
    """Forbids indexing; pages with a secret link as address are not stored, and send no referrer."""
    response.headers["X-Robots-Tag"] = "noindex"
    if "secret" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/r", allow=Allow.ANYONE)
def lookup() -> ResponseReturnValue:
    form, status = LookupForm(request.args), 200
    if "reference" in request.args and form.validate():
        try:
            row = submissions.get_by_reference(db.session(), form.reference.data.strip("/"))
            return redirect(url_for("trace.public", reference=row.reference), 303)
        except NotFound as refusal:
            form.reference.errors, status = [refusal.message], refusal.status
    return render_template("trace/lookup.html", form=form), status


@blueprint.route("/r/<reference>", allow=Allow.ANYONE)
def public(reference: str) -> ResponseReturnValue:
    person = principal()
    story = queries.get_public_history(db.session(), reference, account_id=person.id if person else None)
    return _render_story(story)


@blueprint.route("/r/<reference>/<secret>", allow=Allow.ANYONE)
def story(reference: str, secret: str) -> ResponseReturnValue:
    shown = queries.get_author_history(db.session(), reference, secret)
    stopped = queries.letters_stopped_since(db.session(), shown.submission)
    return _render_story(shown, by_link=True, stopped=stopped)


def _render_story(shown: queries.SubmissionHistory, **more: Any) -> str:
    forms = {"form": AuthorButtonForm(), "answer": ReplyForm(), "point": NotMyPointForm(formdata=None)}
    return render_template("trace/story.html", story=shown, **{**forms, **more})


@blueprint.route("/r/<reference>/<secret>/answer", allow=Allow.ANYONE, methods=["POST"])
def answer(reference: str, secret: str) -> ResponseReturnValue:
    """The author answers the moderator who returned it, and it is sent in again as it is."""
    form = ReplyForm()
    if form.validate_on_submit():
        row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
        try:
            private.send_reply(db.session(), row, words=form.reply.data)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Your answer is sent. A moderator reads it with your submission."), "ok")
            return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return _render_story(shown, answer=form, by_link=True), 422


@blueprint.route("/r/<reference>/<secret>/not-my-point", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("30 per hour")
def object_to_argument(reference: str, secret: str) -> ResponseReturnValue:
    """The author says that a statement of theirs does not make the point it was put under."""
    form = NotMyPointForm()
    if form.validate_on_submit():
        row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
        service.object_to_argument(db.session(), row, statement=form.statement.data, words=form.words.data or "")
        flash(_("Somebody looks at it. What comes of it is said on this page."), "ok")
        return redirect(url_for("trace.story", reference=reference, secret=secret, _anchor="placed"), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return _render_story(shown, answer=ReplyForm(formdata=None), point=form, by_link=True), 422


@blueprint.route("/c/<slug>/respond/amend/<reference>/<secret>", allow=Allow.ANYONE, methods=["POST"])
def amend(slug: str, reference: str, secret: str) -> ResponseReturnValue:
    """Opens a submission as a draft, beside the note of the moderator who returned it and what was typed in answer."""
    consultation = comments_queries.get_consultation(db.session(), slug)
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    note = queries.get_moderator_note(db.session(), row)
    remember_draft(
        slug,
        drafts.reopen_submission(
            db.session(),
            consultation=consultation,
            submission=row,
            owner=draft_owner(slug),
            note=note,
            reply=clean_text(request.form.get("reply", "")),
        ),
    )
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route("/r/<reference>/<secret>/join", allow=Allow.ANYONE, methods=["GET", "POST"])
def join(reference: str, secret: str) -> ResponseReturnValue:
    """The organisations that were asked to join; a form to ask one more."""
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    form, similar = InviteOrganisationForm(), list[str]()
    if form.validate_on_submit():
        try:
            coalitions.invite(db.session(), submission=row, name=form.organisation_name.data)
        except Refusal as refusal:
            form.refuse(refusal)
            similar = list(refusal.similar) if isinstance(refusal, coalitions.UnknownOrganisation) else []
        else:
            flash(_("The organisation is asked to join: those who can send in its name get a letter."), "ok")
            return redirect(url_for("trace.join", reference=reference, secret=secret), 303)
    return _together(row, secret, form, MandateForm(formdata=None), similar)


def _together(
    row: Submission,
    secret: str,
    form: InviteOrganisationForm,
    mandate: MandateForm,
    similar: Sequence[str] = (),
) -> ResponseReturnValue:
    joined = coalitions.list_cosigners(db.session(), row.id)
    mandates = evidence_queries.filter_mandates(evidence_queries.list_by_submission(db.session(), row.id))
    joinable = coalitions.joinable_now(db.session(), row)
    page = render_template(
        "trace/join.html",
        form=form,
        mandate=mandate,
        row=row,
        secret=secret,
        joined=joined,
        mandates=mandates,
        joinable=joinable,
        similar=similar,
    )
    return page, mandate.problem_status if form.problems or mandate.problems else 200


@blueprint.route("/r/<reference>/<secret>/mandate", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("120 per hour")
def attach_mandate(reference: str, secret: str) -> ResponseReturnValue:
    """Keeps the file by which others let the organisation speak for them."""
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    form = MandateForm()
    if form.validate():
        try:
            mandates.attach(
                db.session(),
                row,
                data=form.file.data.stream.read(),
                name=form.file.data.filename or "",
                description=form.description.data,
                public=form.public.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("The mandate file is kept with your submission and is being checked."), "ok")
            return redirect(url_for("trace.join", reference=reference, secret=secret), 303)
    return _together(row, secret, InviteOrganisationForm(formdata=None), form)


@blueprint.route(
    "/r/<reference>/<secret>/join/<int(max=9223372036854775807):number>", allow=Allow.ANYONE, methods=["POST"]
)
def joined(reference: str, secret: str, number: int) -> ResponseReturnValue:
    """Agrees to an organisation's signature, or does without it."""
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    if AuthorButtonForm().validate_on_submit() and request.form.get("do") == "remind":
        coalitions.remind(db.session(), submission=row, signature_id=number)
        flash(_("Those who can send in its name are reminded, once a day at most."), "ok")
    elif AuthorButtonForm().validate_on_submit():
        agrees = request.form.get("do") == "agree"
        coalitions.answer_request(db.session(), submission=row, signature_id=number, agrees=agrees)
        flash(_("It is among those who signed.") if agrees else _("It is not among those who signed."), "ok")
    return redirect(url_for("trace.join", reference=reference, secret=secret), 303)


@blueprint.route("/r/<reference>/<secret>/erase", allow=Allow.ANYONE, methods=["GET", "POST"])
def erase(reference: str, secret: str) -> ResponseReturnValue:
    form = AuthorButtonForm()
    if form.validate_on_submit():
        service.erase_by_link(db.session(), reference=reference, secret=secret)
        flash(_("Your submission is erased."), "ok")
        return redirect(url_for("trace.public", reference=reference), 303)
    return render_template(
        "trace/erase.html", story=queries.get_author_history(db.session(), reference, secret), form=form
    )


@blueprint.route("/r/<reference>/<secret>/receipt.pdf", allow=Allow.ANYONE)
def receipt(reference: str, secret: str) -> ResponseReturnValue:
    return receipt_pdf.pdf_response(
        db.session(), submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    )


@blueprint.route("/r/<reference>/<secret>/data", allow=Allow.ANYONE)
def data(reference: str, secret: str) -> ResponseReturnValue:
    """Everything kept about it, as a zip."""
    return export.zip_response(
        db.session(), submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    )


@blueprint.route("/r/<reference>/<secret>/appeal", allow=Allow.ANYONE, methods=["GET", "POST"])
def appeal(reference: str, secret: str) -> ResponseReturnValue:
    form = AppealForm()
    if form.validate_on_submit():
        row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
        try:
            appeals.file(db.session(), row, words=form.words.data)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Your appeal is made. Somebody who had no part in the decision answers it."), "ok")
            return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return render_template("trace/appeal.html", story=shown, form=form), 422 if form.problems else 200


@blueprint.route("/r/<reference>/<secret>/withdraw", allow=Allow.ANYONE, methods=["GET", "POST"])
def withdraw(reference: str, secret: str) -> ResponseReturnValue:
    form = AuthorButtonForm()
    if form.validate_on_submit():
        service.withdraw_by_link(db.session(), reference=reference, secret=secret)
        flash(_("Your submission is withdrawn."), "ok")
        return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return render_template("trace/withdraw.html", story=shown, form=form)
