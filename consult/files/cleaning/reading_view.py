"""Images of the first pages of a text, set by typst: for files whose own layout is not drawn."""

from __future__ import annotations

from io import BytesIO

import typst
from PIL import Image

from consult.files.cleaning.answer import PAGES
from consult.files.cleaning.pictures import page

_MOST = 9000
_SOURCE = b"""
#set page(width: 210mm, height: 297mm, margin: 20mm)
#set text(size: 11pt, font: ("Libertinus Serif", "Noto Naskh Arabic", "Noto Sans Arabic", "DejaVu Sans"))
#for line in sys.inputs.words.split("\\n") { par(text(line)) }
"""


def pages(text: str) -> list[bytes]:
    """The words as they run, not as they were set. The text is handed over as a value: nothing in it is obeyed."""
    words = "\n".join(line.strip()[:3000] for line in text[:_MOST].splitlines())
    made = typst.compile(_SOURCE, format="png", ppi=96, sys_inputs={"words": words})
    images = [made] if isinstance(made, bytes) else made
    return [page(Image.open(BytesIO(image), formats=["PNG"])) for image in images[:PAGES]]
