"""Uploaded files are read, or refused with what to do."""

from __future__ import annotations

import pytest

from consult.documents.formats.source import UnreadableDraft, read_draft


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read_whichever_way_they_were_saved(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert read_draft(mark + "# Plan de Acción\n\nخطة".encode(encoding)) == "# Plan de Acción\n\nخطة"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("# Plan\n\nDe la acción".encode("latin-1"), "Line 3 is not UTF-8, near “De la acción”"),
        (b"PK\x03\x04rest", "Word"),
        (b"%PDF-1.7", "PDF"),
        ("# Plan".encode("utf-16-le"), "Save it as UTF-8"),
        (b"\xff\xfe#\x00 \x00P", "incomplete or damaged"),
        (b"\xe9", "Line 1"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "This file is not text"),
    ],
)
def test_other_files_are_refused_with_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableDraft, match=says.replace("(", r"\(")):
        read_draft(data)
