"""A pack of terms as data, independent of its file format."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Concept:
    """A term as the pack has it. `broader` is the address of the term above it, in the same scheme."""

    uri: str
    notation: str
    labels: dict[str, str]
    others: dict[str, list[str]] = field(default_factory=dict)
    broader: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """A scheme with its concepts, each after the one above it."""

    uri: str
    notation: str
    labels: dict[str, str]
    concepts: list[Concept] = field(default_factory=list)
