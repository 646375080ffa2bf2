"""The accent colour of a body, which must be visible on light and dark pages. Pure functions.

It is used for lines rather than text, so the required contrast is 3 : 1 (WCAG 2.2, 1.4.11). No colour has 4.5 : 1 on
both backgrounds of this site.
"""

from __future__ import annotations

import re

from consult.core.errors import Refusal
from consult.core.i18n import _

PAPERS = ("#ffffff", "#17191c")
"""`--paper` in static/kit/tokens.css, light and dark."""
LEAST = 3.0
_HEX = re.compile("#[0-9a-f]{6}")


def read_colour(typed: str) -> str | None:
    """Return a colour as `#rrggbb`, or None for an empty value. Raises a Refusal if the contrast is too low.

    >>> read_colour(" #A3721E "), read_colour("")
    ('#a3721e', None)
    """
    colour = read_hex(typed)
    if colour and min(contrast(colour, paper) for paper in PAPERS) < LEAST:
        error = _("This colour is hard to see on light or dark pages. Choose one of medium brightness.")
        raise Refusal(error, field="colour")
    return colour


def read_hex(typed: str) -> str | None:
    """Return a colour as `#rrggbb` whatever its contrast, or None for an empty value. Raises a Refusal."""
    digits = typed.strip().casefold()
    if digits and not _HEX.fullmatch(digits):
        raise Refusal(_("Write a colour as # and six characters, 0–9 or a–f, such as #a3721e."), field="colour")
    return digits or None


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio of two colours by WCAG 2.

    >>> round(contrast("#ffffff", "#000000")), round(contrast("#777777", "#ffffff"), 2)
    (21, 4.48)
    """
    dark, light = sorted((_luminance(colour), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
