"""A document's verbs: begin it, give its unpublished version a text, publish that version for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.documents.model import Document, Provision, Version
from consult.documents.outline import Outline, Piece, Problem, outline
from consult.ledger import service as ledger
from consult.ledger.model import Kind

_NEW_IDS = text("SELECT nextval(pg_get_serial_sequence('provision', 'id')) FROM generate_series(1, :n)")


class VersionFrozen(Conflict):
    """The version is published: its words do not change any more."""


class DraftRefused(Refusal):
    """The text cannot be split into provisions as it is; `problems` says where and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(_("Line %(line)s: %(said)s", line=first.line, said=first.message), field="text")
        self.problems = problems


def create(session: Session, *, title: str, language: str, at: datetime | None = None) -> Version:
    """The first version, without any text, of a new document."""
    moment = at or now()
    document = Document(title=title, language=language, created_at=moment)
    session.add(document)
    session.flush()
    version = Version(document_id=document.id, number=1, source="", created_at=moment, published_at=None)
    session.add(version)
    session.flush()
    return version


def rename(session: Session, *, document_id: int, title: str, language: str) -> None:
    """Gives a document its title and the language that it is written in."""
    document = session.get_one(Document, document_id)
    document.title, document.language = title, language


def replace_text(session: Session, *, version_id: int, text: str) -> Outline:
    """Gives an unpublished version its text, split into provisions; says how it was split.

    A provision's permanent id is the id it has in the first version that is published.
    Raises VersionFrozen, and DraftRefused where something in the text must be mended first: then nothing changes.
    """
    version = _unpublished(session, version_id)
    split = outline(text, language=session.get_one(Document, version.document_id).language)
    if split.problems:
        raise DraftRefused(split.problems)
    session.execute(delete(Provision).where(Provision.version_id == version.id))
    session.execute(insert(Provision), _rows(session, version.id, split.pieces))
    version.source = text
    return split


def publish(
    session: Session, *, version_id: int, consultation_id: int | None, actor: str | None, at: datetime | None = None
) -> Version:
    """The version, frozen from now on, with its entry in the ledger: the text's SHA-256, so that anyone can compare."""
    version = _unpublished(session, version_id)
    provisions = session.scalars(select(Provision.id).where(Provision.version_id == version.id)).all()
    if not provisions:
        raise Refusal(_("Give the draft its text first."), field="text")
    version.published_at = at or now()
    ledger.record(
        session, Kind.DRAFT_PUBLISHED, subject_id=version.id, consultation_id=consultation_id, actor=actor,
        commitment=sha256(version.source.encode()).digest(), at=version.published_at,
        detail={"version": version.number, "provisions": len(provisions)},
    )  # fmt: skip
    return version


def _unpublished(session: Session, version_id: int) -> Version:
    version = session.scalar(select(Version).where(Version.id == version_id).with_for_update())
    if version is None:
        raise NotFound(_("There is no such version of a draft."))
    if version.published_at is not None:
        raise VersionFrozen(_("This version is published, so its text cannot change any more."))
    return version


def _rows(session: Session, version_id: int, pieces: Sequence[Piece]) -> list[dict[str, object]]:
    ids = session.scalars(_NEW_IDS, {"n": len(pieces)}).all()
    return [
        {
            "id": ids[piece.position], "version_id": version_id, "wid": piece.eid, "eid": piece.eid,
            "parent_id": None if piece.parent is None else ids[piece.parent], "chapter": piece.chapter,
            "kind": piece.kind, "number": piece.number, "heading": piece.heading, "text": piece.text,
            "position": piece.position, "depth": piece.depth,
        }
        for piece in pieces
    ]  # fmt: skip
