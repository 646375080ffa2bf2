"""Queries for documents, each with one indexed statement. Public pages use `consult/submissions`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.documents import keys
from consult.documents.model import Provision, ProvisionKind, ProvisionLink, Version
from consult.documents.outline.tree import Piece
from consult.documents.versions import provision_map
from consult.documents.versions.provision_map import Links, Passage, ProvisionMapLine


def get_latest(session: Session, document_id: int) -> Version | None:
    """Return the newest version of a document, published or not, or None."""
    newest = select(Version).where(Version.document_id == document_id).order_by(Version.number.desc()).limit(1)
    return session.scalar(newest)


def get_former(session: Session, version: Version) -> Version | None:
    """Return the previous version, or None for the first."""
    wanted = select(Version).where(Version.document_id == version.document_id, Version.number < version.number)
    return session.scalar(wanted.order_by(Version.number.desc()).limit(1))


def list_provisions(session: Session, version_id: int) -> Sequence[Provision]:
    """Return all provisions of a version in order."""
    return session.scalars(
        select(Provision).where(Provision.version_id == version_id).order_by(Provision.position)
    ).all()


def ids_by_number(session: Session, version_id: int) -> dict[str, int]:
    """Return the ID of each heading and paragraph by its number."""
    rows = session.execute(
        select(Provision.number, Provision.id).where(
            Provision.version_id == version_id, Provision.number != "", Provision.kind != ProvisionKind.POINT
        )
    )
    return {row.number: row.id for row in rows}


def list_published_versions(session: Session, document_id: int) -> Sequence[Version]:
    """Return the published versions of a document, oldest first."""
    published = select(Version).where(Version.document_id == document_id, Version.published_at.is_not(None))
    return session.scalars(published.order_by(Version.number)).all()


def get_map(session: Session, version_id: int) -> list[ProvisionMapLine]:
    """Return the stored map from the previous version in order. Empty for a first version."""
    groups: dict[int, list[ProvisionLink]] = defaultdict(list)
    for row in _list_links(session, [version_id]):
        groups[row.line].append(row)
    return [
        ProvisionMapLine(
            rows[0].change,
            tuple(dict.fromkeys(row.before_id for row in rows if row.before_id is not None)),
            tuple(dict.fromkeys(row.after_id for row in rows if row.after_id is not None)),
            rows[0].edited,
            min(row.score for row in rows),
        )
        for rows in groups.values()
    ]


def get_links(session: Session, version_ids: Iterable[int]) -> list[Links]:
    """Return the links to previous provisions for each version, in the given order."""
    wanted = list(version_ids)
    links = {version_id: Links() for version_id in wanted}
    for row in _list_links(session, wanted):
        if row.before_id is not None and row.after_id is not None:
            links[row.version_id].add(row.before_id, row.after_id, row.score)
    return [links[version_id] for version_id in wanted]


def get_map_between(
    session: Session, older: Version, newer: Version, sides: Sequence[Sequence[Provision]] | None = None
) -> list[ProvisionMapLine]:
    """Return the map from a published version of a document to a later one, through all versions in between.

    `sides` are the provisions of both, if they are loaded already.
    """
    steps = [
        row.id
        for row in list_published_versions(session, older.document_id)
        if older.number < row.number <= newer.number
    ]
    joined = provision_map.chain_links(get_links(session, steps))
    before, after = sides or [list_provisions(session, row.id) for row in (older, newer)]
    return provision_map.build_lines(to_passages(before), to_passages(after), joined)


def to_pieces(rows: Sequence[Provision]) -> list[Piece]:
    """Return stored provisions as pieces, from which every export is written."""
    places = {row.id: row.position for row in rows}
    made = [
        Piece(
            row.kind,
            row.number,
            row.heading,
            row.text,
            0,
            None if row.parent_id is None else places[row.parent_id],
            row.eid,
            row.chapter,
            row.wid,
            row.position,
            row.depth,
            dict(row.notes),
        )
        for row in rows
    ]
    for piece in made:
        if piece.kind is ProvisionKind.POINT and piece.parent is not None:
            made[piece.parent].points.append(piece)
    return made


def spoken_labels(rows: Sequence[Provision]) -> dict[int, str]:
    """Return the label of each provision of a version: `2.1(a)`, else its eid.

    The provisions must be complete and in order.
    """
    named = keys.number_labels(rows)
    return {row.id: named[row.id] or row.eid for row in rows}


def to_passages(rows: Iterable[Provision]) -> list[Passage]:
    """Return provisions as passages for the map."""
    return [Passage(row.id, row.parent_id, row.kind, row.number, row.words) for row in rows]


def _list_links(session: Session, version_ids: Sequence[int]) -> Sequence[ProvisionLink]:
    wanted = select(ProvisionLink).where(ProvisionLink.version_id.in_(version_ids))
    return session.scalars(wanted.order_by(ProvisionLink.version_id, ProvisionLink.line, ProvisionLink.id)).all()
