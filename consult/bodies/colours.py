"""The accent of a body: one colour that is seen on light and on dark paper. Pure.

A line is no text, so 3 : 1 is asked for (WCAG 2.2, 1.4.11). No colour has 4.5 : 1 to both papers of this site.
"""

from __future__ import annotations

import re

from consult.core.errors import Refusal
from consult.core.i18n import _

PAPERS = ("#ffffff", "#17191c")
"""`--paper` of static/kit/tokens.css, light and dark."""
LEAST = 3.0
_HEX = re.compile("#[0-9a-f]{6}")


def read_colour(typed: str) -> str | None:
    """The colour that was typed, as `#rrggbb`; None for nothing. Raises a Refusal.

    >>> read_colour(" #A3721E "), read_colour("")
    ('#a3721e', None)
    """
    found = read_hex(typed)
    if found and min(contrast(found, paper) for paper in PAPERS) < LEAST:
        said = _("This colour cannot be seen well on light or on dark pages. Choose one of middle brightness.")
        raise Refusal(said, field="colour")
    return found


def read_hex(typed: str) -> str | None:
    """The colour that was typed, as `#rrggbb`, however bright; None for nothing. Raises a Refusal."""
    found = typed.strip().casefold()
    if found and not _HEX.fullmatch(found):
        raise Refusal(_("A colour is written as # and six digits or letters a to f, such as #a3721e."), field="colour")
    return found or None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.

    >>> round(contrast("#ffffff", "#000000")), round(contrast("#777777", "#ffffff"), 2)
    (21, 4.48)
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
