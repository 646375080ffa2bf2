"""Pages for authors: text, topics and check before sending; withdrawal, answer to reviews, report of use."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.organisations import service as organisations
from consult.accounts.views import current_account, render_form, show_refusal
from consult.case_studies import drafts, queries, service, uses
from consult.case_studies.content import StudyContent, from_json, list_missing, says_nothing
from consult.case_studies.forms import (
    AppraisalAnswerForm,
    CaseStudyButtonForm,
    CaseStudyForm,
    CaseStudyUseForm,
    WithdrawalForm,
    fill_form,
)
from consult.case_studies.model import CaseStudy, PartKind, StudyState, WithdrawnBy
from consult.case_studies.review.process import PROCESS
from consult.case_studies.views import PATH
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _, current_language
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint
from consult.decisions import appeals
from consult.decisions.view_helpers import show_appeal
from consult.submissions.drafts.personal_data_hints import find_all_hints
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import term_matches
from consult.taxonomy.forms import TermTagsForm
from consult.taxonomy.model import Scheme, Term

blueprint = Blueprint("case_study_author", __name__)
_OWN = f"{PATH}/<int(max=9223372036854775807):number>"


@blueprint.route(f"{PATH}/mine", allow=Allow.SIGNED_IN)
def mine() -> ResponseReturnValue:
    session, me = db.session(), current_account()
    rows = queries.list_own(session, me)
    grounds = appeals.load_grounds(session, PROCESS, rows)
    last = queries.map_last_appraisals(session, me)
    return render_template("case_studies/mine.html", rows=rows, appraised=last, grounds=grounds)


@blueprint.route(f"{PATH}/new", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def new() -> ResponseReturnValue:
    """Show an empty form, or one filled from a piece of `evidence`. Nothing is stored before it is saved."""
    number = read_number(request.args.get("evidence", ""))
    before = StudyContent(language=current_language())
    if number is not None:
        before = service.draw_from_evidence(db.session(), number)
    form = fill_form(before, _own_organisations(), organisation=_first_organisation())
    if form.validate_on_submit():
        try:
            row = service.begin(
                db.session(),
                by=current_account(),
                content=form.content(before),
                organisation_id=read_number(form.organisation.data or ""),
                evidence_id=number,
            )
            return _go_on(row, form)
        except Refusal as refusal:
            _show(form, refusal)
    return render_form("case_studies/edit.html", form, row=None, content=before)


@blueprint.route(f"{_OWN}/edit", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    row = service.get_own(db.session(), number, by=current_account())
    before = from_json(row.working)
    form = fill_form(
        before, _own_organisations(), organisation=str(row.organisation_id or ""), revision=str(row.revision)
    )
    if form.validate_on_submit():
        try:
            revision = read_number(form.revision.data) or 0
            service.edit(db.session(), row, by=current_account(), revision=revision, content=form.content(before))
            return _go_on(row, form)
        except Refusal as refusal:
            _show(form, refusal)
    if request.method == "GET" and "missing" in request.args:
        _say_missing(form, before)
    return render_form("case_studies/edit.html", form, row=row, content=before)


def _say_missing(form: CaseStudyForm, content: StudyContent) -> None:
    """Show what is missing at each field. A question that was asked once is not repeated."""
    for refusal in list_missing(content, asked=False):
        form.refuse(refusal)
    form.asked.data = "wrong" if content.names_nothing else ""


def _go_on(row: CaseStudy, form: CaseStudyForm) -> ResponseReturnValue:
    """Redirect after saving: to the topics if the text is complete, else back with a list of missing parts."""
    if "save" in request.form:
        flash(_("Case study saved. Only you can see it."), "ok")
        return redirect(url_for("case_study_author.edit", number=row.id), 303)
    if list_missing(from_json(row.working), asked=form.asked.data == "wrong"):
        return redirect(url_for("case_study_author.edit", number=row.id, missing=1), 303)
    return redirect(url_for("case_study_author.topics", number=row.id), 303)


def _show(form: CaseStudyForm, refusal: Refusal) -> None:
    if isinstance(refusal, Forbidden | NotFound):
        raise refusal
    show_refusal(form, refusal)


def _own_organisations() -> list[tuple[int, str]]:
    rows = organisations.list_organisations(db.session(), current_account())
    return [(it.organisation.id, it.organisation.name) for it in rows]


def _first_organisation() -> str:
    own_organisations = _own_organisations()
    return str(own_organisations[0][0]) if len(own_organisations) == 1 else ""


@blueprint.route(f"{_OWN}/topics", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def topics(number: int) -> ResponseReturnValue:
    """Choose topics. Those named in the text are offered first."""
    session, form = db.session(), TermTagsForm()
    row = service.get_own(session, number, by=current_account())
    content = from_json(row.working)
    terms = taxonomy.list_terms(session)
    if form.validate_on_submit():
        service.set_topics(session, row, by=current_account(), term_ids=form.term_ids)
        return redirect(url_for("case_study_author.check", number=number), 303)
    names = term_matches.build_term_finder(((it.id, it.labels, it.others) for it in terms), content.language)
    words = content.words
    named = {match.term_id: words[match.start : match.end] for match in reversed(names.find(words))}
    return render_template(
        "case_studies/topics.html",
        form=form,
        row=row,
        content=content,
        chosen=set(content.terms),
        named={term: suggestion for term, suggestion in named.items() if term not in content.terms},
        schemes=_list_schemes(content, terms),
        branches=taxonomy.build_tree(terms),
    )


def _list_schemes(content: StudyContent, terms: Sequence[Term]) -> list[Scheme]:
    """Return the vocabularies to choose from. Regions are left out if a country is set and no region is chosen."""
    ticked = {it.scheme_id for it in terms if it.id in content.terms}
    schemes = taxonomy.list_schemes(db.session())
    return [it for it in schemes if it.notation != "regions" or not content.country or it.id in ticked]


@blueprint.route(f"{_OWN}/check", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def check(number: int) -> ResponseReturnValue:
    """Show the text as readers will see it, with the button to send it to moderators."""
    session, form = db.session(), CaseStudyButtonForm()
    row = service.get_own(session, number, by=current_account())
    content = from_json(row.working)
    if form.validate_on_submit():
        try:
            service.send(session, row, by=current_account(), asked=True)
            flash(
                _("Case study sent. A moderator reviews it before publication, and we e-mail you the decision."), "ok"
            )
            return redirect(url_for("case_study_author.mine"), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    terms = queries.term_rows(session, content.terms)
    return render_form(
        "case_studies/check.html",
        form,
        row=row,
        content=content,
        kinds=list(PartKind),
        terms=terms,
        nothing=says_nothing(content.parts.get(PartKind.WRONG, "")),
        waiting=row.next_state is StudyState.WAITING,
        findings=find_all_hints(content.told_words, content.country),
    )


@blueprint.route(f"{_OWN}/delete", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def delete(number: int) -> ResponseReturnValue:
    """Delete a text that was never public, after confirmation."""
    session, form = db.session(), CaseStudyButtonForm()
    row = service.get_own(session, number, by=current_account())
    if form.validate_on_submit() and request.form.get("do") == "delete":
        drafts.delete(session, row, by=current_account())
        flash(_("Case study deleted, with all its text."), "ok")
        return redirect(url_for("case_study_author.mine"), 303)
    if row.edition:
        raise Conflict(_("This case study was published, so you cannot delete it. You can withdraw it."))
    return render_form("case_studies/delete.html", form, row=row, until=drafts.find_last_day(session, row))


@blueprint.route(f"{_OWN}/appeal", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per hour;20 per day", methods=["POST"], key_func=account_key)
def appeal(number: int) -> ResponseReturnValue:
    """Appeal against its return or its withdrawal by the site, or show the outcome of an appeal."""
    return show_appeal(PROCESS, number)


@blueprint.route(f"{_OWN}/withdraw", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def withdraw(number: int) -> ResponseReturnValue:
    row, form = service.get_own(db.session(), number, by=current_account()), WithdrawalForm()
    if form.validate_on_submit():
        try:
            service.withdraw(db.session(), row, by=current_account(), who=WithdrawnBy.AUTHOR, reason=form.reason.data)
            flash(
                _(
                    "Case study withdrawn. It stays readable and is marked as withdrawn. We e-mail the authors "
                    "who cited it, if we have their e-mail address."
                ),
                "ok",
            )
            return redirect(url_for("case_studies.one", slug=row.slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("case_studies/withdraw.html", form, row=row)


@blueprint.route(f"{_OWN}/answer", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per hour;20 per day", methods=["POST"], key_func=account_key)
def answer(number: int) -> ResponseReturnValue:
    row = service.get_own(db.session(), number, by=current_account())
    form = AppraisalAnswerForm(answer=row.answer)
    if form.validate_on_submit():
        try:
            changed = service.answer_appraisals(db.session(), row, by=current_account(), words=form.answer.data)
            is_published = changed and row.state is StudyState.PUBLISHED
            text = _("Your answer is shown with the reviews. We e-mail the reviewers.")
            flash(text if is_published else _("Your answer is shown with the reviews."), "ok")
            return redirect(url_for("case_studies.one", slug=row.slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("case_studies/answer.html", form, row=row)


@blueprint.route(f"{PATH}/<slug>/used", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def used(slug: str) -> ResponseReturnValue:
    """Report that a case study was applied elsewhere."""
    row, form = queries.find_public(db.session(), slug), CaseStudyUseForm()
    if form.validate_on_submit():
        try:
            fields = {name: form[name].data for name in ("country", "organisation", "happened")}
            uses.report_use(db.session(), row, by=current_account(), **fields)
            flash(_("Thank you. A moderator reads this before it is shown."), "ok")
            return redirect(url_for("case_studies.one", slug=slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("case_studies/used.html", form, it=row)
