"""What a cleaner found, and its form in bytes between the child and its parent: one line of JSON, then the blobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_TEXT = 100_000
PAGES = 3
"""How many page images are made."""


@dataclass
class Cleaned:
    """A copy without what its author did not mean to send, its words, and images of its first pages.

    `removed` are keys of `reasons.REMOVED`; `refused` is a key of `reasons.REASONS` and then nothing else counts.
    """

    kind: str = ""
    copy: bytes = b""
    text: str = ""
    removed: set[str] = field(default_factory=set)
    pages: Sequence[bytes] = ()
    refused: str = ""


def pack(found: Cleaned) -> bytes:
    """
    >>> unpack(pack(Cleaned("txt", b"one", "one", {"author"}, [b"P"]))).pages
    [b'P']
    """
    blobs = [found.copy, *found.pages]
    head = {
        "kind": found.kind, "text": found.text[:MOST_TEXT].replace("\x00", ""), "removed": sorted(found.removed),
        "refused": found.refused, "sizes": [len(blob) for blob in blobs],
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n" + b"".join(blobs)


def unpack(answer: bytes) -> Cleaned:
    """What was packed. Raises ValueError for what a child that was taken over might say instead."""
    line, _end, rest = answer.partition(b"\n")
    head = json.loads(line)
    blobs, at = [], 0
    for size in [int(size) for size in head["sizes"]][: PAGES + 1]:
        blobs.append(rest[at : at + size])
        at += size
    text = str(head["text"]).encode("utf-8", "replace").decode()[:MOST_TEXT].replace("\x00", "")
    removed = {str(code) for code in head["removed"]}
    return Cleaned(str(head["kind"]), blobs[0], text, removed, blobs[1:], str(head["refused"]))
