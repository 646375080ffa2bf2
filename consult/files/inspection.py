"""Checks one file: virus scanner, then a parser in a child process, which makes the copy that people are shown.

No database connection is held meanwhile: a lease marks the file as taken. A repeated check writes the same result.
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
"""After so many tries a file that cannot be checked is shown as held; it is tried on, once an hour."""
CLEANERS = {
    **dict.fromkeys(("pdf",), "consult.files.cleaning.pdf:clean"),
    **dict.fromkeys(("docx", "xlsx", "odt"), "consult.files.cleaning.office:clean"),
    **dict.fromkeys(("csv", "txt"), "consult.files.cleaning.plain:clean"),
    **dict.fromkeys(("jpeg", "png", "webp", "gif"), "consult.files.cleaning.pictures:clean"),
}
"""By name: only the child loads a cleaner, with the libraries that this kind of file needs."""
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
    """Checks a file that waits for it, if no other worker does; gives whether it did."""
    with transaction() as session:
        claimed = _claim(session, file_id)
    if claimed is None:
        return False
    try:
        found = _looked_at(claimed)
        _store_copies(claimed, found)
    except (clamd.ScannerAway, store.StoreAway) as away:
        log.warning("files.not_checked", cause=type(away).__name__)
        with transaction() as session:
            _postpone(session, claimed.id)
        return False
    with transaction() as session:
        kept = _save_result(session, claimed.id, found)
    if not kept:
        store.delete([claimed.original, claimed.copy, *claimed.pages])
    elif claimed.nameless:
        _forget_original(claimed)
    return True


def _forget_original(claimed: _ClaimedFile) -> None:
    """Deletes the upload, which may identify its sender; if the store is away, erasing the file deletes it."""
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
    """What the scanner and the parser say. Raises ScannerAway and StoreAway."""
    try:
        data = store.get(claimed.original, claimed.salt)
    except store.NotInStore:
        return CleanedFile(refused="broken")
    if (scanner := settings().clamd_url) and clamd.is_infected(scanner, data):
        return CleanedFile(refused="virus")
    return clean_file(data, claimed.kind)


def clean_file(data: bytes, kind: str) -> CleanedFile:
    """The result of the parser, whatever the file does to it."""
    try:
        found = answer.unpack(sandbox.run(CLEANERS[kind], data, kind, memory=_MOST_MEMORY, seconds=_MOST_SECONDS))
    except sandbox.ParserOutOfMemory:
        return CleanedFile(refused="heavy")
    except sandbox.ParserOutOfTime:
        return CleanedFile(refused="slow")
    except (sandbox.ParserFailed, ValueError, KeyError, TypeError, IndexError):
        return CleanedFile(refused="broken")
    if found.refused:
        return CleanedFile(refused=found.refused if found.refused in REASONS else "broken")
    return found if found.kind in KINDS and found.copy else CleanedFile(refused="broken")


def _store_copies(claimed: _ClaimedFile, found: CleanedFile) -> None:
    if found.refused:
        return
    store.put(claimed.copy, found.copy, claimed.salt)
    for path, image in zip(claimed.pages, found.pages, strict=False):
        store.put(path, image, claimed.salt)


def _save_result(session: Session, file_id: int, found: CleanedFile) -> bool:
    """Writes what was found; False where the file was erased meanwhile."""
    row = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if row is None or row.salt is None:
        return False
    row.due_at, row.checked_at = None, now()
    if found.refused:
        row.state, row.reason = State.REFUSED, found.refused
        return True
    row.state, row.reason, row.text = State.CLEAN, None, found.text
    row.clean_kind, row.clean_size, row.pages = found.kind, len(found.copy), len(found.pages)
    row.removed = sorted(found.removed & REMOVED.keys())
    return True


def _postpone(session: Session, file_id: int) -> None:
    row = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if row is None or row.salt is None:
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**row.attempts)
    row.due_at = now() + timedelta(seconds=pause)
    if row.attempts >= _PATIENT_ATTEMPTS:
        row.state, row.reason = State.HELD, "unchecked"
