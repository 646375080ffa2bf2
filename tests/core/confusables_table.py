"""Writes `consult/core/scripts/confusables.txt`: `python -m tests.core.confusables_table > …`; needs ICU's library.

A line has a letter, whether its look-alikes are `alike` (the skeleton is this letter) or only `read` so (a small
capital, or a small letter whose capital is alike), and the code points. Left out are digits and ligatures; the letters
of Latin alphabets in use below U+0250; and scripts in which a letter that resembles a Latin one is no disguise, such as
Arabic, Hebrew and those of South Asia.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
import unicodedata
from collections.abc import Callable

_SCRIPTS = (
    "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "CANADIAN", "TIFINAGH", "DESERET", "OSAGE", "OLD",
    "LYCIAN", "CARIAN", "LYDIAN", "ELBASAN", "WARANG", "GOTHIC", "RUNIC", "GLAGOLITIC", "GEORGIAN", "OGHAM", "VAI",
    "MODIFIER", "LATIN", "MATHEMATICAL", "FULLWIDTH", "SCRIPT", "BLACK-LETTER", "DOUBLE-STRUCK", "SUPERSCRIPT",
    "SUBSCRIPT", "ROMAN", "PLANCK", "CIRCLED", "INFORMATION", "KELVIN", "ANGSTROM", "EULER", "ESTIMATED",
)  # fmt: skip
_VIETNAMESE = range(0x1E00, 0x1F00)
_SMALL = "LATIN LETTER SMALL CAPITAL "
HEAD = """# Letters that look like a Latin one. Made by tests/core/confusables_table.py from ICU {version}'s skeletons,
# which are Unicode's confusables.txt. Source: Unicode Technical Standard 39, section 4.
# Copyright 1991-2026 Unicode, Inc. Unicode License V3, https://www.unicode.org/license.txt
"""


def load_skeleton() -> tuple[str, Callable[[str], str]] | None:
    """ICU's version and its function from a text to its skeleton; none where the library is not installed."""
    name = ctypes.util.find_library("icui18n")
    if name is None:
        return None
    library, version = ctypes.CDLL(name), name.rpartition(".so.")[2]
    opened = getattr(library, f"uspoof_open_{version}")
    opened.restype = ctypes.c_void_p
    checker = ctypes.c_void_p(opened(ctypes.byref(ctypes.c_int(0))))
    read = getattr(library, f"uspoof_getSkeletonUTF8_{version}")

    def skeleton(text: str) -> str:
        raw, out, error = text.encode(), ctypes.create_string_buffer(400), ctypes.c_int(0)
        sizes = ctypes.c_int32(len(raw)), out, ctypes.c_int32(400)
        size = read(checker, ctypes.c_uint32(0), raw, *sizes, ctypes.byref(error))
        return out.raw[:size].decode() if error.value <= 0 else text

    return version, skeleton


def make_lines(skeleton: Callable[[str], str]) -> list[str]:
    """The lines of the table, in order."""
    found: dict[tuple[str, str], list[int]] = {}
    for code in range(0x250, 0x20000):
        one = chr(code)
        name = unicodedata.name(one, "")
        wanted = code not in _VIETNAMESE and name.startswith(_SCRIPTS) and unicodedata.normalize("NFKC", one).isalpha()
        if wanted and (pair := _find_letter(one, name, skeleton)):
            found.setdefault(pair, []).append(code)
    return [
        f"{letter} {how} {' '.join(f'{code:04X}' for code in codes)}" for (letter, how), codes in sorted(found.items())
    ]


def _find_letter(one: str, name: str, skeleton: Callable[[str], str]) -> tuple[str, str] | None:
    composed = unicodedata.normalize("NFC", skeleton(one))
    if len(composed) == 1 and unicodedata.normalize("NFD", composed)[0].isascii() and composed.isalpha():
        if composed[0] in "l\u013a" and not one.islower():  # a capital I has the skeleton of an l
            composed = {"l": "i"}.get(composed, "í")
        return composed.casefold(), "alike"
    small = name.startswith(_SMALL) and name.removeprefix(_SMALL)
    if small and len(small) == 1:
        return small.lower(), "read"
    if name.startswith("CYRILLIC") and one.islower():
        capital = skeleton(one.upper())
        if len(capital) == 1 and capital.isascii() and capital.isalpha() and capital.isupper():
            return capital.lower(), "read"
    return None


def main() -> None:
    loaded = load_skeleton()
    if loaded is None:
        sys.exit("ICU is not installed.")
    version, skeleton = loaded
    sys.stdout.write(HEAD.format(version=version) + "\n".join(make_lines(skeleton)) + "\n")


if __name__ == "__main__":
    main()
