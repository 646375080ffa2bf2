"""Pages for reviewers, for people who request reviews, and for bodies that appoint reviewers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies import service as bodies
from consult.case_studies import card, queries
from consult.case_studies.appraisal import appraisers, requests, service
from consult.case_studies.appraisal.forms import (
    AppraisalForm,
    AppraiserEndForm,
    AppraiserForm,
    AskAppraisersForm,
    InterestsForm,
)
from consult.case_studies.appraisal.service import InterestedAppraiser
from consult.case_studies.forms import CaseStudyButtonForm
from consult.case_studies.model import StudyState
from consult.case_studies.views import PATH
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint

blueprint = Blueprint("case_study_appraisal", __name__)


@blueprint.route("/evidence/case-studies/<slug>/appraise", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour;60 per day", methods=["POST"], key_func=account_key)
def appraise(slug: str) -> ResponseReturnValue:
    """Show the review form, or the reason why the person may not review."""
    session, me = db.session(), current_account()
    study = queries.find_public(session, slug)
    row = appraisers.get_appraiser(session, me)
    if study.state is not StudyState.PUBLISHED:
        flash(_("This case study was withdrawn, so it can no longer be reviewed."), "warn")
        return redirect(url_for("case_studies.one", slug=study.slug), 303)
    if not row.interests:
        flash(_("Declare your interests first. They appear in the public list of reviewers."), "warn")
        return redirect(url_for("case_study_appraisal.interests"), 303)
    try:
        service.check_may_appraise(session, study, me)
    except InterestedAppraiser as refusal:
        codes = [f"{conflict.part}:{conflict.kind}" for conflict in refusal.conflicts]
        asked = requests.find_request(session, study, me)
        page = render_template(
            "case_studies/interested.html", it=study, codes=codes, asked=asked, form=CaseStudyButtonForm()
        )
        return page, 403
    form = AppraisalForm()
    if form.validate_on_submit():
        try:
            before = service.find_moment(session, study, me)
            changed = service.appraise(session, study, by=me, said=form.to_input()).at != before
            text = _("Your review is published with the case study. We e-mail the author.")
            flash(text if changed else _("Your review is published with the case study."), "ok")
            return redirect(url_for("case_studies.one", slug=slug, _anchor="appraisals"), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            show_refusal(form, refusal)
    sources, asked = card.list_sources(session, study), requests.find_request(session, study, me)
    return render_form("case_studies/appraise.html", form, it=study, sources=sources, asked=asked)


@blueprint.route("/evidence/case-studies/<slug>/decline", allow=Allow.SIGNED_IN, methods=["POST"])
def decline(slug: str) -> ResponseReturnValue:
    """Decline a body's request to review this case study."""
    study = queries.find_public(db.session(), slug)
    if CaseStudyButtonForm().validate_on_submit():
        requests.decline(db.session(), study, by=current_account())
        flash(_("Request declined. We will not ask you again or e-mail you about it."), "ok")
    return redirect(url_for("case_study_appraisal.queue"), 303)


@blueprint.route("/evidence/appraisers/queue", allow=Allow.SIGNED_IN)
def queue() -> ResponseReturnValue:
    """Show the requests to a reviewer, and other case studies that wait, longest first."""
    session, me = db.session(), current_account()
    row = appraisers.find_appraiser(session, me)
    if row is None:
        return redirect(url_for("case_study_appraisal.interests"), 303)
    return render_template(
        "case_studies/queue.html",
        row=row,
        asked=requests.list_asked(session, me),
        others=requests.list_others(session, me),
        form=CaseStudyButtonForm(),
        at=now(),
    )


@blueprint.route(f"{PATH}/<int(max=9223372036854775807):number>/ask", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour;60 per day", methods=["POST"], key_func=account_key)
def ask(number: int) -> ResponseReturnValue:
    """Let the author or a moderator request reviews, and list earlier requests."""
    session, me = db.session(), current_account()
    study = requests.get_study(session, number, me)
    known, choices = requests.list_requests(session, study), requests.list_choices(session, study, me)
    form, left = AskAppraisersForm(choices), requests.count_left(study, known)
    if form.validate_on_submit():
        try:
            requests.ask(session, study, by=me, account_ids=form.account_ids)
            flash(
                ngettext(
                    "We e-mailed the request.", "We e-mailed the request to %(num)s people.", len(form.account_ids)
                ),
                "ok",
            )
            return redirect(url_for("case_study_appraisal.ask", number=number), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            db.session.rollback()
            show_refusal(form, refusal)
            study = requests.get_study(session, number, me)
            known = requests.list_requests(session, study)
    return render_form("case_studies/ask.html", form, it=study, known=known, left=left, any=bool(choices))


@blueprint.route("/evidence/appraisers/me", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def interests() -> ResponseReturnValue:
    """Edit a reviewer's declared interests. Others see that no body has invited them."""
    row = appraisers.find_appraiser(db.session(), current_account())
    if row is None:
        return render_template("case_studies/interests.html", form=None)
    form = InterestsForm(interests="\n".join(row.interests))
    if form.validate_on_submit():
        try:
            appraisers.declare_interests(db.session(), current_account(), typed=form.interests.data)
            flash(_("Interests saved. They appear in the public list."), "ok")
            return redirect(url_for("case_study_appraisal.queue"), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("case_studies/interests.html", form)


@blueprint.route("/desk/bodies/<slug>/appraisers", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def of_body(slug: str) -> ResponseReturnValue:
    """List the reviewers invited by a body. Leads can invite and end the role."""
    session, me = db.session(), current_account()
    body = bodies.get(session, slug)
    bodies.check_may_edit(session, body, me)
    form = AppraiserForm()
    try:
        if "end" in request.form:
            ending = AppraiserEndForm()
            if ending.validate_on_submit():
                number = read_number(ending.account.data) or 0
                appraisers.take_role(session, body, account_id=number, by=me)
                flash(_("Reviewer removed. Their published reviews stay."), "ok")
                return redirect(url_for("case_study_appraisal.of_body", slug=slug), 303)
        elif form.validate_on_submit():
            appraisers.give_role(session, body, email=form.email.data, by=me)
            flash(_("Invitation sent. The person declares their interests before reviewing."), "ok")
            return redirect(url_for("case_study_appraisal.of_body", slug=slug), 303)
    except Refusal as refusal:
        show_refusal(form, refusal)
    rows = appraisers.list_appraisers(session, body_id=body.id)
    return render_form("case_studies/of_body.html", form, body=body, rows=rows, end=AppraiserEndForm())
