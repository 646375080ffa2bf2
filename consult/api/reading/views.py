"""Operations that read consultations and what people said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from consult.api.contract import operation, prepare
from consult.api.paging import ListPage, PageQuery
from consult.api.reading import collections, queries, records
from consult.api.reading.collections import COLLECTIONS, Collection
from consult.core.db import db
from consult.core.web.requests import Blueprint

blueprint = prepare(Blueprint("api_reading", __name__))
_ONE = "/consultations/<slug>"


class ConsultationQuery(PageQuery, kw_only=True):
    phase: Literal["", "upcoming", "open", "closed"] = ""


class CommentQuery(PageQuery, kw_only=True):
    provision: Annotated[str, msgspec.Meta(max_length=200, description="Permanent id of a provision.")] = ""
    question: Annotated[int, msgspec.Meta(ge=0, le=1000, description="Number of a question, from 1.")] = 0
    stance: Annotated[str, msgspec.Meta(max_length=24, description="Such as support, wording or drop.")] = ""
    language: Annotated[str, msgspec.Meta(max_length=12, description="Language code, such as en.")] = ""


@operation(
    blueprint, "GET", "/consultations", ListPage[records.ConsultationRecord], parameters=ConsultationQuery, stamped=True
)
def list_consultations(query: ConsultationQuery) -> ListPage[records.ConsultationRecord]:
    """List published consultations, oldest first."""
    return queries.list_consultations(db.session(), query, query.phase)


@operation(blueprint, "GET", _ONE, records.ConsultationDetail, stamped=True)
def get_consultation(slug: str) -> records.ConsultationDetail:
    """Get a consultation with its submission count."""
    return queries.get_detail(db.session(), slug)


@operation(blueprint, "GET", f"{_ONE}/versions", list[records.VersionRecord], stamped=True)
def list_versions(slug: str) -> object:
    """List the published versions of the draft."""
    return queries.list_versions(db.session(), slug)


@operation(
    blueprint,
    "GET",
    f"{_ONE}/versions/<int(max=9999):number>/provisions",
    list[records.ProvisionRecord],
    stamped=True,
)
def list_provisions(slug: str, number: int) -> object:
    """List the provisions of a version, in the order of the draft."""
    return queries.list_provisions(db.session(), slug, number)


@operation(blueprint, "GET", f"{_ONE}/questions", list[records.QuestionRecord], stamped=True)
def list_questions(slug: str) -> object:
    """List the questions of a consultation."""
    return queries.list_asked(db.session(), slug)


@operation(
    blueprint,
    "GET",
    f"{_ONE}/comments",
    ListPage[records.CommentRecord],
    parameters=CommentQuery,
    stamped=True,
)
def list_comments(slug: str, query: CommentQuery) -> object:
    """List published comments and responses, oldest first."""
    filters = {name: getattr(query, name) for name in ("provision", "question", "stance", "language")}
    return _page("comments", slug, query, filters)


@operation(
    blueprint,
    "GET",
    f"{_ONE}/submissions",
    ListPage[records.SubmissionRecord],
    parameters=PageQuery,
    stamped=True,
)
def list_submissions(slug: str, query: PageQuery) -> object:
    """List published submissions, oldest first."""
    return _page("submissions", slug, query, {})


@operation(blueprint, "GET", f"{_ONE}/evidence", ListPage[records.EvidenceRecord], parameters=PageQuery)
def list_evidence(slug: str, query: PageQuery) -> object:
    """List published evidence, oldest first."""
    return _page("evidence", slug, query, {})


@operation(blueprint, "GET", f"{_ONE}/arguments", ListPage[records.ArgumentRecord], parameters=PageQuery)
def list_arguments(slug: str, query: PageQuery) -> object:
    """List the arguments made about the draft, oldest first."""
    return _page("arguments", slug, query, {})


@operation(blueprint, "GET", "/submissions/<reference>", records.SubmissionDetail, stamped=True)
def get_submission(reference: str) -> records.SubmissionDetail:
    """Get a published submission with its comments and evidence."""
    return queries.get_submission(db.session(), reference)


def _page(name: str, slug: str, query: PageQuery, filters: Mapping[str, object]) -> ListPage[msgspec.Raw]:
    of, consultation_id = _find(slug, name)
    return collections.read_page(db.session(), of, consultation_id, query, filters)


def _find(slug: str, name: str) -> tuple[Collection, int]:
    return COLLECTIONS[name], queries.get_consultation(db.session(), slug).id
