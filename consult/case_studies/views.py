"""Public pages of case studies: list, page, editions and citation formats."""

from __future__ import annotations

import json
from typing import cast

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.case_studies import card, exports, queries
from consult.case_studies.appraisal import appraisers, requests
from consult.case_studies.appraisal.agreement import compare
from consult.case_studies.content import from_json
from consult.case_studies.forms import CaseStudyFilterForm, CitePlaceForm
from consult.case_studies.model import CaseStudy, PartKind
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.core.web.access import Allow
from consult.core.web.face import CurrentFace
from consult.core.web.requests import Blueprint, principal, settings, stream_rows
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.drafts import service as drafts
from consult.submissions.model import Stance
from consult.submissions.views import draft_owner, remember_draft

blueprint = Blueprint("case_studies", __name__)
PATH = "/evidence/case-studies"
_ONE = f"{PATH}/<slug>"


@blueprint.route(PATH, allow=Allow.ANYONE, whole=True)
def listed() -> ResponseReturnValue:
    form, after = _read_filters(), request.args.get("after")
    studies = queries.list_studies(db.session(), form.to_filter(), after=after)
    return render_template("case_studies/list.html", form=form, asked=form.asked, page=studies, first_page=not after)


@blueprint.route(f"{PATH}.<any(csv, jsonl):kind>", allow=Allow.ANYONE, whole=True)
def listed_file(kind: str) -> ResponseReturnValue:
    """Stream the list as a file, row by row."""
    studies = queries.stream_studies(db.session(), _read_filters().to_filter())
    records = (exports.to_record(study, _address(study)) for study in studies)
    media, written = ("text/csv", exports.as_csv) if kind == "csv" else ("application/jsonl", exports.as_jsonl)
    head = {"Content-Disposition": f"attachment; filename=case-studies.{kind}"}
    return Response(stream_rows(written(records)), mimetype=media, headers=head)


def _read_filters() -> CaseStudyFilterForm:
    session = db.session()
    form = CaseStudyFilterForm(queries.list_topics(session), queries.list_countries_told(session), request.args)
    form.validate()
    return form


@blueprint.route(_ONE, allow=Allow.ANYONE)
def one(slug: str) -> ResponseReturnValue:
    """Show a case study. A reference such as CASE-12 redirects to the URL with its slug."""
    session, who = db.session(), cast("Account | None", principal())
    study = queries.find_public(session, slug)
    if study.slug != slug:
        return redirect(url_for("case_studies.one", slug=study.slug), 301)
    shown = card.get_card(session, study)
    is_own = who is not None and who.id == study.account_id
    return render_template(
        "case_studies/one.html",
        card=shown,
        it=study,
        kinds=list(PartKind),
        is_own=is_own,
        asks=who is not None and requests.may_ask(study, who),
        appraises=appraisers.find_appraiser(session, who) is not None and not is_own,
        bibtex=exports.to_bibtex(study, _authors(study, shown.author), _address(study), CurrentFace().name),
    )


@blueprint.route(f"{_ONE}/citation.json", allow=Allow.ANYONE)
def csl(slug: str) -> ResponseReturnValue:
    study = queries.find_public(db.session(), slug)
    author, _organisation = card.get_names(db.session(), study)
    item = exports.to_csl(study, _authors(study, author), _address(study), CurrentFace().name)
    return Response(json.dumps([item], ensure_ascii=False), mimetype="application/vnd.citationstyles.csl+json")


@blueprint.route(f"{_ONE}/citation.bib", allow=Allow.ANYONE)
def bibtex(slug: str) -> ResponseReturnValue:
    study = queries.find_public(db.session(), slug)
    author, _organisation = card.get_names(db.session(), study)
    text = exports.to_bibtex(study, _authors(study, author), _address(study), CurrentFace().name)
    return Response(text, mimetype="application/x-bibtex")


def _authors(study: CaseStudy, author: str) -> list[str]:
    return list(dict.fromkeys([author, *study.authors]))


def _address(study: CaseStudy) -> str:
    return f"{settings().base_url}{url_for('case_studies.one', slug=study.slug)}"


@blueprint.route(f"{_ONE}/editions/<int(max=9999):number>", allow=Allow.ANYONE)
def edition(slug: str, number: int) -> ResponseReturnValue:
    """Show an edition as published."""
    study = queries.find_public(db.session(), slug)
    row = queries.get_edition(db.session(), study, number)
    return render_template(
        "case_studies/edition.html", it=study, row=row, content=from_json(row.content), kinds=list(PartKind)
    )


@blueprint.route(f"{_ONE}/cite", allow=Allow.ANYONE)
def cite(slug: str) -> ResponseReturnValue:
    """Choose the open consultation in which to cite it."""
    study = queries.find_public(db.session(), slug)
    return render_template("case_studies/cite.html", it=study, open=queries.list_open(db.session()), at=now())


@blueprint.route(f"{_ONE}/cite/<consultation>", allow=Allow.ANYONE, methods=["GET", "POST"])
def cite_in(slug: str, consultation: str) -> ResponseReturnValue:
    """Append the reference to a draft comment. Nothing is sent."""
    session = db.session()
    study, row = queries.find_public(session, slug), comments_queries.get_consultation(session, consultation)
    if not row.takes(now()):
        raise Conflict(_("This consultation has closed, so nothing can be added to it."))
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    places = [("whole", _("The draft as a whole"))]
    places += [(it.key, f"{it.label} {excerpt(it.heading or it.text, 70)}".strip()) for it in tree.by_id.values()]
    form = CitePlaceForm(places)
    if form.validate_on_submit():
        place = tree.find(form.place.data)
        token = drafts.save_comment(
            session,
            consultation_id=row.id,
            owner=draft_owner(consultation),
            provision_id=place.id if place else WHOLE_DRAFT,
            comment=DraftComment(f"“{study.title}” ({study.reference})", Stance.EVIDENCE),
            seen="",
            join=True,
        )
        remember_draft(consultation, token)
        return redirect(url_for("commenting.write", slug=consultation, number=form.place.data), 303)
    page = render_template("case_studies/cite_in.html", it=study, row=row, form=form)
    return page, 422 if form.problems else 200


@blueprint.route("/evidence/appraisers", allow=Allow.ANYONE)
def appraiser_list() -> ResponseReturnValue:
    """Show reviewers, who invited them, their interests, their agreement, and case studies that wait for reviews."""
    session = db.session()
    return render_template(
        "case_studies/appraisers.html",
        rows=appraisers.list_appraisers(session),
        agreement=compare(queries.list_pairs(session)),
        pace=queries.count_in_time(session),
        waiting=queries.list_unappraised(session),
        me=appraisers.find_appraiser(session, cast("Account | None", principal())),
    )
