"""A pack of terms as data, independent of the file format."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Concept:
    """A term in a pack. `broader` is the URI of its parent in the same scheme."""

    uri: str
    notation: str
    labels: dict[str, str]
    others: dict[str, list[str]] = field(default_factory=dict)
    broader: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """A scheme with its concepts, in an order in which parents come first."""

    uri: str
    notation: str
    labels: dict[str, str]
    concepts: list[Concept] = field(default_factory=list)
