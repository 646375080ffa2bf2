"""Cleaner of pictures: re-encodes them from their pixels, without metadata."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from consult.files.cleaning.answer import CleanedFile, packed
from consult.files.kinds import UnacceptableFile

_MOST_PIXELS = {"jpeg": 120_000_000}  # a JPEG can be decoded at reduced size
_PLAIN_PIXELS = 40_000_000
_LONGEST = 4000
_PAGE = 1200
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before decoding


@packed
def clean(data: bytes, kind: str) -> CleanedFile:
    """Return the picture upright, at most 4,000 pixels wide and high, without metadata. Raises UnacceptableFile."""
    try:
        picture = Image.open(BytesIO(data), formats=[_FORMATS[kind]])
        if picture.width * picture.height > _MOST_PIXELS.get(kind, _PLAIN_PIXELS):
            raise UnacceptableFile("pixels")
        removed = _list_metadata(picture)
        picture.draft("RGB", (_LONGEST, _LONGEST))
        picture.load()
        drawn = _redraw(picture)
        into = "png" if kind == "gif" else kind
        copy = BytesIO()
        drawn.save(copy, _FORMATS[into], quality=88)
        return CleanedFile(into, copy.getvalue(), removed=removed, pages=[make_page_image(drawn)])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError) as error:
        raise UnacceptableFile("broken") from error


def make_page_image(picture: Image.Image) -> bytes:
    """Return a picture as a page image: small WebP."""
    small = picture.convert("RGBA") if "A" in picture.getbands() else picture.convert("RGB")
    small.thumbnail((_PAGE, _PAGE))
    if small.mode == "RGBA":
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        small = paper
    kept = BytesIO()
    small.save(kept, "WEBP", quality=72, method=2)
    return kept.getvalue()


def _redraw(picture: Image.Image) -> Image.Image:
    """Return the picture upright and scaled, in a plain mode, with nothing but its pixels."""
    picture.thumbnail((_LONGEST, _LONGEST))
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    plain = upright.convert("L" if upright.mode in ("1", "L") and mode == "RGB" else mode)
    plain.info = {}
    return plain


def _list_metadata(picture: Image.Image) -> set[str]:
    """Return the kinds of metadata that cleaning removes."""
    kinds = set()
    exif = picture.getexif()
    if exif:
        kinds.add("camera")
    if exif.get_ifd(0x8825):
        kinds.add("place")
    if exif.get(0x013B) or exif.get(0x8298):
        kinds.add("author")
    if exif.get(0x0131):
        kinds.add("program")
    if any(name in picture.info for name in ("xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Author", "Comment")):
        kinds.add("picture")
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "JPEG":
        kinds.add("animation")
    return kinds
