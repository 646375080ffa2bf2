"""Fonts of printed documents: Noto, under the SIL Open Font License, in the folder `fonts`.

If the folder is there, system fonts are not used, so that documents have the same bytes on every machine. PDF/UA-1
forbids characters without a glyph, so these are replaced before printing.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from consult.core.lazy import LazyModule

if TYPE_CHECKING:
    import typst as typesetter
else:
    typesetter = LazyModule("typst")

_PACKAGE = Path(__file__).resolve().parents[2]
FOLDER = (_PACKAGE if (_PACKAGE / "fonts").is_dir() else _PACKAGE.parent) / "fonts"
"""The same as under `consult.ROOT`, which child processes that parse files do not import."""
REPLACEMENT = "\ufffd"
_SUBSTITUTES = str.maketrans({"█": "■"})
"""The block used for hidden words has no glyph in Noto, but the square has."""
_BYTE_ORDER_MARK = "\ufeff"  # invisible, and forbidden in PDF/UA-1


def list_fonts() -> dict[str, str]:
    """Return font file names with their families, in the order in which they are tried. Empty without the list."""
    listed = FOLDER / "list.txt"
    lines = listed.read_text().splitlines() if listed.is_file() else []
    return {name: family for name, _tab, family in (line.partition("\t") for line in lines)}


def list_missing() -> list[str]:
    """Return the fonts missing from the folder, or the folder itself."""
    if not (FOLDER / "coverage.txt").is_file() or not list_fonts():
        return [FOLDER.name]
    return [name for name in list_fonts() if not (FOLDER / name).is_file()]


@cache
def list_families() -> tuple[str, ...]:
    """Return the distinct font families, in the order in which they are tried."""
    return tuple(dict.fromkeys(list_fonts().values()))


@cache
def load_fonts() -> typesetter.Fonts:
    """Return the fonts for typst. Cached per process, since the search takes 30 ms. Files are read when used."""
    own = not list_missing()
    return typesetter.Fonts(include_system_fonts=not own, include_embedded_fonts=not own, font_paths=[FOLDER])


def replace_unprintable(text: str) -> str:
    """Replace characters that no font has with U+FFFD. Without the fonts, the text is unchanged.

    >>> replace_unprintable("王小明, Rosa 🙏, \\U00012000")
    '王小明, Rosa 🙏, �'
    >>> replace_unprintable("█████")
    '■■■■■'
    """
    return (
        text
        if text.isascii() and text.isprintable()
        else _unprintable_pattern().sub(REPLACEMENT, text.translate(_SUBSTITUTES).replace(_BYTE_ORDER_MARK, ""))
    )


@cache
def _unprintable_pattern() -> re.Pattern[str]:
    listed = FOLDER / "coverage.txt"
    if not listed.is_file():
        return re.compile("(?!)")
    pairs = (line.split("-") for line in listed.read_text().split())
    ranges = (f"{re.escape(chr(int(first, 16)))}-{re.escape(chr(int(last, 16)))}" for first, last in pairs)
    return re.compile(f"[^{''.join(ranges)}]")
