"""Names of provisions: spoken, in URLs and on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from consult.documents.model import ProvisionKind

_SPEAKABLE = re.compile(r"[\w.()-]{1,40}")


class NumberedProvision(Protocol):
    """A provision as it is stored."""

    @property
    def id(self) -> int: ...

    @property
    def eid(self) -> str: ...

    @property
    def parent_id(self) -> int | None: ...

    @property
    def kind(self) -> ProvisionKind: ...

    @property
    def number(self) -> str: ...


def number_labels(rows: Sequence[NumberedProvision]) -> dict[int, str]:
    """Spoken numbers of a version's provisions, in order: "2.1", "1.4(a)"; empty where there is no number."""
    found: dict[int, str] = {}
    for row in rows:
        outer = found.get(row.parent_id or 0, "")
        found[row.id] = outer + row.number if row.kind is ProvisionKind.POINT else row.number
    return found


def address_keys(rows: Sequence[NumberedProvision], called: Mapping[int, str]) -> dict[int, str]:
    """Labels as keys, but for those that would not do in an address, or that two provisions share."""
    used = {row.eid for row in rows}
    found: dict[int, str] = {}
    for row in rows:
        label = called[row.id]
        point_without_number = row.kind is ProvisionKind.POINT and not row.number
        fits = bool(_SPEAKABLE.fullmatch(label)) and label not in used and not point_without_number
        found[row.id] = label if fits else row.eid
        used.add(found[row.id])
    return found
