"""Routes of the regulations.gov interface, version 4."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from flask import Response, request

from consult.accounts.tokens.model import Scope
from consult.api import limits
from consult.api.v4 import comments, keys, new_comments, shapes
from consult.api.v4.asked import Asked, read_parameters
from consult.api.v4.dockets import (
    LIMIT_DOCUMENT,
    Docket,
    DraftDocument,
    find_submission_id,
    get_docket,
    get_document,
    is_within_period,
    load_dockets,
)
from consult.api.v4.problem_views import JSON_API
from consult.api.v4.refusals import refuse
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.documents import queries as documents

blueprint = keys.prepare(Blueprint("v4", __name__))
_DOCUMENT_FILTERS = comments.FILTERS - {"commentOnId"} | {
    "documentType",
    "subtype",
    "frDocNum",
    "withinCommentPeriod",
    "commentEndDate",
}
_DOCUMENT_SORTS = frozenset({"postedDate", "lastModifiedDate", "title", "documentId", "commentEndDate"})
_DOCKET_FILTERS = frozenset({"agencyId", "searchTerm", "docketType", "lastModifiedDate", "docketId"})
_DOCKET_SORTS = frozenset({"title", "docketId", "lastModifiedDate"})


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "v4.put_file":
        request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.route("/v4/documents", allow=Allow.PROGRAM)
def list_documents() -> Response:
    asked = read_parameters(request.args, filters=_DOCUMENT_FILTERS, sorts=_DOCUMENT_SORTS)
    at = now()
    chosen = [
        document
        for docket in comments.select_dockets(load_dockets(db.session()), asked)
        for document in docket.documents
        if _matches_document(document, asked, at)
    ]
    order: dict[str, Callable[[DraftDocument], Any]] = {
        "postedDate": lambda each: each.posted_at,
        "lastModifiedDate": lambda each: each.modified_at(at),
        "title": lambda each: each.docket.row.title.casefold(),
        "documentId": lambda each: each.id,
        "commentEndDate": lambda each: each.docket.row.closes_at,
    }
    page = _cut(chosen, asked, order, "documentId")
    facets = {
        "agencyId": Counter(each.docket.agency for each in chosen),
        "documentType": {shapes.PROPOSED_RULE: len(chosen)},
        "withinCommentPeriod": Counter(str(is_within_period(each)).lower() for each in chosen),
    }
    return _answer(shapes.write_list([shapes.write_document(each) for each in page], asked, len(chosen), facets))


def _matches_document(document: DraftDocument, asked: Asked, at: datetime) -> bool:
    row, given = document.docket.row, asked.values
    moments = {
        "postedDate": document.posted_at,
        "commentEndDate": row.closes_at,
        "lastModifiedDate": document.modified_at(at),
    }
    return (
        given.get("documentType", shapes.PROPOSED_RULE) == shapes.PROPOSED_RULE
        and not given.get("subtype")
        and given.get("frDocNum", document.id).casefold() == document.id.casefold()
        and ("withinCommentPeriod" not in given or document.is_open(at))
        and all(span.holds(moments[name]) for name, span in asked.ranges.items())
        and _has_words(given.get("searchTerm", ""), (row.title, row.summary, row.body, document.version.source))
    )


def _has_words(asked: str, texts: Iterable[str]) -> bool:
    """Return whether the texts have all words, or the whole phrase if it is in quotes."""
    text, typed = " ".join(texts).casefold(), asked.casefold().strip()
    if len(typed) > 2 and typed[0] == typed[-1] == '"':
        return typed.strip('"') in text
    return all(word in text for word in typed.split())


def _cut(rows: Sequence[Any], asked: Asked, order: Mapping[str, Callable[[Any], Any]], default: str) -> Sequence[Any]:
    """Return the rows of the page, in the order that is asked for."""
    ordered = sorted(rows, key=order[default])
    for name, descending in reversed(asked.order):
        ordered.sort(key=order[name], reverse=descending)
    return ordered[asked.offset : asked.offset + asked.size]


@blueprint.route("/v4/documents/<document_id>", allow=Allow.PROGRAM)
def get_document_detail(document_id: str) -> Response:
    if document_id == LIMIT_DOCUMENT:
        return _answer({"data": {"id": document_id, "type": "documents", "attributes": {}}})
    _check_include()
    return _answer({"data": shapes.write_document_detail(get_document(load_dockets(db.session()), document_id))})


@blueprint.route("/v4/documents/<document_id>/attachments", allow=Allow.PROGRAM)
def list_document_attachments(document_id: str) -> Response:
    get_document(load_dockets(db.session()), document_id)
    return _answer({"data": []})


@blueprint.route("/v4/dockets", allow=Allow.PROGRAM)
def list_dockets() -> Response:
    asked = read_parameters(request.args, filters=_DOCKET_FILTERS, sorts=_DOCKET_SORTS)
    at, given = now(), asked.values
    chosen = [
        docket
        for docket in comments.select_dockets(load_dockets(db.session()), asked)
        if given.get("docketType", shapes.RULEMAKING) == shapes.RULEMAKING
        and all(span.holds(docket.modified_at(at)) for span in asked.ranges.values())
        and _has_words(given.get("searchTerm", ""), (docket.row.title, docket.row.summary, docket.row.body))
    ]
    order: dict[str, Callable[[Docket], Any]] = {
        "title": lambda each: each.row.title.casefold(),
        "docketId": lambda each: each.id,
        "lastModifiedDate": lambda each: each.modified_at(at),
    }
    page = _cut(chosen, asked, order, "docketId")
    facets = {
        "agencyId": Counter(each.agency for each in chosen),
        "docketType": {shapes.RULEMAKING: len(chosen)},
    }
    return _answer(shapes.write_list([shapes.write_docket(each) for each in page], asked, len(chosen), facets))


@blueprint.route("/v4/dockets/<docket_id>", allow=Allow.PROGRAM)
def get_docket_detail(docket_id: str) -> Response:
    return _answer({"data": shapes.write_docket_detail(get_docket(load_dockets(db.session()), docket_id))})


@blueprint.route("/v4/comments", allow=Allow.PROGRAM)
def list_comments() -> Response:
    asked = read_parameters(request.args, filters=comments.FILTERS, sorts=comments.SORTS)
    dockets = load_dockets(db.session())
    page, counts = comments.list_comments(db.session(), dockets, asked)
    agencies: Counter[str] = Counter()
    for number, count in counts.items():
        agencies[dockets[number].agency] += count
    written = [shapes.write_comment(each) for each in page]
    return _answer(shapes.write_list(written, asked, sum(counts.values()), {"agencyId": agencies}))


@blueprint.route("/v4/comments/<comment_id>", allow=Allow.PROGRAM)
def get_comment_detail(comment_id: str) -> Response:
    include = _check_include()
    session = db.session()
    docket, number = find_submission_id(load_dockets(session), comment_id)
    comment = comments.get_comment(session, docket, number)
    files = comments.list_files(session, number)
    provisions = documents.list_provisions(session, comment.submission.version_id)
    labels = documents.spoken_labels(provisions)
    detail = shapes.write_comment_detail(
        comment, comments.list_parts(session, comment), files, {row.wid: labels[row.id] for row in provisions}
    )
    included = {"included": shapes.write_attachments(comment, files)} if include and files else {}
    return _answer({"data": detail, **included})


@blueprint.route("/v4/comments/<comment_id>/attachments", allow=Allow.PROGRAM)
def list_comment_attachments(comment_id: str) -> Response:
    session = db.session()
    docket, number = find_submission_id(load_dockets(session), comment_id)
    comment = comments.get_comment(session, docket, number)
    return _answer({"data": shapes.write_attachments(comment, comments.list_files(session, number))})


@blueprint.route("/v4/agency-categories", allow=Allow.PROGRAM)
def list_agency_categories() -> Response:
    acronym = request.args.get("filter[acronym]", "").strip()
    if not acronym:
        raise refuse("filter[acronym] is required")
    return _answer({"data": []})


@blueprint.route("/v4/comments", allow=Allow.PROGRAM, methods=["POST"])
def create_comment() -> Response:
    """File a comment. Returns its tracking number as id, with the attributes that were sent."""
    token = keys.get_token(Scope.FILE)
    limits.count_filing()
    given = new_comments.read_attributes(_read_json())
    receipt = new_comments.file(db.session(), token, load_dockets(db.session()), given)
    attributes = {**given, "receiveDate": receipt.received, "trackingNbr": receipt.reference}
    answer = {"id": receipt.reference, "type": "comments", "attributes": attributes, "links": {"self": receipt.page}}
    return _answer({"data": answer}, 201)


@blueprint.route("/v4/submission-keys", allow=Allow.PROGRAM, methods=["POST"])
def create_submission_key() -> Response:
    keys.get_token(Scope.FILE)
    key = secrets.token_urlsafe(18)
    address = shapes.link(f"submission-keys/{key}")
    return _answer({"data": {"id": key, "type": "submissionKeys", "links": {"self": address}}}, 201)


@blueprint.route("/v4/file-upload-urls", allow=Allow.PROGRAM, methods=["POST"])
def create_upload_address() -> Response:
    token = keys.get_token(Scope.FILE)
    given = new_comments.read_attributes(_read_json())
    address = shapes.link(f"file-uploads/{new_comments.write_upload_address(token, given)}")
    return _answer({"data": {"id": address, "type": "fileUploadUrls", "attributes": dict(given)}}, 201)


@blueprint.route("/v4/file-uploads/<sealed>", allow=Allow.ANYONE, methods=["PUT"])
def put_file(sealed: str) -> Response:
    """Receive a file at an address from /v4/file-upload-urls. The address permits it while its token is valid."""
    token_id, key, name = new_comments.read_upload_address(sealed)
    token = new_comments.get_token(db.session(), token_id)
    limits.count_upload_of(token)
    new_comments.receive_file(db.session(), token, key, name, request.get_data())
    return _answer({"data": {"id": name, "type": "files"}})


def _check_include() -> bool:
    """Return whether attachments are to be included. Raises ApiProblem for anything else."""
    include = request.args.get("include", "").strip()
    if include not in ("", "attachments"):
        raise refuse(f"Invalid value for include: {include[:40]}")
    return bool(include)


def _read_json() -> object:
    try:
        return msgspec.json.decode(request.get_data())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise refuse("The request body is not valid JSON.") from error


def _answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type=JSON_API)
