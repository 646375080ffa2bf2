"""Queries for stored files."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.files import store
from consult.files.model import State, StoredFile


def get_files(session: Session, file_ids: Collection[int]) -> Mapping[int, StoredFile]:
    """Return files by ID, without their text. Erased files are left out."""
    if not file_ids:
        return {}
    query = select(StoredFile).where(StoredFile.id.in_(file_ids), StoredFile.salt.is_not(None))
    return {row.id: row for row in session.scalars(query.options(defer(StoredFile.text)))}


def read_copy(row: StoredFile | None) -> bytes:
    """Return the cleaned copy of a file. Raises NotFound and StoreAway."""
    if row is None or row.salt is None or row.state is not State.CLEAN:
        raise NotFound(_("We cannot find this file."))
    return _read(row.copy, row.salt)


def read_page_image(session: Session, file_id: int, number: int) -> bytes:
    """Return the image of one of the first pages as WebP. Raises NotFound and StoreAway."""
    row = session.get(StoredFile, file_id, options=[defer(StoredFile.text)])
    if row is None or row.salt is None or row.state is not State.CLEAN or not 1 <= number <= row.pages:
        raise NotFound(_("We cannot find this file."))
    return _read(row.page(number), row.salt)


def _read(path: str, salt: bytes) -> bytes:
    try:
        return store.get(path, salt)
    except store.NotInStore as missing:
        raise NotFound(_("We cannot find this file.")) from missing
