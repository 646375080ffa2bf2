"""Evidence items of a draft: plain values and their JSON."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from consult.submissions.model import EvidenceKind

MAX_ITEMS = 20
"""The most files and references in one submission."""


@dataclass(frozen=True)
class EvidenceItem:
    """A file or a reference with what its author says of it. `key` names it in addresses within its draft."""

    file_id: int | None = None
    name: str = ""  # of the file, as it was chosen
    scheme: str = ""
    reference: str = ""
    kind: EvidenceKind | None = None
    description: str = ""
    language: str = ""
    year: int | None = None
    place: str = ""
    method: str = ""
    consent: bool = False
    private: bool = False  # for moderators only
    key: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def described(self) -> bool:
        """Whether it says what it is and that it may be published, which it must before it is sent."""
        return bool(self.kind and self.description and (self.consent or self.file_id is None))


def to_record(items: Iterable[EvidenceItem]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]


def from_record(record: Iterable[dict[str, Any]]) -> tuple[EvidenceItem, ...]:
    """
    >>> item = EvidenceItem(scheme="isbn", reference="9789211483524", kind=EvidenceKind.STUDY)
    >>> from_record(to_record([item])) == (item,)
    True
    """
    return tuple(EvidenceItem(**{**row, "kind": EvidenceKind(row["kind"]) if row["kind"] else None}) for row in record)


def replace_item(items: Sequence[EvidenceItem], key: str, item: EvidenceItem | None) -> tuple[EvidenceItem, ...]:
    """The items with the one of this key replaced, or (None) taken out."""
    swapped = (item if row.key == key else row for row in items)
    return tuple(row for row in swapped if row is not None)
