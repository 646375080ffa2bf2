"""The moderators' pages of case studies: what waits, and the decision on each. /review/case-studies…"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.case_studies import appeals, card, queries, service
from consult.case_studies.content import from_json
from consult.case_studies.forms import (
    CaseStudyAppealAnswerForm,
    CaseStudyButtonForm,
    CaseStudyDecisionForm,
    WithdrawalForm,
)
from consult.case_studies.model import PartKind, StudyState, WithdrawnBy
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.moderation.checks import text_checks

blueprint = Blueprint("case_study_review", __name__)
_ONE = "/review/case-studies/<int(max=9223372036854775807):number>"


@blueprint.route("/review/case-studies", allow=Allow.MODERATOR)
def waiting() -> ResponseReturnValue:
    return render_template(
        "case_studies/waiting.html",
        rows=queries.list_waiting(db.session()),
        uses=queries.list_waiting_uses(db.session()),
        appeals=appeals.list_waiting(db.session()),
        form=CaseStudyButtonForm(),
    )


@blueprint.route(_ONE, allow=Allow.MODERATOR, methods=["GET", "POST"])
def decide(number: int) -> ResponseReturnValue:
    """The text that waits, with what the checks point at; publish it, or return it with a reason."""
    session, me = db.session(), current_account()
    row, form = queries.get_by_number(session, number), CaseStudyDecisionForm()
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "return":
                service.return_to_author(session, row, by=me, reason=form.reason.data)
                flash(_("Returned to its author."), "ok")
            else:
                service.publish(session, row, by=me)
                flash(_("Published."), "ok")
            return redirect(url_for("case_study_review.waiting"), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            show_refusal(form, refusal)
            row = queries.get_by_number(session, number)
    content = from_json(row.working)
    found = text_checks.check_texts([content.title, content.summary, *content.parts.values()])
    return render_form(
        "case_studies/decide.html",
        form,
        row=row,
        content=content,
        kinds=list(PartKind),
        findings=[finding.words for finding in found.findings],
        rough=found.rough,
        waits=row.next_state is StudyState.WAITING,
        names=card.get_names(session, row),
        terms=queries.term_rows(session, content.terms),
    )


@blueprint.route(f"{_ONE}/withdraw", allow=Allow.MODERATOR, methods=["GET", "POST"])
def withdraw(number: int) -> ResponseReturnValue:
    """For a study whose publisher has withdrawn it, or that breaks the rules."""
    row, form = queries.get_by_number(db.session(), number), WithdrawalForm()
    if form.validate_on_submit():
        who = WithdrawnBy.PUBLISHER if request.form.get("who") == "publisher" else WithdrawnBy.SITE
        try:
            service.withdraw(db.session(), row, by=current_account(), who=who, reason=form.reason.data)
            flash(_("Withdrawn. It stays readable, says so, and whoever cited it gets a letter."), "ok")
            return redirect(url_for("case_studies.one", slug=row.slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("case_studies/withdraw.html", form, row=row, moderator=True)


@blueprint.route(
    "/review/case-studies/uses/<int(max=9223372036854775807):number>", allow=Allow.MODERATOR, methods=["POST"]
)
def use(number: int) -> ResponseReturnValue:
    form = CaseStudyButtonForm()
    if form.validate_on_submit():
        row, shown = queries.get_use(db.session(), number), request.form.get("do") == "publish"
        service.decide_use(db.session(), row, by=current_account(), shown=shown)
        flash(_("Published.") if shown else _("It is not shown."), "ok")
    return redirect(url_for("case_study_review.waiting"), 303)


@blueprint.route(
    "/review/case-studies/appeals/<int(max=9223372036854775807):number>", allow=Allow.MODERATOR, methods=["GET", "POST"]
)
def appeal(number: int) -> ResponseReturnValue:
    """What an author appeals against and why, with the text; a moderator who did not decide answers."""
    session, me, form = db.session(), current_account(), CaseStudyAppealAnswerForm()
    filed, row = appeals.get_appeal(session, number)
    if form.validate_on_submit():
        try:
            overturn = request.form.get("do") == "overturn"
            appeals.answer(session, number, by=me, overturn=overturn, reasons=form.reasons.data)
            flash(_("Answered. The author gets a letter."), "ok")
            return redirect(url_for("case_study_review.waiting"), 303)
        except Forbidden:
            raise
        except Refusal as refusal:
            show_refusal(form, refusal)
    content = appeals.get_text(session, row, filed)
    may = me.id not in (row.account_id, filed.decided_by_id)
    names = card.get_names(session, row)
    return render_form(
        "case_studies/appealed.html",
        form,
        it=filed,
        row=row,
        content=content,
        kinds=list(PartKind),
        may=may,
        names=names,
    )
