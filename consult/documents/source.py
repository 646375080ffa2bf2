"""The text of an uploaded draft in Markdown: what a person's computer wrote, read or refused with what to do.

Word, web and XML files are read in a child process with limits; the texts that come out are then like pasted ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from consult.core import child
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import clean
from consult.documents import akn, plaintext, writing
from consult.documents.outline import LARGEST, outline

LARGEST_FILE = 6 * 2**20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_READERS = {
    "word": "consult.documents.word:read",
    "page": "consult.documents.webpage:read",
    "akn": "consult.documents.akn_reader:read",
}
"""By name, so that the web process does not load what only a child needs."""


class NotText(Refusal):
    """The file is not text that can be read without guessing."""


def read(data: bytes, name: str = "", *, language: str = "en") -> str:
    """The draft in a file: Markdown or plain text (UTF-8, or UTF-16 that says so), HTML, Word or Akoma Ntoso.

    What it is is told by its first bytes; the name only tells a web page without a head. Other encodings are refused,
    not guessed: a wrong guess would publish wrong letters. Raises NotText, or a refusal of `core.child`.

    >>> read(b"\\xef\\xbb\\xbf# Plan"), read("# Plan".encode("utf-16"))
    ('# Plan', '# Plan')
    """
    if len(data) > LARGEST_FILE:
        most, size = LARGEST_FILE // 2**20, max(len(data) // 2**20, LARGEST_FILE // 2**20 + 1)
        raise NotText(_("The file has %(size)s MB; at most %(most)s fit. Take its pictures out.", size=size, most=most))
    if data.startswith(b"PK\x03\x04"):
        return _settled(_child("word", data)["text"], language)
    _refuse_foreign(data)
    start = data[:4000].lower()
    if b"<akomantoso" in start or (start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"<html" not in start):
        return writing.markdown(akn.outline_of(_child("akn", data), language), language=language)
    if b"<html" in start or b"<!doctype html" in start or name.lower().endswith((".html", ".htm", ".xhtml")):
        return _settled(_child("page", data)["text"], language)
    return plaintext.headed(clean(_decoded(data)))


def _settled(text: str, language: str) -> str:
    """The text with the numbers it was given written out, so that they can be seen and changed."""
    text = clean(plaintext.headed(text))
    if len(text) > LARGEST:
        return text
    split = outline(text, language=language)
    return text if split.problems else writing.markdown(split, language=language)


def _child(reader: str, data: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(child.run(_READERS[reader], data, memory=512, seconds=15))
    if "refused" in answer:
        raise NotText(_REFUSED[answer["refused"]](answer.get("line", 1)))
    return answer


def _refuse_foreign(data: bytes) -> None:
    """Raises NotText for the files that people take for drafts and that hold no text we can read."""
    if data.startswith(b"%PDF"):
        raise NotText(_("This is a PDF. Copy its text, and paste it in the box instead."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotText(_("This is an old Word file (.doc) or a locked one. Save it as .docx without a password first."))
    if data.startswith(b"{\\rtf"):
        raise NotText(_("This is an RTF file. Save it as a Word file (.docx) or plain text first."))


_REFUSED: dict[str, Callable[[int], str]] = {
    "bomb": lambda line: _("This file unpacks to more than we can open safely. Take its pictures out, or divide it."),
    "locked": lambda line: _("This file is locked with a password. Save it without one first."),
    "not-word": lambda line: _("This is a zip file, but not a Word file (.docx). Save the draft as .docx first."),
    "broken": lambda line: _("This Word file is damaged. Open it in your editor, and save it again."),
    "entities": lambda line: _(
        "This file defines entities (line %(line)s), which can hide things, so it is not read. Save it without them.",
        line=line,
    ),
    "broken-xml": lambda line: _(
        "This is not well-formed XML: line %(line)s breaks off or has a wrong tag.", line=line
    ),
    "not-akn": lambda line: _("This is XML, but not Akoma Ntoso with a body. Choose another form of the draft."),
}


def _decoded(data: bytes) -> str:
    try:
        if data.startswith(_UTF16):
            return data.decode("utf-16")
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise NotText(_not_utf8(data, error)) from error
    if text.count("\x00") > len(text) // 10:
        raise NotText(_not_text())
    return text


def _not_text() -> str:
    return str(_("This file is not text, or is in an encoding that does not say its name. Save it as UTF-8."))


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    if data.startswith(_UTF16):
        return str(_("This file says that it is UTF-16, but it is cut or damaged. Save it again as UTF-8."))
    if len(_CONTROLS.findall(data[:4000])) > len(data[:4000]) // 50:
        return _not_text()  # a picture, a packed file: no editor would mend it
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
