"""The result of a cleaner, and its encoding between child and parent: one line of JSON, then the blobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps

from consult.files.kinds import UnacceptableFile

MAX_TEXT_LENGTH = 100_000
MAX_PAGE_IMAGES = 3
"""The maximum number of page images."""


@dataclass
class CleanedFile:
    """A copy without hidden data, its text, and images of its first pages.

    `removed` are keys of `reasons.REMOVED`. If `refused` is set, a key of `reasons.REASONS`, everything else is
    ignored.
    """

    kind: str = ""
    copy: bytes = b""
    text: str = ""
    removed: set[str] = field(default_factory=set)
    pages: Sequence[bytes] = ()
    refused: str = ""


def pack(cleaned: CleanedFile) -> bytes:
    """Return the result as bytes.

    >>> unpack(pack(CleanedFile("txt", b"one", "one", {"author"}, [b"P"]))).pages
    [b'P']
    """
    blobs = [cleaned.copy, *cleaned.pages]
    head = {
        "kind": cleaned.kind,
        "text": cleaned.text[:MAX_TEXT_LENGTH].replace("\x00", ""),
        "removed": sorted(cleaned.removed),
        "refused": cleaned.refused,
        "sizes": [len(blob) for blob in blobs],
    }
    return json.dumps(head).encode() + b"\n" + b"".join(blobs)


def packed(clean: Callable[[bytes, str], CleanedFile]) -> Callable[[bytes, str], bytes]:
    """Wrap a cleaner for the child process: its result, or its refusal of the file, is packed."""

    @wraps(clean)
    def answer(data: bytes, kind: str) -> bytes:
        try:
            return pack(clean(data, kind))
        except UnacceptableFile as refusal:
            return pack(CleanedFile(refused=refusal.code))

    return answer


def unpack(answer: bytes) -> CleanedFile:
    """Unpack a result. Raises ValueError for anything else that a compromised child may send."""
    line, _end, rest = answer.partition(b"\n")
    head = json.loads(line)
    blobs, at = [], 0
    for size in [int(size) for size in head["sizes"]][: MAX_PAGE_IMAGES + 1]:
        blobs.append(rest[at : at + size])
        at += size
    text = str(head["text"]).encode("utf-8", "replace").decode()[:MAX_TEXT_LENGTH].replace("\x00", "")
    removed = {str(code) for code in head["removed"]}
    return CleanedFile(str(head["kind"]), blobs[0], text, removed, blobs[1:], str(head["refused"]))
