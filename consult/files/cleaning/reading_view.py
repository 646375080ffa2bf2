"""Page images of a text, rendered by typst, for files whose own layout is not rendered."""

from __future__ import annotations

import json
from io import BytesIO

import typst
from PIL import Image

from consult.core.languages import list_paper_fonts
from consult.core.scripts import fonts
from consult.files.cleaning.answer import MAX_PAGE_IMAGES
from consult.files.cleaning.pictures import make_page_image

_MOST = 9000
_SOURCE = b"""
#set page(width: 210mm, height: 297mm, margin: 20mm)
#set text(size: 11pt, font: json(bytes(sys.inputs.families)))
#for line in sys.inputs.words.split("\\n") { par(text(line)) }
"""


def draw_pages(text: str) -> list[bytes]:
    """Return page images of the running text. The text is passed as a value, so that no markup in it is executed."""
    words = "\n".join(line.strip()[:3000] for line in text[:_MOST].splitlines())
    made = typst.compile(
        _SOURCE,
        format="png",
        ppi=96,
        font_paths=fonts.load_fonts(),
        sys_inputs={"words": fonts.replace_unprintable(words), "families": json.dumps(list_paper_fonts(serif=True))},
    )
    images = [made] if isinstance(made, bytes) else made
    return [make_page_image(Image.open(BytesIO(image), formats=["PNG"])) for image in images[:MAX_PAGE_IMAGES]]
