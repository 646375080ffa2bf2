"""The text of an uploaded draft: bytes as a person's computer wrote them, read or refused with what to do."""

from __future__ import annotations

from consult.core.errors import Refusal
from consult.core.i18n import _


class NotText(Refusal):
    """The file is not text that can be read without guessing."""


def read(data: bytes) -> str:
    """The text of a Markdown or plain text file in UTF-8 or, where it says so itself, UTF-16.

    Other encodings are refused, not guessed: a wrong guess would publish wrong letters.

    >>> read(b"\\xef\\xbb\\xbf# Plan"), read("# Plan".encode("utf-16"))
    ('# Plan', '# Plan')
    """
    if data.startswith(b"PK\x03\x04"):
        raise NotText(_("This is a Word, OpenDocument or zip file. Save it as plain text or Markdown first."))
    if data.startswith(b"%PDF"):
        raise NotText(_("This is a PDF. Copy its text, and paste it in the box instead."))
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise NotText(_not_utf8(data, error)) from error
    if text.count("\x00") > len(text) // 10:
        raise NotText(_("This file is not text, or is in an encoding that does not say its name. Save it as UTF-8."))
    return text


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return str(_("This file says that it is UTF-16, but it is cut or damaged. Save it again as UTF-8."))
    line = data.count(b"\n", 0, error.start) + 1
    start = data.rfind(b"\n", 0, error.start) + 1
    shown = data[max(start, error.start - 20) : error.start + 20].splitlines()[0].decode("latin-1")
    said = _(
        "Line %(line)s is not UTF-8, near “%(words)s”. The file is probably in a Windows or Latin-1 encoding: open it "
        "in your editor, save it as UTF-8, then upload it again.",
        line=line,
        words=shown.strip(),
    )
    return str(said)
