"""Operations that file, change, withdraw and erase submissions."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from flask import request

from consult.accounts.tokens.model import Scope
from consult.api import authorisation, limits
from consult.api.contract import operation, prepare
from consult.api.filing import service, supporters, uploads
from consult.api.filing.records import (
    ChangeInput,
    FilingReceipt,
    OwnSubmission,
    SourceRecord,
    SubmissionInput,
    SupporterSubmission,
    TokenInfo,
    UploadReceipt,
)
from consult.api.paging import ListPage, PageQuery
from consult.api.problems import ApiProblem
from consult.api.reading.queries import get_consultation
from consult.core.db import db
from consult.core.i18n import _
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.submissions import service as submissions
from consult.submissions.model import Submission
from consult.trace import erasure

blueprint = prepare(Blueprint("api_filing", __name__))
_ONE = "/submissions/<reference>"
_KEY = re.compile(r"[\x21-\x7e]{8,200}")


class UploadQuery(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="File name with its ending.")]


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "api_filing.upload_file":
        request.max_content_length = MAX_UPLOAD_BYTES


@operation(
    blueprint,
    "POST",
    "/uploads",
    UploadReceipt,
    parameters=UploadQuery,
    body=bytes,
    allow=Allow.PROGRAM,
    scope=Scope.FILE,
    status=201,
)
def upload_file(query: UploadQuery, body: bytes) -> UploadReceipt:
    """Upload a file for the evidence of a submission, at most 25 MB. It is checked and cleaned as from the form."""
    token = authorisation.get_token(Scope.FILE)
    limits.count_upload()
    return uploads.receive(db.session(), token, data=body, name=query.name)


@operation(
    blueprint,
    "POST",
    "/consultations/<slug>/submissions",
    FilingReceipt,
    body=SubmissionInput,
    allow=Allow.PROGRAM,
    scope=Scope.FILE,
    status=201,
    keyed=True,
)
def file_submission(slug: str, body: SubmissionInput) -> FilingReceipt | tuple[FilingReceipt, int]:
    """File a submission. The same key and body return the same submission, at any time."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        message = _("Send an Idempotency-Key of 8 to 200 printable characters without spaces.")
        raise ApiProblem("invalid-parameter", message)
    token = authorisation.get_token(Scope.FILE if body.consent is None else Scope.FILE_OTHERS)
    limits.count_filing()
    consultation = get_consultation(db.session(), slug)
    receipt, is_new = service.file(db.session(), consultation, token, body, key=key, body=request.get_data())
    return receipt if is_new else (receipt, 200)


@operation(blueprint, "GET", f"{_ONE}/own", OwnSubmission, allow=Allow.PROGRAM, owned=True)
def get_own_submission(reference: str) -> OwnSubmission:
    """Get a submission as its author, in any state. The ETag is its revision."""
    return service.to_own(db.session(), _find(reference, Scope.READ_OWN))


@operation(blueprint, "PUT", f"{_ONE}/own", OwnSubmission, body=ChangeInput, allow=Allow.PROGRAM, owned=True)
def change_submission(reference: str, body: ChangeInput) -> OwnSubmission:
    """Replace the content of a submission. A moderator reviews it again."""
    submission = _find(reference, Scope.FILE)
    matched = request.if_match.as_set()
    if not matched:
        raise ApiProblem("condition-required", _("In the If-Match header, send the revision that you read."))
    tags = {tag.partition(":")[0] for tag in matched}
    if str(submission.revision) not in tags:
        raise ApiProblem("changed-since", _("Someone else has just changed this submission. Reload the page."))
    return service.change(
        db.session(), submission, body, revision=submission.revision, token=authorisation.find_token()
    )


@operation(blueprint, "POST", f"{_ONE}/withdrawal", OwnSubmission, allow=Allow.PROGRAM, owned=True)
def withdraw_submission(reference: str) -> OwnSubmission:
    """Withdraw a submission. It stays counted as withdrawn."""
    submission = _find(reference, Scope.FILE)
    submissions.withdraw(db.session(), submission)
    return service.to_own(db.session(), submission)


@operation(blueprint, "POST", f"{_ONE}/erasure", OwnSubmission, allow=Allow.PROGRAM, owned=True)
def erase_submission(reference: str) -> OwnSubmission:
    """Erase text, names and address of a submission permanently."""
    submission = _find(reference, Scope.FILE)
    erasure.erase(db.session(), submission)
    return service.to_own(db.session(), submission)


@operation(blueprint, "GET", "/self", TokenInfo, allow=Allow.PROGRAM)
def get_self() -> TokenInfo:
    """Get the permissions of the token."""
    return service.describe_token(db.session(), authorisation.get_token())


@operation(
    blueprint,
    "GET",
    "/self/submissions",
    ListPage[OwnSubmission],
    parameters=PageQuery,
    allow=Allow.PROGRAM,
    scope=Scope.READ_OWN,
)
def list_own_submissions(query: PageQuery) -> ListPage[OwnSubmission]:
    """List what the token's account or organisation filed, oldest first."""
    return service.list_own(db.session(), authorisation.get_token(Scope.READ_OWN), query)


@operation(
    blueprint,
    "GET",
    "/self/supporters",
    ListPage[SupporterSubmission],
    parameters=PageQuery,
    allow=Allow.PROGRAM,
    scope=Scope.FILE_OTHERS,
)
def list_supporter_submissions(query: PageQuery) -> ListPage[SupporterSubmission]:
    """List what the token's organisation sent for supporters, oldest first. Erased ones are in the list."""
    return supporters.list_sent(db.session(), authorisation.get_token(Scope.FILE_OTHERS), query)


@operation(blueprint, "GET", "/consultations/<slug>/sources", list[SourceRecord])
def list_sources(slug: str) -> list[SourceRecord]:
    """List the organisations that sent submissions for supporters, with counts. No supporter counts for them."""
    return supporters.list_sources(db.session(), get_consultation(db.session(), slug).id)


def _find(reference: str, scope: Scope) -> Submission:
    """Return the submission if the token or the secret of the private link opens it."""
    if secret := request.headers.get("Consult-Return", ""):
        return service.find_by_secret(db.session(), reference, secret)
    return service.find_own(db.session(), reference, authorisation.get_token(scope))
