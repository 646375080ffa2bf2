"""Check and re-encoding of an uploaded logo."""

from __future__ import annotations

from consult.core import sandbox
from consult.core.errors import Refusal
from consult.core.i18n import N_, _

MAX_UPLOAD = 2 * 2**20
_REASONS = {
    "kind": N_("Choose a PNG, JPEG, WebP or GIF image. We cannot accept SVG files because they can contain programs."),
    "large": N_("This picture has too many pixels. Choose one of at most 2,000 by 2,000."),
    "detail": N_("This image is still larger than 64 KB after processing. Choose a simpler one."),
}


def encode_logo(data: bytes) -> bytes:
    """Return a PNG re-encoded from the picture's pixels in a separate process.

    Raises a Refusal for the field `logo`.
    """
    if len(data) > MAX_UPLOAD:
        raise Refusal(_("Choose an image of at most 2 MB."), field="logo")
    answer = sandbox.run("consult.bodies.logo:encode", data)
    if not answer.startswith(b"+"):
        raise Refusal(str(_REASONS[answer[1:].decode()]), field="logo")
    return answer[1:]
