"""Markdown of an uploaded draft: decodes and converts the file, or refuses it with advice.

A child process with limits converts Word, web and XML files; the result is handled like pasted text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from consult.core import sandbox
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import clean_text
from consult.documents.formats import akn, markdown_writer, plaintext
from consult.documents.outline.reader import MAX_DRAFT_LENGTH, parse_outline

MAX_FILE_SIZE = 6 * 2**20
_MOST_SECONDS = 15
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_READERS = {
    "word": "consult.documents.formats.word:read",
    "page": "consult.documents.formats.webpage:read",
    "akn": "consult.documents.formats.akn_reader:read",
}
"""By name, so that the web process does not load what only a child needs."""


_QUICK_SECONDS, _QUICK_LENGTH, _QUICK_BLOCKS = 3, 120_000, 1_000
"""Within these a request reads a draft itself: CPU time of the child; characters and paragraphs of what it found."""


class UnreadableDraft(Refusal):
    """The file is not text that can be read without guessing."""


class SlowDraft(Exception):
    """Reading the file takes longer than a page should wait."""


def read_draft(data: bytes, name: str = "", *, language: str = DEFAULT_LANGUAGE, quick: bool = False) -> str:
    """The draft in a file: Markdown or plain text (UTF-8, or UTF-16 that says so), HTML, Word or Akoma Ntoso.

    What it is is told by its first bytes; the name only tells a web page without a head. Other encodings are refused,
    not guessed: a wrong guess would publish wrong letters.
    Raises UnreadableDraft, or a refusal of `core.sandbox`; with `quick`, SlowDraft.

    >>> read_draft(b"\\xef\\xbb\\xbf# Plan"), read_draft("# Plan".encode("utf-16"))
    ('# Plan', '# Plan')
    """
    if len(data) > MAX_FILE_SIZE:
        most, size = MAX_FILE_SIZE // 2**20, max(len(data) // 2**20, MAX_FILE_SIZE // 2**20 + 1)
        raise UnreadableDraft(
            _("The file has %(size)s MB; at most %(most)s fit. Take its pictures out.", size=size, most=most)
        )
    if data.startswith(b"PK\x03\x04"):
        return _write_out_numbers(_read_in_sandbox("word", data, quick)["text"], language)
    _refuse_foreign(data)
    start = data[:4000].lower()
    if b"<akomantoso" in start or (start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"<html" not in start):
        return markdown_writer.write_markdown(
            akn.to_outline(_read_in_sandbox("akn", data, quick), language), language=language
        )
    if b"<html" in start or b"<!doctype html" in start or name.lower().endswith((".html", ".htm", ".xhtml")):
        return _write_out_numbers(_read_in_sandbox("page", data, quick)["text"], language)
    return plaintext.mark_headings(clean_text(_decoded(data)))


def _write_out_numbers(text: str, language: str) -> str:
    """The text with the numbers it was given written out, so that they can be seen and changed."""
    text = clean_text(plaintext.mark_headings(text))
    if len(text) > MAX_DRAFT_LENGTH:
        return text
    split = parse_outline(text, language=language)
    return text if split.problems else markdown_writer.write_markdown(split, language=language)


def _read_in_sandbox(reader: str, data: bytes, quick: bool) -> dict[str, Any]:
    try:
        found = sandbox.run(_READERS[reader], data, memory=512, seconds=_QUICK_SECONDS if quick else _MOST_SECONDS)
    except sandbox.ParserOutOfTime as late:
        if quick:
            raise SlowDraft from late
        raise
    answer: dict[str, Any] = json.loads(found)
    if "refused" in answer:
        raise UnreadableDraft(_REFUSED[answer["refused"]](answer.get("line", 1)))
    blocks = len(answer["pieces"]) if "pieces" in answer else answer["text"].count("\n\n")
    if quick and (len(found) > _QUICK_LENGTH or blocks > _QUICK_BLOCKS):
        raise SlowDraft
    return answer


def _refuse_foreign(data: bytes) -> None:
    """Raises NotText for the files that people take for drafts and that hold no text we can read."""
    if data.startswith(b"%PDF"):
        raise UnreadableDraft(_("This is a PDF. Copy its text, and paste it in the box instead."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableDraft(
            _("This is an old Word file (.doc) or a locked one. Save it as .docx without a password first.")
        )
    if data.startswith(b"{\\rtf"):
        raise UnreadableDraft(_("This is an RTF file. Save it as a Word file (.docx) or plain text first."))


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
    "too-deep": lambda line: _(
        "Parts of this file are within more than 250 others, and what follows them cannot be read. Copy its text, and"
        " paste it in the box instead."
    ),
    "not-akn": lambda line: _("This is XML, but not Akoma Ntoso with a body. Choose another form of the draft."),
}


def _decoded(data: bytes) -> str:
    try:
        if data.startswith(_UTF16):
            return data.decode("utf-16")
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise UnreadableDraft(_not_utf8(data, error)) from error
    if text.count("\x00") > len(text) // 10:
        raise UnreadableDraft(_not_text())
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
