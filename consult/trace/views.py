"""Pages of a submission's history, for the public and its author."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _, current_language
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.text import clean_text
from consult.core.web.access import Allow
from consult.core.web.forms import Form
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.decisions.process import StatementFacts
from consult.moderation.recourse import appeals
from consult.submissions import service as submissions
from consult.submissions.coalitions import mandates
from consult.submissions.coalitions import service as coalitions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.drafts import service as drafts
from consult.submissions.evidence import queries as evidence_queries
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
from consult.trace.queries import SubmissionHistory

blueprint = Blueprint("trace", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "trace.attach_mandate":
        request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.after_request
def keep_out_of_searches(response: Response) -> Response:
    """Forbid indexing. Pages with a private URL are not stored either, and send no referrer."""
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
    """Send the author's message to the moderator, and send in the submission again unchanged."""
    form = ReplyForm()
    if form.validate_on_submit():
        row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
        try:
            private.send_reply(db.session(), row, words=form.reply.data)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Message sent. A moderator will read it with your submission."), "ok")
            return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return _render_story(shown, answer=form, by_link=True), 422


@blueprint.route("/r/<reference>/<secret>/not-my-point", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("30 per hour")
def object_to_argument(reference: str, secret: str) -> ResponseReturnValue:
    """Record the author's objection to the argument of a statement."""
    form = NotMyPointForm()
    if form.validate_on_submit():
        row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
        service.object_to_argument(db.session(), row, statement=form.statement.data, words=form.words.data or "")
        flash(_("The team will check this. The result will appear on this page."), "ok")
        return redirect(url_for("trace.story", reference=reference, secret=secret, _anchor="placed"), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return _render_story(shown, answer=ReplyForm(formdata=None), point=form, by_link=True), 422


@blueprint.route("/c/<slug>/respond/amend/<reference>/<secret>", allow=Allow.ANYONE, methods=["POST"])
def amend(slug: str, reference: str, secret: str) -> ResponseReturnValue:
    """Reopen a submission for changes, with the moderator's note and the typed message."""
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
    """List the organisations invited to co-sign, and invite another one."""
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    form, similar = InviteOrganisationForm(), list[str]()
    if form.validate_on_submit():
        try:
            coalitions.invite(db.session(), submission=row, name=form.organisation_name.data)
        except Refusal as refusal:
            form.refuse(refusal)
            similar = list(refusal.similar) if isinstance(refusal, coalitions.UnknownOrganisation) else []
        else:
            flash(
                _("Invitation to co-sign sent. We e-mail the members of the organisation with permission to submit."),
                "ok",
            )
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
    """Store a file that authorises the organisation to speak for others."""
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
            flash(_("Mandate file saved with your submission. We are checking it."), "ok")
            return redirect(url_for("trace.join", reference=reference, secret=secret), 303)
    return _together(row, secret, InviteOrganisationForm(formdata=None), form)


@blueprint.route(
    "/r/<reference>/<secret>/join/<int(max=9223372036854775807):number>", allow=Allow.ANYONE, methods=["POST"]
)
def joined(reference: str, secret: str, number: int) -> ResponseReturnValue:
    """Accept or remove an organisation's signature, or remind it."""
    row = submissions.get_by_author_link(db.session(), reference=reference, secret=secret)
    if AuthorButtonForm().validate_on_submit() and request.form.get("do") == "remind":
        coalitions.remind(db.session(), submission=row, signature_id=number)
        flash(_("We remind members with permission to submit, at most once a day."), "ok")
    elif AuthorButtonForm().validate_on_submit():
        agrees = request.form.get("do") == "agree"
        coalitions.answer_request(db.session(), submission=row, signature_id=number, agrees=agrees)
        flash(
            _("The organisation now co-signs your submission.")
            if agrees
            else _("The organisation does not co-sign your submission."),
            "ok",
        )
    return redirect(url_for("trace.join", reference=reference, secret=secret), 303)


@blueprint.route("/r/<reference>/<secret>/erase", allow=Allow.ANYONE, methods=["GET", "POST"])
def erase(reference: str, secret: str) -> ResponseReturnValue:
    form = AuthorButtonForm()
    if form.validate_on_submit():
        service.erase_by_link(db.session(), reference=reference, secret=secret)
        flash(_("Submission erased."), "ok")
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
    """Return the data about the submission as a zip file."""
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
            flash(_("Appeal sent. Someone who did not make the decision will answer it."), "ok")
            return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    history = queries.get_author_history(db.session(), reference, secret)
    back = url_for("trace.story", reference=reference, secret=secret)
    return render_appeal("trace/appeal.html", history, form, back=back)


def render_appeal(template: str, history: SubmissionHistory, form: Form, *, back: str = "") -> ResponseReturnValue:
    """Render the page of an author's appeal, as for other statements; `back` is the URL of the submission's status."""
    row = history.submission
    values = {"reference": row.reference}
    facts = StatementFacts(_("Status of your submission"), current_language(), row.reference, "trace.public", values)
    page = render_template(
        template,
        form=form,
        facts=facts,
        ground=history.ground if history.ground and history.ground.holds else None,
        words=history.appeals[-1][1] if history.appeals else "",
        reasons=history.reasons,
        back=back,
        zone=history.consultation.timezone,
    )
    return page, 422 if form.problems else 200


@blueprint.route("/r/<reference>/<secret>/withdraw", allow=Allow.ANYONE, methods=["GET", "POST"])
def withdraw(reference: str, secret: str) -> ResponseReturnValue:
    form = AuthorButtonForm()
    if form.validate_on_submit():
        service.withdraw_by_link(db.session(), reference=reference, secret=secret)
        flash(_("Submission withdrawn."), "ok")
        return redirect(url_for("trace.story", reference=reference, secret=secret), 303)
    shown = queries.get_author_history(db.session(), reference, secret)
    return render_template("trace/withdraw.html", story=shown, form=form)
