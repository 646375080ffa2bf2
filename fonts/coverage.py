"""Writes `coverage.txt`: the characters that a font of `list.txt` has, as ranges. Needs fonttools."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent
UNSEEN = [(0x9, 0xA), (0xD, 0xD), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x180B, 0x180E), (0x200B, 0x200F),
          (0x2028, 0x202F), (0x2060, 0x2064), (0x2066, 0x206F), (0xFE00, 0xFE0F), (0xE0020, 0xE007F),
          (0xE0100, 0xE01EF)]  # fmt: skip
"""Characters without a glyph, which need none: breaks, joiners, directions, variants, tags of flags."""
NEVER = {0x0, 0xFEFF, 0xFFFE, 0xFFFF}
"""Forbidden in PDF/UA-1 (ISO 14289-1, 7.21.7)."""


def main() -> None:
    names = [line.split("\t")[0] for line in (FOLDER / "list.txt").read_text().splitlines()]
    found = {code for first, last in UNSEEN for code in range(first, last + 1)}
    for name in names:
        found |= TTFont(FOLDER / name).getBestCmap().keys()
    kept = sorted(code for code in found - NEVER if unicodedata.category(chr(code)) not in ("Co", "Cs"))
    ranges: list[list[int]] = []
    for code in kept:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    (FOLDER / "coverage.txt").write_text("".join(f"{first:X}-{last:X}\n" for first, last in ranges))


if __name__ == "__main__":
    main()
