"""Checks one file: virus scanner, then a parser in a child process, which gives the copy that people are shown.

The database is not held meanwhile: a lease says that somebody is at it. Repeated, it writes the same to the same place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core import child
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.web import settings
from consult.files import clamd, store
from consult.files.cleaning import answer, run
from consult.files.cleaning.answer import Cleaned
from consult.files.kinds import KINDS
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS, REMOVED

_LEASE = timedelta(minutes=4)
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 3600
_PATIENT_ATTEMPTS = 5
"""After so many tries a file that cannot be checked is shown as held; it is tried on, once an hour."""
_MOST_MEMORY, _MOST_SECONDS = 512, 25


@dataclass(frozen=True)
class _Claimed:
    """What is needed of a row while the database is let go."""

    id: int
    kind: str
    salt: bytes
    original: str
    copy: str
    pages: tuple[str, ...]
    nameless: bool


def check(file_id: int) -> bool:
    """Looks at a file if it waits for that and nobody else is at it; says whether it did."""
    with transaction() as session:
        claimed = _claim(session, file_id)
    if claimed is None:
        return False
    try:
        found = _looked_at(claimed)
        _keep(claimed, found)
    except (clamd.ScannerAway, store.StoreAway) as away:
        log.warning("files.not_checked", cause=type(away).__name__)
        with transaction() as session:
            _put_off(session, claimed.id)
        return False
    with transaction() as session:
        kept = _settle(session, claimed.id, found)
    if not kept:
        store.delete([claimed.original, claimed.copy, *claimed.pages])
    elif claimed.nameless:
        _forget_original(claimed)
    return True


def _forget_original(claimed: _Claimed) -> None:
    """What was sent may tell who sent it, so it goes; where the store is away it goes when the file is erased."""
    try:
        store.delete([claimed.original])
    except store.StoreAway:
        log.warning("files.original_kept", file=claimed.id)


def _claim(session: Session, file_id: int) -> _Claimed | None:
    row = session.scalar(
        select(StoredFile)
        .where(StoredFile.id == file_id, StoredFile.due_at <= now(), StoredFile.salt.is_not(None))
        .with_for_update(skip_locked=True)
    )
    if row is None or row.salt is None:
        return None
    row.due_at, row.attempts = now() + _LEASE, row.attempts + 1
    pages = tuple(row.page(number) for number in range(1, answer.PAGES + 1))
    return _Claimed(row.id, row.kind, row.salt, row.original, row.copy, pages, row.nameless)


def _looked_at(claimed: _Claimed) -> Cleaned:
    """What the scanner and the parser say. Raises ScannerAway and StoreAway."""
    try:
        data = store.get(claimed.original, claimed.salt)
    except store.Missing:
        return Cleaned(refused="broken")
    if (scanner := settings().clamd_url) and clamd.infected(scanner, data):
        return Cleaned(refused="virus")
    return cleaned(data, claimed.kind)


def cleaned(data: bytes, kind: str) -> Cleaned:
    """What the parser gives, whatever the file does to it."""
    try:
        found = answer.unpack(child.run(run.clean, data, kind, memory=_MOST_MEMORY, seconds=_MOST_SECONDS))
    except child.TooHeavy:
        return Cleaned(refused="heavy")
    except child.TooSlow:
        return Cleaned(refused="slow")
    except (child.Broken, ValueError, KeyError, TypeError, IndexError):
        return Cleaned(refused="broken")
    if found.refused:
        return Cleaned(refused=found.refused if found.refused in REASONS else "broken")
    return found if found.kind in KINDS and found.copy else Cleaned(refused="broken")


def _keep(claimed: _Claimed, found: Cleaned) -> None:
    if found.refused:
        return
    store.put(claimed.copy, found.copy, claimed.salt)
    for path, image in zip(claimed.pages, found.pages, strict=False):
        store.put(path, image, claimed.salt)


def _settle(session: Session, file_id: int, found: Cleaned) -> bool:
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


def _put_off(session: Session, file_id: int) -> None:
    row = session.get(StoredFile, file_id, with_for_update=True, populate_existing=True)
    if row is None or row.salt is None:
        return
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**row.attempts)
    row.due_at = now() + timedelta(seconds=pause)
    if row.attempts >= _PATIENT_ATTEMPTS:
        row.state, row.reason = State.HELD, "unchecked"
