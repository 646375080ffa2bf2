"""Relations that upper packages may read of stored files."""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.files.model import StoredFile


class ReadableStoredFile(Relation):
    """How the checks of a file ended, and the words in it. `text` may be shown where `state` is `clean`.

    Neither the salt that opens its bytes, nor where they lie, nor the name that its sender gave it.
    """

    selected = select(StoredFile.id, StoredFile.state, StoredFile.checked_at, StoredFile.text)
