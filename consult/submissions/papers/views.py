"""Pages of a position paper: upload, recommendations that name a part of the draft, and the published paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line, read_number
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint
from consult.files import service as files
from consult.submissions import stances
from consult.submissions.content.evidence_item import EvidenceItem, replace_item
from consult.submissions.drafts import service as drafts
from consult.submissions.evidence.forms import PaperForm
from consult.submissions.evidence.service import add_item
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.model import EvidenceKind
from consult.submissions.pages import queries as pages_queries
from consult.submissions.papers import published, service
from consult.submissions.papers.service import MOST_OFFERS, Choice
from consult.submissions.stances import Stance
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
    return url_for("papers.recommendations", slug=slug)


def _receive(form: PaperForm) -> EvidenceItem:
    sent = form.file.data
    row = files.receive(db.session(), data=sent.stream.read(), name=sent.filename or "")
    return EvidenceItem(file_id=row.id, name=row.name, kind=EvidenceKind.POSITION_PAPER)


@blueprint.route("/c/<slug>/respond/paper/recommendations", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("120 per hour", methods=["POST"])
def recommendations(slug: str) -> ResponseReturnValue:
    """Offer the recommendations of the paper that name a part of the draft. Only ticked ones become comments."""
    page = pages_queries.get_draft_page(db.session(), slug, draft_owner(slug))
    frame = page.frame
    if not frame.is_open:
        return render_template("submissions/shut.html", page=page)
    item = next(iter(frame.writing.papers), None)
    read = service.read_paper(db.session(), item.file_id) if item and item.file_id else None
    if item is None or read is None:
        return redirect(url_for("papers.paper", slug=slug), 303)
    form = ConfirmButtonForm()
    if form.is_submitted():
        choices = [] if request.form.get("do") == "none" else list(_read_choices())
        drafts.save(
            db.session(),
            frame.consultation.id,
            draft_owner(slug),
            lambda writing: service.accept(writing, read, frame.places, choices),
        )
        return redirect(url_for("submissions.check" if frame.writing.about else "submissions.about", slug=slug), 303)
    offers = service.list_offers(read, frame.places, service.names_of(frame.consultation.title), frame.writing)
    return render_template(
        "evidence/recommendations.html",
        page=page,
        form=form,
        item=item,
        paper=read,
        offers=offers[:MOST_OFFERS],
        left_out=len(offers[MOST_OFFERS:]),
        others=service.list_other_blocks(read, offers),
        kinds=stances.OFFERED,
    )


def _read_choices() -> Iterator[Choice]:
    """Yield the ticked rows of the form. The row `new` is one that the sender adds."""
    sent = request.form
    for row in [*sent.getlist("take"), *(["new"] if sent.get("block-new") and sent.get("part-new") else [])]:
        block, part = read_number(sent.get(f"block-{row}")), read_number(sent.get(f"part-{row}"))
        stance = sent.get(f"stance-{row}", Stance.WORDING)
        if block is not None and part is not None and stance in (*stances.OFFERED, Stance.AMENDMENT):
            yield Choice(block, part, Stance(stance))


@blueprint.route("/c/<slug>/papers/<reference>/<digest>", allow=Allow.ANYONE)
def published_paper(slug: str, reference: str, digest: str) -> ResponseReturnValue:
    """Redirect to the page of a published paper from the comments taken from it. `digest` is its SHA-256."""
    frame = pages_queries.frame(db.session(), slug, draft_owner(slug))
    number = published.find_evidence_id(db.session(), frame.consultation.id, reference, digest)
    if number is None:
        raise NotFound(_("This position paper is not published. Its recommendations are shown with their paragraphs."))
    return redirect(url_for("evidence.one", slug=slug, number=number))
