"""Public pages: the draft, provisions and published comments."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from consult.core.slots import Slot, collect
from consult.core.web import page_cache
from consult.core.web.access import Allow
from consult.core.web.addresses import public_url
from consult.submissions.comments import annotations as comments_annotations
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.annotations import MEDIA_TYPE, AnnotationUrls
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.pages import queries as pages_queries
from consult.submissions.pages import question_results
from consult.submissions.pages.slots import CommentFoot, DraftVoices, LeadingArguments, ProvisionAside, RedactionReasons
from consult.submissions.views import blueprint, draft_owner

__all__ = ["blueprint"]
Shown = TypeVar("Shown")


def render_public(
    slug: str,
    who: DraftOwner,
    template: str,
    read: Callable[[Consultation | None], Shown],
    slots: Callable[[Shown], Sequence[Slot]],
) -> ResponseReturnValue:
    """Render a public page. For visitors without account and draft, the response is cached until its data change."""

    def made(row: Consultation | None) -> str:
        page = read(row)
        return render_template(template, page=page, slot=collect(db.session(), *slots(page)))

    if who.token or not page_cache.is_plain_visitor():
        return made(None)
    row, stamp = comments_queries.get_stamped_consultation(db.session(), slug, at=now())
    return page_cache.cached_response(page_cache.page_tag(stamp), lambda: made(row))


@blueprint.route("/c/<slug>/draft", allow=Allow.ANYONE)
def reading(slug: str, chapter: str | None = None) -> ResponseReturnValue:
    who, whole = draft_owner(slug), "whole" in request.args

    def read(row: Consultation | None) -> pages_queries.ReadingPage:
        return pages_queries.get_reading_page(db.session(), slug, who, chapter=chapter, whole=whole, row=row)

    def slots(page: pages_queries.ReadingPage) -> Sequence[Slot]:
        it, counts = page.frame.consultation, page.frame.counts
        return [DraftVoices(it, counts, page.commented), LeadingArguments(it, page.busiest)]

    return render_public(slug, who, "submissions/reading.html", read, slots)


blueprint.add_url_rule("/c/<slug>/draft/<chapter>", "reading")  # the same page at its longer URL


@blueprint.route("/c/<slug>/p/<number>", allow=Allow.ANYONE)
def place(slug: str, number: str) -> ResponseReturnValue:
    """Show a paragraph of the draft.

    Use an earlier `version` if requested, or if only that version has the paragraph.
    """
    who, stance, after = draft_owner(slug), request.args.get("stance", ""), request.args.get("after")
    version = request.args.get("version", type=int)

    def read(row: Consultation | None) -> pages_queries.ProvisionPage:
        return pages_queries.get_provision_page(
            db.session(), slug, who, key=number, stance=stance, after=after, version=version, row=row
        )

    def slots(page: pages_queries.ProvisionPage) -> Sequence[Slot]:
        it, published = page.frame.consultation, page.frame.counts.on(page.place.id)
        shown = [voice.redactions for voice in page.voices.items]
        words = {voice.id: voice.body for voice in page.voices.items}
        return [ProvisionAside(it, page.place, published), RedactionReasons.of(shown), CommentFoot(words)]

    return render_public(slug, who, "submissions/place.html", read, slots)


@blueprint.route("/c/<slug>/comments", allow=Allow.ANYONE)
def published(slug: str) -> ResponseReturnValue:
    who = draft_owner(slug)
    asked = {name: request.args.get(name, "") for name in ("on", "question", "stance", "after")}

    def read(row: Consultation | None) -> pages_queries.PublishedListPage:
        return pages_queries.get_list_page(db.session(), slug, who, **asked, row=row)

    def slots(page: pages_queries.PublishedListPage) -> Sequence[Slot]:
        return [RedactionReasons.of(page.redactions), CommentFoot(page.words)]

    return render_public(slug, who, "submissions/published.html", read, slots)


@blueprint.route("/c/<slug>/comments/question-<number>.csv", allow=Allow.ANYONE)
def result_csv(slug: str, number: str) -> ResponseReturnValue:
    found = question_results.get_result_by_number(db.session(), slug, number)
    return Response(question_results.to_csv(found), mimetype="text/csv")


@blueprint.route("/c/<slug>/comments/<reference>", allow=Allow.ANYONE)
def one(slug: str, reference: str) -> ResponseReturnValue:
    who = draft_owner(slug)

    def read(row: Consultation | None) -> pages_queries.SubmissionPage:
        return pages_queries.get_submission_page(db.session(), slug, who, reference=reference, row=row)

    def slots(page: pages_queries.SubmissionPage) -> Sequence[Slot]:
        shown = page.published.comments
        words = {comment.id: comment.public_body for comment in shown}
        return [RedactionReasons.of(comment.redactions for comment in shown), CommentFoot(words)]

    return render_public(slug, who, "submissions/one.html", read, slots)


@blueprint.route("/c/<slug>/annotations.jsonld", allow=Allow.ANYONE)
def annotation_pages(slug: str) -> ResponseReturnValue:
    """Return published comments as a W3C annotation collection, or with `page` one page of it."""
    return _linked(comments_annotations.get_collection(db.session(), slug, request.args.get("page"), _addresses(slug)))


@blueprint.route("/c/<slug>/annotations/<int:comment_id>.jsonld", allow=Allow.ANYONE)
def annotation(slug: str, comment_id: int) -> ResponseReturnValue:
    return _linked(comments_annotations.get_annotation(db.session(), slug, comment_id, _addresses(slug)))


def _linked(record: dict[str, Any]) -> Response:
    answer = Response(json.dumps(record, ensure_ascii=False), content_type=MEDIA_TYPE)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _addresses(slug: str) -> AnnotationUrls:
    def url(view: str, **given: Any) -> str:
        return public_url(f"submissions.{view}", slug=slug, **given)

    return AnnotationUrls(
        collection=lambda cursor: url("annotation_pages", page=cursor),
        annotation=lambda comment_id: url("annotation", comment_id=comment_id),
        place=lambda where: url("place", number=where.key, version=where.version),
        submission=lambda reference: url("one", reference=reference),
    )
