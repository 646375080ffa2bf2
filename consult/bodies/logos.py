"""Takes a picture that somebody uploaded as a logo."""

from __future__ import annotations

from consult.core import sandbox
from consult.core.errors import Refusal
from consult.core.i18n import N_, _

MAX_UPLOAD = 2 * 2**20
_REASONS = {
    "kind": N_("Choose a picture: PNG, JPEG, WebP or GIF. An SVG file is not taken, because it can hold programs."),
    "large": N_("This picture has too many pixels. Choose one of at most 2,000 by 2,000."),
    "detail": N_("This picture stays larger than 64 KB. Choose a simpler one."),
}


def encode_logo(data: bytes) -> bytes:
    """A PNG made anew from the pixels of a picture, in a process of its own. Raises a Refusal at `logo`."""
    if len(data) > MAX_UPLOAD:
        raise Refusal(_("Choose a picture of at most 2 MB."), field="logo")
    answer = sandbox.run("consult.bodies.logo:encode", data)
    if not answer.startswith(b"+"):
        raise Refusal(str(_REASONS[answer[1:].decode()]), field="logo")
    return answer[1:]
