"""Services for documents: create, replace the text of an unpublished version, publish a version permanently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import String, cast, delete, insert, literal, select, text, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.documents import queries
from consult.documents.model import Document, Provision, ProvisionLink, Version
from consult.documents.outline.reader import Outline, Piece, Problem, parse_outline
from consult.documents.provisions_hash import hash_provisions
from consult.documents.versions import provision_map, similarity
from consult.documents.versions.provision_map import Links, ProvisionMapLine
from consult.ledger import service as ledger
from consult.ledger.model import Kind

_NEW_IDS = text("SELECT nextval(pg_get_serial_sequence('provision', 'id')) FROM generate_series(1, :n)")
_ASIDE = literal("~") + cast(Provision.id, String)
"""A temporary permanent ID while IDs are exchanged, because the database checks uniqueness row by row."""


class VersionFrozen(Conflict):
    """The version is published, so its text cannot change."""


class DraftRefused(Refusal):
    """The text cannot be split into provisions. `problems` contains lines and advice."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(_("Line %(line)s: %(problem)s", line=first.line, problem=first.message), field="text")
        self.problems = problems


def create(session: Session, *, title: str, language: str, at: datetime | None = None) -> Version:
    """Create a document with an empty first version."""
    moment = at or now()
    document = Document(title=title, language=language, created_at=moment)
    session.add(document)
    session.flush()
    version = Version(document_id=document.id, number=1, source="", created_at=moment, published_at=None)
    session.add(version)
    session.flush()
    return version


def rename(session: Session, *, document_id: int, title: str, language: str) -> None:
    """Set the title and language of a document."""
    document = session.get_one(Document, document_id)
    document.title, document.language = title, language


def replace_text(session: Session, *, version_id: int, text: str, split: Outline | None = None) -> Outline:
    """Replace the text of an unpublished version and return its outline.

    `split` is the outline if the text is parsed already. A provision's permanent ID is its ID in the first published
    version. Raises VersionFrozen, and DraftRefused, without changes, if the text has errors.
    """
    version = _lock_unpublished(session, version_id)
    split = split or parse_outline(text, language=session.get_one(Document, version.document_id).language)
    if split.problems:
        raise DraftRefused(split.problems)
    session.execute(delete(Provision).where(Provision.version_id == version.id))
    session.execute(insert(Provision), _to_rows(session, version.id, split.pieces))
    version.source = text
    if (former := queries.get_former(session, version)) is not None:
        old, new = (queries.to_passages(queries.list_provisions(session, row.id)) for row in (former, version))
        links = similarity.find_links(old, new)
        _store_map(session, version, provision_map.build_lines(old, new, links), links)
    return split


def begin_next(
    session: Session, *, document_id: int, text: str, split: Outline | None = None, at: datetime | None = None
) -> Outline:
    """Set the text of the next version and its map from the last published one. Only the owner sees it.

    The next version is created if there is none yet. Raises DraftRefused if the text has errors.
    """
    last = _lock_latest(session, document_id)
    if last.published_at is not None:
        last = Version(document_id=document_id, number=last.number + 1, source="", created_at=at or now())
        session.add(last)
        session.flush()
    return replace_text(session, version_id=last.id, text=text, split=split)


def discard_next(session: Session, *, document_id: int) -> None:
    """Delete the version that is being prepared, if there is one."""
    last = _lock_latest(session, document_id)
    if last.published_at is None and last.number > 1:
        session.delete(last)
        session.flush()


def correct_map(session: Session, *, version_id: int, after_id: int, before_ids: Iterable[int]) -> None:
    """Set the origin of a provision of an unpublished version. Empty `before_ids` means that it is new.

    Raises TangledLinks if several would become several, and NotFound if a provision is in neither version.
    """
    version = _lock_unpublished(session, version_id)
    former = queries.get_former(session, version)
    if former is None:
        raise NotFound(_("We cannot find this version of the draft."))
    old, new = (queries.to_passages(queries.list_provisions(session, row.id)) for row in (former, version))
    wanted = set(before_ids)
    if after_id not in {passage.id for passage in new} or wanted - {passage.id for passage in old}:
        raise NotFound(_("This provision is no longer in the draft."))
    [links] = queries.get_links(session, [version.id])
    links = provision_map.relink(links, after=after_id, before=sorted(wanted))
    _store_map(session, version, provision_map.build_lines(old, new, links), links)


