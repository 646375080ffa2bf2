"""The result of a cleaner, and its encoding between child and parent: one line of JSON, then the blobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import wraps

from consult.files.cleaning.blocks import Block, check_outline, find_page_starts, join_blocks, limit_blocks, outline_of
from consult.files.kinds import UnacceptableFile

MAX_TEXT_LENGTH = 400_000
"""Length in characters of the text that is read."""
MAX_PAGES = 2000
"""The maximum number of pages of a document."""
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
    outline: Sequence[Sequence[str | int]] = ()  # kind and page of each block of the text: see blocks.py
    removed: set[str] = field(default_factory=set)
    pages: Sequence[bytes] = ()
    refused: str = ""
    page_starts: Sequence[int] = ()  # of a PDF: where the text of each page begins in `text`; its end if not read


def pack(cleaned: CleanedFile) -> bytes:
    """Return the result as bytes.

    >>> unpack(pack(CleanedFile("txt", b"one", "one", [], {"author"}, [b"P"]))).pages
    [b'P']
    """
    blobs = [cleaned.copy, *cleaned.pages]
    head = {
        "kind": cleaned.kind,
        "text": cleaned.text[:MAX_TEXT_LENGTH].replace("\x00", ""),
        "outline": list(cleaned.outline),
        "removed": sorted(cleaned.removed),
        "refused": cleaned.refused,
        "sizes": [len(blob) for blob in blobs],
        "page_starts": list(cleaned.page_starts),
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
    outline = check_outline(head["outline"])
    starts = sorted(min(max(int(start), 0), len(text)) for start in head["page_starts"][:MAX_PAGES])
    kind, refused = str(head["kind"]), str(head["refused"])
    return CleanedFile(kind, blobs[0], text, outline, removed, blobs[1:], refused, starts)


def cleaned_text(
    kind: str, copy: bytes, blocks: Iterable[Block], removed: set[str], pages: Sequence[bytes], page_count: int = 0
) -> CleanedFile:
    """Return the result for a document that was read as blocks. `page_count` is 0 if the format has no pages."""
    kept = limit_blocks(blocks, MAX_TEXT_LENGTH)
    text, starts = join_blocks(kept), find_page_starts(kept, page_count)
    return CleanedFile(kind, copy, text, outline_of(kept), removed, pages, page_starts=starts)
