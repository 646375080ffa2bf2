"""Sample tables as files: a CSV, and a one-page PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def write_table(told: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the file of a table and its name."""
    rows: Sequence[Sequence[str]] = told["rows"]
    if told["kind"] == "csv":
        return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows).encode(), "table.csv"
    return write_pdf(told["title"], rows), "table.pdf"


def write_pdf(title: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Return an A5 page with a title and two columns. Only Latin letters are supported.

    >>> write_pdf("Kits", [["Place", "Kits"]])[:8]
    b'%PDF-1.4'
    """
    drawn = [_draw(title, 40, 370, "F2", 14)]
    for n, row in enumerate(rows):
        height, face = 330 - 26 * n, "F1" if n else "F2"
        drawn += [_draw(cell, 40 + 300 * k, height, face, 12) for k, cell in enumerate(row)]
        drawn.append(f"0.7 G 40 {height - 9} m 555 {height - 9} l S")
    content = "\n".join(drawn).encode("latin-1")
    font = b"<< /Type /Font /Subtype /Type1 /Encoding /WinAnsiEncoding /BaseFont /%s >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 420] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    return _join(parts)


def _draw(words: str, x: int, y: int, font: str, size: int) -> str:
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _join(parts: Sequence[bytes]) -> bytes:
    """Return the objects with their cross-reference table. Source: ISO 32000-1, 7.5."""
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    listed = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(parts) + 1, listed, end)
