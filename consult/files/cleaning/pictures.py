"""Pictures: re-encoded, so that only the visible image is left."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from consult.files.cleaning.answer import CleanedFile, packed
from consult.files.kinds import UnacceptableFile

_MOST_PIXELS = {"jpeg": 120_000_000}  # a JPEG can be opened at a fraction of its size
_PLAIN_PIXELS = 40_000_000
_LONGEST = 4000
_PAGE = 1200
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
Image.MAX_IMAGE_PIXELS = None  # our own limit is asked before anything is opened


@packed
def clean(data: bytes, kind: str) -> CleanedFile:
    """The picture at most 4,000 pixels wide and high, turned upright, without any note in its file."""
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
        return CleanedFile(into, copy.getvalue(), "", removed, [make_page_image(drawn)])
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, IndexError) as error:
        raise UnacceptableFile("broken") from error


def make_page_image(picture: Image.Image) -> bytes:
    """A picture as the image of a page: small, and of one format."""
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
    """Upright, in a plain mode, and with nothing but its pixels."""
    picture.thumbnail((_LONGEST, _LONGEST))
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    plain = upright.convert("L" if upright.mode in ("1", "L") and mode == "RGB" else mode)
    plain.info = {}
    return plain


def _list_metadata(picture: Image.Image) -> set[str]:
    """The kinds of metadata that cleaning removes."""
    found = set()
    exif = picture.getexif()
    if exif:
        found.add("camera")
    if exif.get_ifd(0x8825):
        found.add("place")
    if exif.get(0x013B) or exif.get(0x8298):
        found.add("author")
    if exif.get(0x0131):
        found.add("program")
    if any(name in picture.info for name in ("xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Author", "Comment")):
        found.add("picture")
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "JPEG":
        found.add("animation")
    return found
