"""The block of a position paper that a comment was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class PaperPlace:
    """A block of a file. `block` is its index from 0, `page` counts from 1 or is 0 if the format has no pages."""

    sha256: str  # of the file as sent, in hexadecimal digits
    block: int
    page: int = 0

    @property
    def record(self) -> dict[str, Any]:
        """Return it as JSON, in which it is stored and committed to."""
        return asdict(self)


def paper_place_of(record: Mapping[str, Any] | None) -> PaperPlace | None:
    """Return a place from its JSON, or None.

    >>> paper_place_of(PaperPlace("ab", 3).record)
    PaperPlace(sha256='ab', block=3, page=0)
    """
    return PaperPlace(**record) if record else None
