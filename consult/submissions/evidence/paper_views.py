"""The page of a position paper: upload, text, published copy and removal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint
from consult.files import service as files
from consult.submissions.content.evidence_item import EvidenceItem, replace_item
from consult.submissions.drafts import service as drafts
from consult.submissions.evidence.forms import PaperForm
from consult.submissions.evidence.service import add_item
from consult.submissions.model import EvidenceKind
from consult.submissions.pages import queries as pages_queries
from consult.submissions.views import draft_owner, remember_draft

blueprint = Blueprint("papers", __name__)


@blueprint.route("/c/<slug>/respond/paper", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("120 per hour", methods=["POST"])
def paper(slug: str) -> ResponseReturnValue:
    """Add a position paper. If consent is missing, the file is stored and only the consent is asked again."""
    page = pages_queries.get_draft_page(db.session(), slug, draft_owner(slug))
    item = next(iter(page.frame.writing.papers), None)
    form, status = PaperForm(item), 200
    if form.is_submitted() and page.frame.is_open:
        status = 422
        if form.validate() or (item is None and set(form.errors) == {"consent"}):
            try:
                return redirect(_keep(page, form, item), 303)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    template = "evidence/paper.html" if page.frame.is_open else "submissions/shut.html"
    return render_template(template, page=page, form=form, item=item), status


def _keep(page: pages_queries.DraftPage, form: PaperForm, item: EvidenceItem | None) -> str:
    """Save the file or its description in the draft, and return the next URL."""
    frame, slug = page.frame, page.frame.consultation.slug
    if item is None:
        add_item(frame.writing.evidence, EvidenceItem())
    kept = item or _receive(form)
    title = one_line(form.title.data or "") or PurePath(kept.name).stem or str(_("Position paper"))
    kept = replace(kept, description=title, consent=bool(form.consent.data))
    token = drafts.change_evidence(
        db.session(),
        consultation_id=frame.consultation.id,
        owner=draft_owner(slug),
        change=lambda it: add_item(it, kept) if item is None else replace_item(it, item.key, kept),
    )
    remember_draft(slug, token)
    if not kept.consent:
        flash(_("File uploaded and saved. Tick the box to confirm that we may publish it."), "warn")
        return url_for("papers.paper", slug=slug)
    return url_for("submissions.check" if frame.writing.about else "submissions.about", slug=slug)


def _receive(form: PaperForm) -> EvidenceItem:
    sent = form.file.data
    row = files.receive(db.session(), data=sent.stream.read(), name=sent.filename or "")
    return EvidenceItem(file_id=row.id, name=row.name, kind=EvidenceKind.POSITION_PAPER)
