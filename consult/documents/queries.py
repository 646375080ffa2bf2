"""Reading a document: each answer is one statement that an index serves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from consult.documents.model import Provision, ProvisionKind, Version

_POINT = re.compile(r"(.+?) ?((?:\([^()]+\))+)")


def version(session: Session, version_id: int) -> Version | None:
    return session.get(Version, version_id)


def latest(session: Session, document_id: int) -> Version | None:
    """The newest version of a document, published or not."""
    newest = select(Version).where(Version.document_id == document_id).order_by(Version.number.desc()).limit(1)
    return session.scalar(newest)


def chapters(session: Session, version_id: int) -> Sequence[Provision]:
    """The parts and chapters of a version in order; a chapter in a part has `depth` 1."""
    heads = (ProvisionKind.PART, ProvisionKind.CHAPTER)
    return session.scalars(
        select(Provision)
        .where(Provision.version_id == version_id, Provision.kind.in_(heads))
        .order_by(Provision.position)
    ).all()


def chapter(session: Session, version_id: int, eid: str) -> Sequence[Provision]:
    """A chapter and everything in it, in order; empty where there is no such chapter."""
    return session.scalars(
        select(Provision)
        .where(Provision.version_id == version_id, Provision.chapter == eid)
        .order_by(Provision.position)
    ).all()


def provisions(session: Session, version_id: int) -> Sequence[Provision]:
    """The whole version in order."""
    return session.scalars(
        select(Provision).where(Provision.version_id == version_id).order_by(Provision.position)
    ).all()


def by_number(session: Session, version_id: int, number: str) -> Provision | None:
    """The heading or paragraph of that number, or the point of that reference, such as `2.3(a)` or `2.3(a)(ii)`."""
    pointed = _POINT.fullmatch(number)
    if pointed is None:
        return session.scalar(
            select(Provision).where(
                Provision.version_id == version_id, Provision.number == number, Provision.kind != ProvisionKind.POINT
            )
        )
    outer = select(Provision.id).where(
        Provision.version_id == version_id, Provision.number == pointed[1], Provision.kind != ProvisionKind.POINT
    )
    *between, last = re.findall(r"\([^()]+\)", pointed[2])
    for label in between:
        level = aliased(Provision)
        outer = select(level.id).where(
            level.version_id == version_id, level.number == label, level.parent_id == outer.scalar_subquery()
        )
    return session.scalar(
        select(Provision).where(
            Provision.version_id == version_id, Provision.number == last, Provision.parent_id == outer.scalar_subquery()
        )
    )


def numbers(session: Session, version_id: int) -> dict[str, int]:
    """The id of each heading and paragraph by its number."""
    found = session.execute(
        select(Provision.number, Provision.id).where(
            Provision.version_id == version_id, Provision.number != "", Provision.kind != ProvisionKind.POINT
        )
    )
    return {row.number: row.id for row in found}
