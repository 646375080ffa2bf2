"""Consultations as dockets, and published versions of their drafts as documents, with the ids that clients expect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.api.v4.refusals import refuse
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.documents.model import Version

FIRST_COMMENT = 10_000
"""Added to the number of a submission, so that its id differs from those of documents."""
LIMIT_DOCUMENT = "FDA-2009-N-0501-0012"
"""A document of regulations.gov that clients read only for the headers of its answer."""
_NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_-]")
_DOCKET = re.compile(r"[A-Za-z][\w-]{0,40}-\d{4}-(\d{4,12})", re.ASCII)
_PART = re.compile(r"([A-Za-z][\w-]{0,40}-\d{4}-\d{4,12})-(\d{4,14})", re.ASCII)
_VERSION_PREFIX, _SUBMISSION_PREFIX, _CONSULTATION_PREFIX = "0900006", "0900008", "0b00006"
_OBJECT = re.compile(rf"{_VERSION_PREFIX}([0-9a-f]{{9}})")


def write_object_id(prefix: str, number: int) -> str:
    """Return the id that clients call objectId: sixteen hexadecimal digits, which contain a number."""
    return f"{prefix}{number:09x}"


@dataclass(frozen=True)
class Docket:
    """A published consultation."""

    row: Consultation
    body_code: str | None
    versions: Sequence[Version]

    @cached_property
    def agency(self) -> str:
        """Return the acronym of the body, else the consultation's code. It begins with a letter."""
        for code in (self.body_code or "", self.row.code):
            kept = _NOT_IN_CODES.sub("", code)[:20].strip("-")
            if kept[:1].isalpha():
                return kept
        return "C" + _NOT_IN_CODES.sub("", self.row.code)

    @cached_property
    def id(self) -> str:
        return f"{self.agency}-{self.row.created_at.year}-{self.row.id:04d}"

    @property
    def object_id(self) -> str:
        return write_object_id(_CONSULTATION_PREFIX, self.row.id)

    def modified_at(self, at: datetime) -> datetime:
        """Return when the consultation last opened or closed, or had a new version."""
        moments = [self.row.opens_at, self.row.closes_at, *(each.published_at for each in self.versions)]
        return max((each for each in moments if each is not None and each <= at), default=self.row.created_at)

    @cached_property
    def documents(self) -> Sequence[DraftDocument]:
        return [DraftDocument(self, version) for version in self.versions]

    @property
    def current(self) -> DraftDocument | None:
        """Return the document that people comment on."""
        return next((each for each in self.documents if each.version.id == self.row.version_id), None)

    def write_comment_id(self, submission_id: int) -> str:
        return f"{self.id}-{FIRST_COMMENT + submission_id}"


@dataclass(frozen=True)
class DraftDocument:
    """A published version of a draft."""

    docket: Docket
    version: Version

    @property
    def id(self) -> str:
        return f"{self.docket.id}-{self.version.number:04d}"

    @property
    def object_id(self) -> str:
        return write_object_id(_VERSION_PREFIX, self.version.id)

    @property
    def posted_at(self) -> datetime:
        return self.version.published_at or self.version.created_at

    @property
    def is_current(self) -> bool:
        return self.version.id == self.docket.row.version_id

    def is_open(self, at: datetime) -> bool:
        """Return whether comments on it are taken."""
        return self.is_current and self.docket.row.takes(at)

    def modified_at(self, at: datetime) -> datetime:
        return max(self.posted_at, self.docket.modified_at(at)) if self.is_current else self.posted_at


def load_dockets(session: Session) -> Mapping[int, Docket]:
    """Return all published consultations by number, in order."""
    rows = session.execute(
        select(Consultation, PublicBody.code)
        .outerjoin(PublicBody, PublicBody.id == Consultation.body_id)
        .where(Consultation.phase != Phase.DRAFT)
        .order_by(Consultation.id)
    ).all()
    versions: dict[int, list[Version]] = {}
    published = select(Version).where(
        Version.document_id.in_([row.document_id for row, _code in rows]), Version.published_at.is_not(None)
    )
    for version in session.scalars(published.order_by(Version.number)):
        versions.setdefault(version.document_id, []).append(version)
    return {row.id: Docket(row, code, versions.get(row.document_id, ())) for row, code in rows}


def get_docket(dockets: Mapping[int, Docket], docket_id: str) -> Docket:
    """Return the docket with this id. Raises ApiProblem for an id that cannot be one, and NotFound."""
    match = _DOCKET.fullmatch(docket_id)
    if match is None:
        raise refuse(f"Invalid ID: {docket_id[:80]}")
    docket = dockets.get(int(match[1]))
    if docket is None or docket.id.casefold() != docket_id.casefold():
        raise NotFound("The requested docket could not be found.")
    return docket


def get_document(dockets: Mapping[int, Docket], document_id: str) -> DraftDocument:
    """Return the document with this id. Raises ApiProblem for an id that cannot be one, and NotFound."""
    docket, number = _split(dockets, document_id, "document")
    for document in docket.documents:
        if document.version.number == number and document.id.casefold() == document_id.casefold():
            return document
    raise NotFound("The requested document could not be found.")


def find_submission_id(dockets: Mapping[int, Docket], comment_id: str) -> tuple[Docket, int]:
    """Return the docket of a comment and the number of its submission. Raises ApiProblem and NotFound."""
    docket, number = _split(dockets, comment_id, "comment")
    if number <= FIRST_COMMENT:
        raise NotFound("The requested comment could not be found.")
    return docket, number - FIRST_COMMENT


def _split(dockets: Mapping[int, Docket], given: str, what: str) -> tuple[Docket, int]:
    match = _PART.fullmatch(given)
    if match is None:
        raise refuse(f"Invalid ID: {given[:80]}")
    try:
        return get_docket(dockets, match[1]), int(match[2])
    except NotFound as error:
        raise NotFound(f"The requested {what} could not be found.") from error


def find_version_id(object_id: str) -> int | None:
    """Return the number of the version with this objectId, or None for other ids.

    >>> find_version_id("090000600000000a"), find_version_id("EPA-2026-0001-0001")
    (10, None)
    """
    match = _OBJECT.fullmatch(object_id.strip().lower())
    return int(match[1], 16) if match else None


def write_submission_object_id(submission_id: int) -> str:
    return write_object_id(_SUBMISSION_PREFIX, submission_id)


def is_within_period(document: DraftDocument) -> bool:
    """Return whether comments on a document are taken now."""
    return document.is_open(now())
