"""Drawn photographs for sample reports: tablets on paper and test strips. They show nothing real."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from consult.core.lazy import LazyModule

_image: Any = LazyModule("PIL.Image")
_draw: Any = LazyModule("PIL.ImageDraw")
_filter: Any = LazyModule("PIL.ImageFilter")
_SIZE = (960, 640)
_PAPER, _BLUE, _RIM, _SHADE = (226, 220, 207), (104, 150, 186), (80, 124, 160), (150, 142, 128)
_WHITE, _PAD, _LINE = (246, 246, 242), (232, 230, 222), (168, 44, 84)
_CAMERA, _PLACE = 0x010F, 0x8825
"""EXIF fields that phones fill in, so that the checks have something to remove."""


def draw_tablets() -> bytes:
    """Draw three round blue tablets and a broken one on paper. Returns a JPEG."""
    picture = _paper()
    for x, y in ((250, 230), (470, 330), (270, 440)):
        _tablet(picture, x, y)
    half = _image.new("RGBA", _SIZE)
    _tablet(half, 700, 250)
    _draw.Draw(half).polygon([(716, 120), (700, 200), (722, 255), (698, 310), (712, 390), (900, 390), (900, 120)], 0)
    picture.paste(half, mask=half.getchannel("A"))
    crumbs = _draw.Draw(picture)
    for x, y, wide in ((735, 262, 7), (752, 300, 5), (729, 322, 4), (770, 276, 3), (744, 228, 4)):
        crumbs.ellipse((x - wide, y - wide, x + wide, y + wide), _BLUE)
    return _as_photograph(picture)


def draw_strips() -> bytes:
    """Draw two test strips beside three tablets: one line on the upper strip, two on the lower. Returns a JPEG."""
    picture = _paper()
    for y, lines in ((170, (560,)), (300, (500, 560))):
        _strip(picture, y, lines)
    for x in (300, 480, 660):
        _tablet(picture, x, 510, wide=62)
    return _as_photograph(picture)


PHOTOGRAPHS: dict[str, Callable[[], bytes]] = {"tablets": draw_tablets, "strips": draw_strips}
"""Photographs by their names in data/signals.toml."""


def _paper() -> Any:
    """Draw paper with light that falls off to the right."""
    light = _image.linear_gradient("L").rotate(90).resize(_SIZE).point(lambda value: 150 + value // 4)
    return _image.composite(_image.new("RGB", _SIZE, _PAPER), _image.new("RGB", _SIZE, _SHADE), light)


def _tablet(picture: Any, x: int, y: int, *, wide: int = 84) -> None:
    """Draw a round tablet with a line across it and no maker's mark."""
    ink = _draw.Draw(picture)
    for offset, size, colour in ((9, wide, _SHADE), (0, wide, _RIM), (-4, wide - 9, _BLUE)):
        ink.ellipse((x - size + offset, y - size + offset, x + size + offset, y + size + offset), colour)
    ink.line((x - wide + 26, y - 4, x + wide - 34, y - 4), _RIM, width=5)


def _strip(picture: Any, y: int, lines: tuple[int, ...]) -> None:
    ink = _draw.Draw(picture)
    ink.rounded_rectangle((188, y + 8, 788, y + 66), 6, _SHADE)
    ink.rounded_rectangle((180, y, 780, y + 58), 6, _WHITE)
    ink.rectangle((430, y, 640, y + 58), _PAD)
    ink.rectangle((180, y, 250, y + 58), _BLUE)
    for x in lines:
        ink.rectangle((x, y + 3, x + 9, y + 55), _LINE)


def _as_photograph(picture: Any) -> bytes:
    """Return a JPEG, slightly blurred and grainy, with camera and location in its EXIF data."""
    grain = _image.effect_noise(_SIZE, 24).convert("RGB")
    taken = _image.blend(picture.filter(_filter.GaussianBlur(1.2)), grain, 0.06)
    notes = _image.Exif()
    notes[_CAMERA], notes[_PLACE] = "A telephone", {1: "N", 2: (0.0, 52.0, 0.0), 3: "W", 4: (79.0, 50.0, 0.0)}
    kept = BytesIO()
    taken.save(kept, "JPEG", quality=86, exif=notes)
    return kept.getvalue()
