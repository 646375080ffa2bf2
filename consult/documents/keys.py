"""Names of provisions: as people refer to them, in URLs and on paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from consult.core.text import excerpt
from consult.documents.model import ProvisionKind
from consult.documents.outline.tree import BULLET, HEADING_KINDS

_SPEAKABLE = re.compile(r"[\w.()-]{1,40}")
_LONGEST = 40


class NumberedProvision(Protocol):
    """A provision as stored."""

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

    @property
    def heading(self) -> str: ...


def number_labels(rows: Sequence[NumberedProvision]) -> dict[int, str]:
    """Return the spoken names of provisions in order: `2.1`, `1.4(a)`, or `Article 5(2)` if others have a 2 too.

    Provisions without a number are counted: `Article 5 ¶1`. A heading without a number has no label; its words are
    used.
    """
    shared = Counter(row.number for row in rows if row.kind is not ProvisionKind.POINT)
    found: dict[int, str] = {}
    names: dict[int, str] = {}
    unnumbered: Counter[int] = Counter()
    for row in rows:
        outer = names.get(row.parent_id or 0, "")
        if row.kind in HEADING_KINDS:
            name = f"{outer}, {row.number}" if outer and row.number and shared[row.number] > 1 else row.number
        elif row.number in ("", BULLET):
            unnumbered[row.parent_id or 0] += 1
            name = f"{outer} ¶{unnumbered[row.parent_id or 0]}".strip()
        elif row.kind is ProvisionKind.POINT:
            name = outer + row.number
        elif shared[row.number] > 1 and outer and row.kind is not ProvisionKind.RECITAL:
            name = outer + (row.number if row.number.startswith("(") else f"({row.number})")
        else:
            name = row.number
        found[row.id] = name if row.number or row.kind not in HEADING_KINDS else ""
        names[row.id] = name or excerpt(row.heading, _LONGEST)
    return found


def address_keys(rows: Sequence[NumberedProvision], called: Mapping[int, str]) -> dict[int, str]:
    """Return the labels as keys. Labels unsuitable for URLs or shared by two provisions are replaced by the eid."""
    used = {row.eid for row in rows}
    keys: dict[int, str] = {}
    for row in rows:
        label = called[row.id]
        point_without_number = row.kind is ProvisionKind.POINT and not row.number
        fits = bool(_SPEAKABLE.fullmatch(label)) and label not in used and not point_without_number
        keys[row.id] = label if fits else row.eid
        used.add(keys[row.id])
    return keys