def publish(
    session: Session, *, version_id: int, consultation_id: int | None, actor: str | None, at: datetime | None = None
) -> Version:
    """Publish and freeze a version. The ledger entry contains the SHA-256 of its text and provisions.

    Raises a Refusal.
    """
    version = _lock_unpublished(session, version_id)
    provisions = session.scalars(select(Provision.id).where(Provision.version_id == version.id)).all()
    if not provisions:
        raise Refusal(_("Add the text of the draft first."), field="text")
    _carry_ids(session, version)
    version.published_at = at or now()
    ledger.record(
        session,
        Kind.DRAFT_PUBLISHED,
        subject_id=version.id,
        consultation_id=consultation_id,
        actor=actor,
        commitment=sha256(version.source.encode()).digest(),
        at=version.published_at,
        detail={
            "version": version.number,
            "provisions": len(provisions),
            "provisions_sha256": hash_provisions(session, version.id),
        },
    )
    return version


def _lock_latest(session: Session, document_id: int) -> Version:
    """Return the newest version, locked until the transaction ends. Raises NotFound."""
    session.execute(select(Document.id).where(Document.id == document_id).with_for_update())
    latest = queries.get_latest(session, document_id)
    if latest is None:
        raise NotFound(_("We cannot find this version of the draft."))
    return latest


def _store_map(session: Session, version: Version, lines: Sequence[ProvisionMapLine], links: Links) -> None:
    """Replace the stored map."""
    session.execute(delete(ProvisionLink).where(ProvisionLink.version_id == version.id))
    rows = [
        {
            "version_id": version.id,
            "line": number,
            "change": line.change,
            "edited": line.edited,
            "before_id": before,
            "after_id": after,
            "score": 0.0 if before is None or after is None else links.score(before, after),
        }
        for number, line in enumerate(lines)
        for before in line.before or (None,)
        for after in line.after or (None,)
    ]
    if rows:
        session.execute(insert(ProvisionLink), rows)


def _carry_ids(session: Session, version: Version) -> None:
    """Give each provision the permanent ID of its origin. A first version keeps its own IDs."""
    former = queries.get_former(session, version)
    if former is None:
        return
    rows = queries.list_provisions(session, version.id)
    [links] = queries.get_links(session, [version.id])
    used = select(Provision.wid).join(Version, Version.id == Provision.version_id)
    used = used.where(Version.document_id == version.document_id, Version.id != version.id)
    given = provision_map.carry_ids(
        queries.get_map(session, version.id),
        links,
        version=version.number,
        taken=set(session.scalars(used)),
        before={row.id: row.wid for row in queries.list_provisions(session, former.id)},
        after={row.id: row.eid for row in rows},
    )
    session.execute(update(Provision).where(Provision.version_id == version.id).values(wid=_ASIDE))
    session.execute(update(Provision), [{"id": identifier, "wid": wid} for identifier, wid in given.items()])


def _lock_unpublished(session: Session, version_id: int) -> Version:
    version = session.scalar(select(Version).where(Version.id == version_id).with_for_update())
    if version is None:
        raise NotFound(_("We cannot find this version of the draft."))
    if version.published_at is not None:
        raise VersionFrozen(_("This version is published. Its text can no longer be changed."))
    return version


def _to_rows(session: Session, version_id: int, pieces: Sequence[Piece]) -> list[dict[str, object]]:
    ids = session.scalars(_NEW_IDS, {"n": len(pieces)}).all()
    return [
        {
            "id": ids[piece.position],
            "version_id": version_id,
            "wid": piece.eid,
            "eid": piece.eid,
            "parent_id": None if piece.parent is None else ids[piece.parent],
            "chapter": piece.chapter,
            "kind": piece.kind,
            "number": piece.number,
            "heading": piece.heading,
            "text": piece.text,
            "position": piece.position,
            "depth": piece.depth,
            "notes": piece.notes,
        }
        for piece in pieces
    ]
