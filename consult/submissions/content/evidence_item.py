"""Evidence items of a draft as plain values, and their JSON."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from consult.submissions.model import EvidenceKind

MAX_ITEMS = 20
"""Maximum number of files and references in a submission."""


@dataclass(frozen=True)
class EvidenceItem:
    """A file or a reference with the author's description. `key` identifies it in URLs within its draft."""

    file_id: int | None = None
    name: str = ""  # original name of the file
    scheme: str = ""
    reference: str = ""
    kind: EvidenceKind | None = None
    description: str = ""
    language: str = ""
    year: int | None = None
    place: str = ""
    method: str = ""
    consent: bool = False
    private: bool = False  # visible to moderators only
    key: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def described(self) -> bool:
        """Return whether it has a description and consent to publication, which are required for sending."""
        return bool(self.kind and self.description and (self.consent or self.file_id is None))

    @property
    def notes(self) -> dict[str, str]:
        """Return the author's own descriptions of it, by field name."""
        return {"description": self.description, "place": self.place, "method": self.method}


def to_record(items: Iterable[EvidenceItem]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]


def from_record(record: Iterable[dict[str, Any]]) -> tuple[EvidenceItem, ...]:
    """Return items from their stored form.

    >>> item = EvidenceItem(scheme="isbn", reference="9789211483524", kind=EvidenceKind.STUDY)
    >>> from_record(to_record([item])) == (item,)
    True
    """
    return tuple(EvidenceItem(**{**row, "kind": EvidenceKind(row["kind"]) if row["kind"] else None}) for row in record)


def replace_item(items: Sequence[EvidenceItem], key: str, item: EvidenceItem | None) -> tuple[EvidenceItem, ...]:
    """Return the items with the one of this key replaced or (None) removed."""
    swapped = (item if row.key == key else row for row in items)
    return tuple(row for row in swapped if row is not None)
