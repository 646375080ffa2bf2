"""Columns of stored files that upper packages may read."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.files.model import StoredFile


class ReadableStoredFile(Relation):
    """The result of a file's checks and its text. `text` may be shown if `state` is `clean`.

    `page_starts` has a position in it for each page of a PDF. The salt that decrypts its bytes, its keys in the store
    and its original name are not included.
    """

    selected = select(StoredFile.id, StoredFile.state, StoredFile.checked_at, StoredFile.text, StoredFile.page_starts)
