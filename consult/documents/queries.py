"""Reading a document: each answer is one statement that an index serves. What readers see: consult/submissions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.documents.model import Provision, ProvisionKind, Version


def latest(session: Session, document_id: int) -> Version | None:
    """The newest version of a document, published or not."""
    newest = select(Version).where(Version.document_id == document_id).order_by(Version.number.desc()).limit(1)
    return session.scalar(newest)


def provisions(session: Session, version_id: int) -> Sequence[Provision]:
    """The whole version in order."""
    return session.scalars(
        select(Provision).where(Provision.version_id == version_id).order_by(Provision.position)
    ).all()


def numbers(session: Session, version_id: int) -> dict[str, int]:
    """The id of each heading and paragraph by its number."""
    found = session.execute(
        select(Provision.number, Provision.id).where(
            Provision.version_id == version_id, Provision.number != "", Provision.kind != ProvisionKind.POINT
        )
    )
    return {row.number: row.id for row in found}
