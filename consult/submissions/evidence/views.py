"""Pages for adding evidence to a draft, the public page of each item, and downloads."""

from __future__ import annotations

from typing import Any, cast

from babel.numbers import format_decimal
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.slots import collect
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.files import queries as files_queries
from consult.files import service as files
from consult.files.downloads import answer_with_copy, answer_with_page
from consult.files.kinds import KINDS as FILE_KINDS
from consult.files.model import State
from consult.files.reasons import REASONS, REMOVED
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.evidence_item import MAX_ITEMS, EvidenceItem, replace_item
from consult.submissions.drafts import service as drafts
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence import service as evidence
from consult.submissions.evidence import tags
from consult.submissions.evidence.forms import (
    EVIDENCE_KINDS,
    EvidenceDetailsForm,
    EvidenceFileForm,
    EvidenceReferenceForm,
)
from consult.submissions.evidence.service import add_item, describe_item, find_item
from consult.submissions.evidence.slots import EvidenceAside
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.model import EvidenceKind
from consult.submissions.pages import queries as pages_queries
from consult.submissions.papers import published
from consult.submissions.views import draft_owner, remember_draft
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.forms import TermTagsForm

blueprint = Blueprint("evidence", __name__)
_ONE = "/c/<slug>/evidence/<int(max=9223372036854775807):number>"
"""Path of the public page of a piece of evidence."""


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "evidence.add_file":
        request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.app_template_filter("evidence_kind")
def kind_name(kind: str) -> str:
    return str(EVIDENCE_KINDS[EvidenceKind(kind)])


@blueprint.app_template_filter("file_kind")
def file_kind(kind: str | None) -> str:
    return FILE_KINDS[kind].ending.upper() if kind in FILE_KINDS else ""


@blueprint.app_template_filter("file_reason")
def file_reason(code: str | None) -> str:
    return str(REASONS.get(code or "", ""))


@blueprint.app_template_filter("file_removed")
def file_removed(codes: list[str]) -> str:
    return str(_(", ")).join(str(REMOVED[code]) for code in codes if code in REMOVED)


@blueprint.app_template_filter("file_size")
def file_size(size: int) -> str:
    """Return a size such as `412 KB` or `2.4 MB`."""
    if size < 10**6:
        return str(_("%(size)s KB", size=format_decimal(max(1, round(size / 1000)), locale=current_language())))
    return str(_("%(size)s MB", size=format_decimal(round(size / 10**6, 1), locale=current_language())))


@blueprint.route("/c/<slug>/respond/evidence", allow=Allow.ANYONE)
def drafted(slug: str) -> ResponseReturnValue:
    page = pages_queries.get_draft_page(db.session(), slug, draft_owner(slug))
    template = "evidence/drafted.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(template, page=page, form=ConfirmButtonForm(), most=MAX_ITEMS)


