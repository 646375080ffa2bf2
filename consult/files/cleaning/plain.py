"""Cleaner of plain text and tables: the copy is their text in UTF-8."""

from __future__ import annotations

import csv
import re
from io import StringIO

from consult.files.cleaning import reading_view
from consult.files.cleaning.answer import CleanedFile, cleaned_text, packed
from consult.files.cleaning.blocks import Block
from consult.files.kinds import UnacceptableFile

_CODES = ("utf-8-sig", "cp1256", "cp1252")
_ARABIC = range(0x0600, 0x0700)


@packed
def clean(data: bytes, kind: str) -> CleanedFile:
    text = _decode(data)
    if not text.strip():
        raise UnacceptableFile("empty")
    shown = _table(text) if kind == "csv" else text
    parts = (part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    blocks = [Block("row" if kind == "csv" else "paragraph", part) for part in parts if part]
    return cleaned_text(kind, text.encode(), blocks, set(), reading_view.draw_pages(shown))


def _decode(data: bytes) -> str:
    """Decode UTF-8 or UTF-16, else Arabic or Western Windows encoding, whichever gives likelier letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").replace("\x00", "")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        arabic = data.decode("cp1256", "replace")
        share = sum(ord(letter) in _ARABIC for letter in arabic[:20_000]) / max(1, len(arabic[:20_000]))
        return arabic if share > 0.3 else data.decode("cp1252", "replace")


def _table(text: str) -> str:
    """Return the first rows with separated cells, for the page image."""
    separator = max(";,\t", key=text[:4000].count)
    try:
        rows = [row for row, _n in zip(csv.reader(StringIO(text), delimiter=separator), range(150), strict=False)]
    except csv.Error:
        return text
    return "\n".join(" · ".join(row) for row in rows)
