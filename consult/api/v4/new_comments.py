"""Comments sent by clients of regulations.gov: the same filing as /api/v1, with their fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from babel import Locale
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.tokens.model import AccessToken
from consult.api.filing import service, uploads
from consult.api.filing.records import EvidenceInput, FilingReceipt, SubmissionInput
from consult.api.v4.dockets import Docket, get_document
from consult.api.v4.model import KeyedUpload
from consult.api.v4.refusals import refuse
from consult.core.clock import now
from consult.core.crypto import hash_token
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import N_
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.tokens import seal_field, unseal_field
from consult.files import service as files
from consult.submissions.values import MAX_COMMENT_LENGTH, NewComment

_NAMES = {"INDIVIDUAL": "own", "ORGANIZATION": "organisation", "ANONYMOUS": "none"}
_LONGEST = {"firstName": 25, "lastName": 25, "organization": 120, "email": 100, "country": 50}
_REQUIRED = {"INDIVIDUAL": ("firstName", "lastName"), "ORGANIZATION": ("organization",), "ANONYMOUS": ()}
_MOST_FILES = 20
_ADDRESS = "v4-upload"
_DESCRIPTION = N_("File sent with the comment")


def read_attributes(data: object) -> Mapping[str, Any]:
    """Return the attributes of a body: `{"data": {"attributes": …}}`, or without `data`. Raises ApiProblem."""
    inner = data.get("data", data) if isinstance(data, dict) else None
    attributes = inner.get("attributes", inner) if isinstance(inner, dict) else None
    if not isinstance(attributes, dict):
        raise refuse("The request body must have data.attributes.")
    return attributes


def file(
    session: Session, token: AccessToken, dockets: Mapping[int, Docket], given: Mapping[str, Any]
) -> FilingReceipt:
    """File a comment. The same submissionKey returns the same comment. Raises ApiProblem, NotFound and a Refusal."""
    kind = _check(given)
    document = get_document(dockets, given["commentOnDocumentId"])
    if not document.is_current:
        raise refuse("The document is not open for comment.")
    name = given.get("organization", "") if kind == "ORGANIZATION" else _join_name(given)
    about = SubmissionInput(
        name_rule=_NAMES[kind],  # type: ignore[arg-type]
        person_name=name if kind == "INDIVIDUAL" else "",
        organisation_name=name if kind == "ORGANIZATION" else "",
        country=_read_country(given.get("country", "")),
        language=document.docket.row.language,
        email=given.get("email", "") if given.get("sendEmailReceipt") is True else "",
        evidence=_read_files(session, token, given),
    )
    key = given.get("submissionKey") or secrets.token_urlsafe(24)
    receipt, _is_new = service.file_once(
        session,
        document.docket.row,
        token,
        about,
        key=f"v4:{key}",
        body=b"",  # clients may repeat a key with other spaces
        contents=([NewComment(None, None, given["comment"])], []),
    )
    return receipt


def _check(given: Mapping[str, Any]) -> str:
    """Return the kind of author. Raises ApiProblem for a field that is missing, too long or of another type."""
    kind = given.get("submitterType")
    if not isinstance(kind, str) or kind.upper() not in _NAMES:
        raise refuse("submitterType must be one of ANONYMOUS, INDIVIDUAL, ORGANIZATION")
    kind = kind.upper()
    if given.get("submissionType") != "API":
        raise refuse("submissionType must be API")
    texts = ("commentOnDocumentId", "comment", "submissionKey", *_LONGEST)
    for name in texts:
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            raise refuse(f"{name} must be a string")
    required = ["commentOnDocumentId", "comment", *_REQUIRED[kind]]
    required += ["email"] if given.get("sendEmailReceipt") is True else []
    for name in required:
        if not (given.get(name) or "").strip():
            raise refuse(f"{name} is required")
    for name, most in {**_LONGEST, "comment": MAX_COMMENT_LENGTH}.items():
        if len(given.get(name) or "") > most:
            raise refuse(f"{name} must not be longer than {most} characters")
    if len(given.get("submissionKey") or "") > 200:
        raise refuse("Invalid submissionKey")
    return kind


def _join_name(given: Mapping[str, Any]) -> str:
    return f"{(given.get('firstName') or '').strip()} {(given.get('lastName') or '').strip()}".strip()


def _read_country(given: str | None) -> str:
    """Return the code of a country given by code or English name. Raises ApiProblem.

    >>> _read_country("Peru"), _read_country("pe"), _read_country("")
    ('PE', 'PE', '')
    """
    typed = (given or "").strip()
    names = {name.casefold(): code for code, name in Locale(DEFAULT_LANGUAGE).territories.items() if len(code) == 2}
    code: str = names.get(typed.casefold(), typed.upper())
    if code and code not in names.values():
        raise refuse(f"Invalid country: {typed}")
    return code


def _read_files(session: Session, token: AccessToken, given: Mapping[str, Any]) -> list[EvidenceInput]:
    names = given.get("files") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) > _MOST_FILES:
        raise refuse(f"files must be a list of at most {_MOST_FILES} names")
    evidence = []
    for name in names:
        row = session.get(KeyedUpload, _hash(token, given.get("submissionKey") or "", name))
        if row is None:
            raise refuse(f"No file named {name[:80]} was uploaded with this submissionKey")
        upload = uploads.seal_upload(token, row.file_id)
        evidence.append(EvidenceInput(kind="other", description=str(_DESCRIPTION), upload=upload, consent=True))
    return evidence


def write_upload_address(token: AccessToken, given: Mapping[str, Any]) -> str:
    """Return the sealed part of the address that takes a file. Raises ApiProblem."""
    key, name = given.get("submissionKey"), given.get("fileName")
    if not isinstance(key, str) or not isinstance(name, str) or not key.strip() or not name.strip():
        raise refuse("submissionKey and fileName are required")
    if len(key) > 200 or len(name) > 200:
        raise refuse("submissionKey and fileName must not be longer than 200 characters")
    return seal_field(msgspec.json.encode([token.id, key, name]).decode(), purpose=_ADDRESS)


def read_upload_address(sealed: str) -> tuple[int, str, str]:
    """Return the token, the submission key and the file's name of an address. Raises a Refusal."""
    token_id, key, name = msgspec.json.decode(unseal_field(sealed, purpose=_ADDRESS))
    return token_id, key, name


def get_token(session: Session, token_id: int) -> AccessToken:
    """Return the token that an address was made for. Raises NotFound once it is not valid."""
    token = session.get(AccessToken, token_id)
    if token is None or token.expires_at <= now():
        raise NotFound("The token of this address is no longer valid.")
    return token


def receive_file(session: Session, token: AccessToken, key: str, name: str, data: bytes) -> None:
    """Store a file for a submission to come. A file of the same name replaces it. Raises FileRefused."""
    if not data:
        raise Refusal("The file is empty.")
    row = files.receive(session, data=data, name=name)
    session.flush()
    values = {"key": _hash(token, key, name), "file_id": row.id}
    session.execute(insert(KeyedUpload).on_conflict_do_update(index_elements=["key"], set_={"file_id": row.id}), values)


def _hash(token: AccessToken, key: str, name: str) -> bytes:
    return hash_token(f"v4-upload:{token.id}:{key}:{name}")