@blueprint.route("/c/<slug>/respond/evidence/file", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("120 per hour", methods=["POST"])
def add_file(slug: str) -> ResponseReturnValue:
    who, form, status = draft_owner(slug), EvidenceFileForm(), 200
    page = pages_queries.get_draft_page(db.session(), slug, who)
    if form.is_submitted() and page.frame.is_open:
        status = 422
        if form.validate():
            try:
                return redirect(_keep_file(slug, page.frame, form), 303)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    template = "evidence/file.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(template, page=page, form=form), status


def _keep_file(slug: str, frame: pages_queries.Frame, form: EvidenceFileForm) -> str:
    """Store the file and add it to the draft. Return the URL for describing it."""
    add_item(frame.writing.evidence, EvidenceItem())
    sent = form.file.data
    row = files.receive(db.session(), data=sent.stream.read(), name=sent.filename or "")
    item = EvidenceItem(file_id=row.id, name=row.name, consent=bool(form.consent.data))
    token = drafts.change_evidence(
        db.session(),
        consultation_id=frame.consultation.id,
        owner=draft_owner(slug),
        change=lambda it: add_item(it, item),
    )
    remember_draft(slug, token)
    return url_for("evidence.describe", slug=slug, key=item.key)


@blueprint.route("/c/<slug>/respond/evidence/reference", allow=Allow.ANYONE, methods=["GET", "POST"])
def add_reference(slug: str) -> ResponseReturnValue:
    who, form = draft_owner(slug), EvidenceReferenceForm()
    page = pages_queries.get_draft_page(db.session(), slug, who)
    if form.validate_on_submit() and page.frame.is_open:
        item = form.item
        try:
            remember_draft(
                slug,
                drafts.change_evidence(
                    db.session(),
                    consultation_id=page.frame.consultation.id,
                    owner=who,
                    change=lambda it: add_item(it, item),
                ),
            )
            return _back(slug, _("Reference saved, not sent yet."))
        except Refusal as refusal:
            form.refuse(refusal)
    return _details(page, form, None)


@blueprint.route("/c/<slug>/respond/evidence/<key>", allow=Allow.ANYONE, methods=["GET", "POST"])
def describe(slug: str, key: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    page = pages_queries.get_draft_page(db.session(), slug, who)
    item = find_item(page.frame.writing.evidence, key)
    file = page.files.get(item.file_id or 0)
    if file and file.state is State.REFUSED and request.method == "GET":
        return redirect(_from(slug))
    if item in page.frame.writing.papers:
        return redirect(url_for("papers.paper", slug=slug))
    form = EvidenceDetailsForm(item) if item.file_id else EvidenceReferenceForm(item)
    if form.validate_on_submit() and page.frame.is_open:
        said = form.item
        drafts.change_evidence(
            db.session(),
            consultation_id=page.frame.consultation.id,
            owner=who,
            change=lambda it: replace_item(it, key, describe_item(find_item(it, key), said)),
        )
        if "another" in request.form:
            flash(_("Saved, not sent yet."), "ok")
            return redirect(url_for("evidence.add_file", slug=slug), 303)
        return _back(slug, _("Saved, not sent yet."))
    return _details(page, form, item)


def _details(
    page: pages_queries.DraftPage, form: EvidenceDetailsForm, item: EvidenceItem | None
) -> ResponseReturnValue:
    template = "evidence/details.html" if page.frame.is_open else "submissions/shut.html"
    back = _from(page.frame.consultation.slug)
    answer = render_template(template, page=page, form=form, item=item, most=MAX_ITEMS, back=back)
    return answer, 422 if form.is_submitted() else 200


def _back(slug: str, words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(_from(slug), 303)


def _from(slug: str) -> str:
    """Return the URL of the page from which the author came, by the pressed link or button."""
    return url_for("submissions.check" if request.args.get("back") == "check" else "evidence.drafted", slug=slug)


@blueprint.route("/c/<slug>/respond/evidence/<key>/copy", allow=Allow.ANYONE)
def copy(slug: str, key: str) -> ResponseReturnValue:
    """Return the cleaned copy to the author of a draft, as others will get it."""
    writing = pages_queries.frame(db.session(), slug, draft_owner(slug)).writing
    item = find_item(writing.evidence, key)
    file = files_queries.get_files(db.session(), writing.file_ids).get(item.file_id or 0)
    return answer_with_copy(file, "copy")


@blueprint.route("/c/<slug>/respond/evidence/<key>/remove", allow=Allow.ANYONE, methods=["POST"])
def remove(slug: str, key: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    page = pages_queries.frame(db.session(), slug, who)
    item = find_item(page.writing.evidence, key)
    drafts.change_evidence(
        db.session(), consultation_id=page.consultation.id, owner=who, change=lambda it: replace_item(it, key, None)
    )
    evidence.discard_file(db.session(), item)
    return _back(slug, _("Evidence removed from your unfinished submission."))


@blueprint.route(_ONE, allow=Allow.ANYONE)
def one(slug: str, number: int) -> ResponseReturnValue:
    session, who = db.session(), cast("Account | None", principal())
    frame = pages_queries.frame(session, slug, draft_owner(slug))
    piece = evidence_queries.get_public_piece(session, frame.consultation.id, number)
    is_paper = piece.row.kind is EvidenceKind.POSITION_PAPER
    blocks = published.read_public_blocks(session, piece.row) if is_paper else []
    return render_template(
        "evidence/one.html",
        frame=frame,
        piece=piece,
        blocks=blocks,
        beginning="" if blocks else evidence_queries.get_excerpt(session, piece),
        terms=tags.terms_by_evidence(session, [number]).get(number, ()),
        may=tags.may_tag(db.session(), who, frame.consultation),
        slot=collect(session, EvidenceAside(number)),
    )


@blueprint.route(f"{_ONE}/file", allow=Allow.ANYONE)
def download(slug: str, number: int) -> ResponseReturnValue:
    consultation = comments_queries.get_consultation(db.session(), slug)
    copy = evidence_queries.get_cleaned_copy(db.session(), consultation.id, number)
    return answer_with_copy(copy.file, copy.name)


@blueprint.route(f"{_ONE}/topics", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def topics(slug: str, number: int) -> ResponseReturnValue:
    """Edit the topics of a piece of evidence, for moderators and the owner."""
    session, form, who = db.session(), TermTagsForm(), cast("Account", principal())
    it = comments_queries.get_consultation(session, slug)
    tagged = tags.get_tagged(session, it, number, by=who)
    back = url_for("evidence.one", slug=slug, number=number)
    if not tagged.row.shown:
        back = url_for("moderation.item", submission_id=tagged.row.submission_id)
    if form.validate_on_submit():
        tags.replace_tags(session, it, number, term_ids=form.term_ids, by=who)
        flash(_("Saved."), "ok")
        return redirect(back, 303)
    branches, schemes = taxonomy.build_tree(taxonomy.list_terms(session)), taxonomy.list_schemes(session)
    return render_template(
        "evidence/topics.html", it=it, tagged=tagged, form=form, back=back, schemes=schemes, branches=branches
    )


@blueprint.route("/review/evidence/<int(max=9223372036854775807):file_id>/<int(max=9):number>", allow=Allow.MODERATOR)
def page_image(file_id: int, number: int) -> ResponseReturnValue:
    evidence_queries.check_filed(db.session(), file_id)
    return answer_with_page(db.session(), file_id, number)
