"""Printer of the poster and the picture of a warning, with Typst. The same texts give the same bytes."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from consult.core.languages import list_paper_fonts
from consult.core.lazy import LazyModule
from consult.core.logs import log
from consult.core.scripts import fonts
from consult.signals.sheets.contents import WarningSheet

_typst: Any = LazyModule("typst")
_images: Any = LazyModule("PIL.Image")
_FOLDER = Path(__file__).parent
_SIZES = ("1.25", "1.1", "1", "0.88", "0.76", "0.64")
"""Scales of the type. The first at which the sheet has one page is used, else the last."""
_COLOURS = 64
_KEPT = 64
PIXELS = 1080
"""Width and height of the picture: its page has as many points, at 72 points per inch."""


@lru_cache(maxsize=_KEPT)
def print_poster(sheet: WarningSheet) -> bytes:
    """Return the poster as a PDF/UA-1 file with one A4 page. Kept in memory for the next request."""
    compiler = _fit("poster.typ", sheet)
    try:
        return _to_bytes(compiler.compile(format="pdf", pdf_standards=["ua-1"]))
    except _typst.TypstError as error:
        log.warning("signals.printed_without_ua", error=type(error).__name__)
        return _to_bytes(compiler.compile(format="pdf"))


@lru_cache(maxsize=_KEPT)
def draw_picture(sheet: WarningSheet) -> bytes:
    """Return the square picture as a PNG file with 64 colours. Kept in memory for the next request."""
    drawn = _to_bytes(_fit("picture.typ", sheet).compile(format="png", ppi=72.0))
    out = io.BytesIO()
    with _images.open(io.BytesIO(drawn)) as image:
        image.convert("RGB").quantize(_COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _fit(template: str, sheet: WarningSheet) -> Any:
    """Return the compiler at the largest scale at which the sheet has one page."""
    compiler: Any = None
    for scale in _SIZES:
        compiler = _typst.Compiler(
            _FOLDER / template, font_paths=fonts.load_fonts(), sys_inputs={**_inputs(sheet), "scale": scale}
        )
        if json.loads(compiler.query("<pages>", field="value", one=True)) == 1:
            break
    return compiler


def _inputs(sheet: WarningSheet) -> dict[str, str]:
    texts = fonts.replace_unprintable(json.dumps(sheet.as_json(), ensure_ascii=False))
    families = {"sans": list_paper_fonts(serif=False), "serif": list_paper_fonts(serif=True)}
    return {"data": texts} | {name: json.dumps(each) for name, each in families.items()}


def _to_bytes(made: bytes | list[bytes] | None) -> bytes:
    return made if isinstance(made, bytes) else b"".join(made or ())
