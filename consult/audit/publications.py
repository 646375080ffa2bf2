"""Answers, versions of drafts and digests against the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import Result, check_each, list_next_ids
from consult.digests.content.body_json import canonical_json
from consult.digests.model import Digest
from consult.documents.model import Document, Version
from consult.documents.provisions_hash import hash_provisions
from consult.ledger.kinds import RESPONSE_KINDS
from consult.ledger.model import Kind, LedgerEntry
from consult.responses.model import Response, ResponseFormer
from consult.responses.service import compute_commitment

STEP = 50
"""The number of rows read at a time."""


def check_answers(session: Session, *, after: int) -> Result:
    """Check answers by argument: the current one and every replaced one."""
    ids = list_next_ids(session, Response.argument_id, RESPONSE_KINDS, after=after, most=STEP)
    return check_each(session, ids, _check_answers, about="Answer to argument {}"), _last(ids)


def _check_answers(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    doubtful = [one for one, found in _answers(session, ids, lock=False) if found]
    yield from (found for _one, found in _answers(session, doubtful, lock=True) if found)


def _answers(session: Session, ids: Collection[int], *, lock: bool) -> Iterator[tuple[int, Finding | None]]:
    asked = select(Response).where(Response.argument_id.in_(ids)).execution_options(populate_existing=True)
    present = {row.argument_id: row for row in session.scalars(asked.with_for_update(read=True) if lock else asked)}
    entries = _entries(session, RESPONSE_KINDS, ids)
    replaced: dict[int, list[ResponseFormer]] = {}
    formers = select(ResponseFormer).where(ResponseFormer.response_id.in_([row.id for row in present.values()]))
    for former in session.scalars(formers.order_by(ResponseFormer.id).execution_options(populate_existing=True)):
        replaced.setdefault(former.response_id, []).append(former)
    for number in ids:
        row = present.get(number)
        versions: list[Response | ResponseFormer] = [*replaced.get(row.id, ()), row] if row else []
        yield number, _compare_answers(number, versions, entries.get(number, ()))


def _compare_answers(
    argument_id: int, versions: Sequence[Response | ResponseFormer], entries: Sequence[LedgerEntry]
) -> Finding | None:
    about = f"Answer to argument {argument_id}"
    for version, entry in zip(versions, entries, strict=False):
        if compute_commitment(version) != entry.commitment or version.said_at != entry.at:
            return Finding("answer", about, argument_id, {"entry": entry.number})
    if len(versions) != len(entries):
        return Finding("answer_count", about, argument_id, {"stored": len(versions), "ledger": len(entries)})
    return None


def check_drafts(session: Session, *, after: int) -> Result:
    """Check published versions: the Markdown and the provisions shown."""
    ids = list_next_ids(session, Version.id, [Kind.DRAFT_PUBLISHED], after=after, most=STEP)
    return check_each(session, ids, _check_drafts, about="Version {} of a draft"), _last(ids)


def _check_drafts(session: Session, ids: Sequence[int]) -> Sequence[Finding]:
    """Check suspicious rows a second time, since one may have been published between the queries."""
    doubtful = [found.place for found in _drafts(session, ids)]
    return _drafts(session, doubtful)


def _drafts(session: Session, ids: Collection[int]) -> list[Finding]:
    wanted = select(Version.id, Version.number, Version.published_at, Document.title).join(Document)
    there = {row.id: row for row in session.execute(wanted.where(Version.id.in_(ids)))}
    entries = _entries(session, [Kind.DRAFT_PUBLISHED], ids)
    found = (_compare_draft(session, id_, there.get(id_), entries.get(id_, ())) for id_ in ids)
    return [one for one in found if one]


def _compare_draft(session: Session, one: int, row: Any, entries: Sequence[LedgerEntry]) -> Finding | None:
    about = f"“{row.title}”, version {row.number}" if row else f"Version {one} of a draft"
    if row is None or (row.published_at is None and entries):
        return Finding("draft_no_row", about, one, {"entry": entries[0].number if entries else None})
    if row.published_at is None:
        return None
    if not entries:
        return Finding("draft_no_entry", about, one)
    entry = entries[0]
    source = session.execute(select(Version.source).where(Version.id == one)).scalar_one()
    provisions = entry.detail.get("provisions_sha256")
    fits = sha256(source.encode()).digest() == entry.commitment
    if fits and provisions in (None, hash_provisions(session, one)):
        return None
    return Finding("draft", about, one, {"entry": entry.number})


def check_digests(session: Session, *, after: int) -> Result:
    """Check digests by the bytes of their bodies."""
    ids = list_next_ids(session, Digest.id, [Kind.DIGEST_COMPILED], after=after, most=STEP)
    return check_each(session, ids, _check_digests, about="Digest {}"), _last(ids)


def _check_digests(session: Session, ids: Sequence[int]) -> Sequence[Finding]:
    """Check suspicious rows a second time, since one may have been published between the queries."""
    doubtful = [found.place for found in _digests(session, ids)]
    return _digests(session, doubtful)


def _digests(session: Session, ids: Collection[int]) -> list[Finding]:
    wanted = select(Digest.id, Digest.empty, type_coerce(Digest.body, JSONB).label("body")).where(Digest.id.in_(ids))
    there = {row.id: row for row in session.execute(wanted)}
    entries = _entries(session, [Kind.DIGEST_COMPILED], ids)
    found = (_compare_digest(id_, there.get(id_), entries.get(id_, ())) for id_ in ids)
    return [one for one in found if one]


def _compare_digest(one: int, row: Any, entries: Sequence[LedgerEntry]) -> Finding | None:
    about, entry = f"Digest {one}", entries[0] if entries else None
    number = entry.number if entry else None
    if row is None:
        return Finding("digest_no_row", about, one, {"entry": number})
    if row.empty and entry is None and not row.body:
        return None
    if entry is None:
        return Finding("digest_no_entry", about, one)
    if row.empty or sha256(canonical_json(row.body)).digest() != entry.commitment:
        return Finding("digest", about, one, {"entry": number})
    return None


def _entries(session: Session, kinds: Collection[Kind], ids: Collection[int]) -> dict[int, list[LedgerEntry]]:
    wanted = select(LedgerEntry).where(LedgerEntry.subject_id.in_(ids), LedgerEntry.kind.in_(kinds))
    entries: dict[int, list[LedgerEntry]] = {}
    for entry in session.scalars(wanted.order_by(LedgerEntry.id).execution_options(populate_existing=True)):
        entries.setdefault(entry.subject_id, []).append(entry)
    return entries


def _last(ids: Sequence[int]) -> int | None:
    return ids[-1] if len(ids) == STEP else None
