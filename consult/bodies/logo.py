"""Re-encoding of a logo from its pixels. Runs in a child process: see core/sandbox."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

MAX_BYTES = 65_536
_MAX_PIXELS = 4_000_000
_KINDS = ("PNG", "JPEG", "WEBP", "GIF")
_SIZES = ((640, 320), (320, 160), (160, 80))


def encode(data: bytes) -> bytes:
    """Return `+` and a PNG of at most 64 KB with pixels only, or `-` and an error code."""
    try:
        with Image.open(BytesIO(data), formats=_KINDS) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                return b"-large"
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b"-kind"
    for size in _SIZES:
        smaller = picture.copy()
        smaller.thumbnail(size)
        made = BytesIO()
        smaller.save(made, "PNG", optimize=True)
        if made.tell() <= MAX_BYTES:
            return b"+" + made.getvalue()
    return b"-detail"
