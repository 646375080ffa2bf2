"""Check of one file: virus scanner, then a parser in a child process that makes the cleaned copy.

No database connection is held in the meantime: a lease marks the file as taken. A repeated check writes the same
result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core import sandbox
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.web.requests import settings
from consult.files import clamd, store
from consult.files.cleaning import answer
from consult.files.cleaning.answer import CleanedFile
from consult.files.kinds import KINDS
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS, REMOVED

_LEASE = timedelta(minutes=4)
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 3600
_PATIENT_ATTEMPTS = 5
"""After this many attempts a file is shown as held. It is retried once an hour."""
CLEANERS = {
    **dict.fromkeys(("pdf",), "consult.files.cleaning.pdf:clean"),
    **dict.fromkeys(("docx", "xlsx", "odt"), "consult.files.cleaning.office:clean"),
    **dict.fromkeys(("csv", "txt"), "consult.files.cleaning.plain:clean"),
    **dict.fromkeys(("jpeg", "png", "webp", "gif"), "consult.files.cleaning.pictures:clean"),
}
"""Cleaners by name, because only the child process loads them with their libraries."""
_MOST_MEMORY, _MOST_SECONDS = 512, 25


@dataclass(frozen=True)
class _ClaimedFile:
    """The values of a row that a check needs without a database connection."""

    id: int
    kind: str
    salt: bytes
    original: str
    copy: str
    pages: tuple[str, ...]
    nameless: bool


def check_file(file_id: int) -> bool:
    """Check a waiting file unless another worker does, and return True if it was checked."""
    with transaction() as session:
        claimed = _claim(session, file_id)
    if claimed is None:
        return False
    try:
        cleaned = _looked_at(claimed)
        _store_copies(claimed, cleaned)
    except (clamd.ScannerAway, store.StoreAway) as away:
        log.warning("files.not_checked", cause=type(away).__name__)
        with transaction() as session:
            _postpone(session, claimed.id)
        return False
    with transaction() as session:
        kept = _save_result(session, claimed.id, cleaned)
    if not kept:
        store.delete([claimed.original, claimed.copy, *claimed.pages])
    elif claimed.nameless:
        _forget_original(claimed)
    return True


def _forget_original(claimed: _ClaimedFile) -> None:
    """Delete the upload, which may identify its author. If the store is down, erasing the file deletes it."""
    try:
        store.delete([claimed.original])
    except store.StoreAway:
        log.warning("files.original_kept", file=claimed.id)


def _claim(session: Session, file_id: int) -> _ClaimedFile | None:
    row = session.scalar(
        select(StoredFile)
        .where(StoredFile.id == file_id, StoredFile.due_at <= now(), StoredFile.salt.is_not(None))
        .with_for_update(skip_locked=True)
    )
    if row is None or row.salt is None:
        return None
    row.due_at, row.attempts = now() + _LEASE, row.attempts + 1
    pages = tuple(row.page(number) for number in range(1, answer.MAX_PAGE_IMAGES + 1))
    return _ClaimedFile(row.id, row.kind, row.salt, row.original, row.copy, pages, row.nameless)


def _looked_at(claimed: _ClaimedFile) -> CleanedFile:
    """Return the result of scanner and parser. Raises ScannerAway and StoreAway."""
    try:
        data = store.get(claimed.original, claimed.salt)
    except store.NotInStore:
        return CleanedFile(refused="broken")
    if (scanner := settings().clamd_url) and clamd.is_infected(scanner, data):
        return CleanedFile(refused="virus")
    return clean_file(data, claimed.kind)


def clean_file(data: bytes, kind: str) -> CleanedFile:
    """Return the result of the parser, even if the file makes it crash."""
    try:
        cleaned = answer.unpack(sandbox.run(CLEANERS[kind], data, kind, memory=_MOST_MEMORY, seconds=_MOST_SECONDS))
    except sandbox.ParserOutOfMemory:
        return CleanedFile(refused="heavy")
    except sandbox.ParserOutOfTime:
        return CleanedFile(refused="slow")
    except (sandbox.ParserFailed, ValueError, KeyError, TypeError, IndexError):
        return CleanedFile(refused="broken")
    if cleaned.refused:
        return CleanedFile(refused=cleaned.refused if cleaned.refused in REASONS else "broken")
    return cleaned if cleaned.kind in KINDS and cleaned.copy else CleanedFile(refused="broken")


def _store_copies(claimed: _ClaimedFile, cleaned: CleanedFile) -> None:
    if cleaned.refused:
        return
    store.put(claimed.copy, cleaned.copy, claimed.salt)
    for path, image in zip(claimed.pages, cleaned.pages, strict=False):
        store.put(path, image, claimed.salt)


def _save_result(session: Session, file_id: int, cleaned: CleanedFile) -> bool:
    """Store the result. Return False if the file was erased in the meantime."""
    row = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if row is None or row.salt is None:
        return False
    row.due_at, row.checked_at = None, now()
    if cleaned.refused:
        row.state, row.reason = State.REFUSED, cleaned.refused
        return True
    row.state, row.reason, row.text, row.outline = State.CLEAN, None, cleaned.text, list(cleaned.outline)
    row.clean_kind, row.clean_size, row.pages = cleaned.kind, len(cleaned.copy), len(cleaned.pages)
    row.page_starts = list(cleaned.page_starts) or None
    row.removed = sorted(cleaned.removed & REMOVED.keys())
    return True


def _postpone(session: Session, file_id: int) -> None:
    row = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if row is None or row.salt is None:
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**row.attempts)
    row.due_at = now() + timedelta(seconds=pause)
    if row.attempts >= _PATIENT_ATTEMPTS:
        row.state, row.reason = State.HELD, "unchecked"
