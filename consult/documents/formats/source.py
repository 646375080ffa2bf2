"""Reader of an uploaded draft as Markdown: it decodes and converts the file, or refuses it with advice.

Word, web and XML files are converted by a child process with limits. The result is handled like pasted text.
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
from consult.documents.formats import akn, markdown_writer
from consult.documents.outline import reader
from consult.documents.outline.reader import Outline, parse_outline

MAX_FILE_SIZE = 6 * 2**20
_MOST_SECONDS = 15
_ZIP = b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_READERS = {
    "word": "consult.documents.formats.word:read",
    "page": "consult.documents.formats.webpage:read",
    "akn": "consult.documents.formats.akn_reader:read",
}
"""Converters by name, so that the web process does not load what only a child process needs."""


_QUICK_SECONDS, _QUICK_LENGTH, _QUICK_BLOCKS = 3, 120_000, 1_000
"""The limits for reading a draft within a request: CPU seconds of the child, characters and paragraphs of the result.
"""


class UnreadableDraft(Refusal):
    """The file is not text that can be read without guessing."""


class SlowDraft(Exception):
    """The file takes longer to read than a page should wait."""


def read_draft(data: bytes, name: str = "", *, language: str = DEFAULT_LANGUAGE, quick: bool = False) -> str:
    """Return the draft in a file: Markdown, plain text, HTML, Word or Akoma Ntoso.

    Text is UTF-8, or UTF-16 with a byte order mark. The format is detected from the first bytes; the name only
    identifies a web page without a head. Other encodings are refused rather than guessed, because a wrong guess would
    publish wrong letters. Raises UnreadableDraft, or a refusal of `core.sandbox`; with `quick`, SlowDraft.

    >>> read_draft(b"\\xef\\xbb\\xbf# Plan"), read_draft("# Plan".encode("utf-16"))
    ('# Plan', '# Plan')
    """
    if len(data) > MAX_FILE_SIZE:
        most, size = MAX_FILE_SIZE // 2**20, max(len(data) // 2**20, MAX_FILE_SIZE // 2**20 + 1)
        raise UnreadableDraft(
            _("The file is %(size)s MB. The limit is %(most)s MB. Remove the pictures in it.", size=size, most=most)
        )
    if data.startswith(_ZIP):
        return markdown_writer.write_markdown(_read_word(data, language, quick), language=language)
    _refuse_foreign(data)
    start = data[:4000].lower()
    if b"<akomantoso" in start or (start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"<html" not in start):
        return markdown_writer.write_markdown(
            akn.to_outline(_read_in_sandbox("akn", data, quick), language), language=language
        )
    if b"<html" in start or b"<!doctype html" in start or name.lower().endswith((".html", ".htm", ".xhtml")):
        return clean_text(_read_in_sandbox("page", data, quick)["text"])
    text = clean_text(_decoded(data))
    lines = _split_plain(text) if name.lower().endswith(".txt") else []
    return markdown_writer.write_markdown(_read_plain(lines, language), language=language) if lines else text


def _split_plain(text: str) -> list[str]:
    """Return the lines of a plain text that has one paragraph on each line, or an empty list.

    A text is read as Markdown in two cases. It has empty lines, headings or tables, or over a quarter of its lines
    begin with a lower-case letter.

    >>> _split_plain("Article 1\\nClinics open daily."), _split_plain("Clinics open\\ndaily.")
    (['Article 1', 'Clinics open daily.'], [])
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    broken = sum(line[0].islower() for line in lines)
    if "\n\n" in text.strip() or broken * 4 > len(lines) or any(line.startswith(("#", "|")) for line in lines):
        return []
    return lines


def _read_plain(lines: list[str], language: str) -> Outline:
    return reader.read_lines(reader.to_lines([{"text": line} for line in lines]), language=language)


def read_outline(data: bytes, name: str = "", *, language: str = DEFAULT_LANGUAGE) -> Outline:
    """Return the provisions of the draft in a file. Raises what `read_draft` raises."""
    if data.startswith(_ZIP) and len(data) <= MAX_FILE_SIZE:
        return _read_word(data, language, quick=False)
    return parse_outline(read_draft(data, name, language=language), language=language)


def _read_word(data: bytes, language: str, quick: bool) -> Outline:
    rows = _read_in_sandbox("word", data, quick)["rows"]
    lines = reader.to_lines([row | {"text": clean_text(row["text"])} for row in rows])
    return reader.read_lines(lines, language=language)


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
    blocks = len(answer.get("pieces") or answer.get("rows") or ()) or answer.get("text", "").count("\n\n")
    if quick and (len(found) > _QUICK_LENGTH or blocks > _QUICK_BLOCKS):
        raise SlowDraft
    return answer


def _refuse_foreign(data: bytes) -> None:
    """Raise UnreadableDraft for common files that contain no readable text."""
    if data.startswith(b"%PDF"):
        raise UnreadableDraft(_("This is a PDF. Copy its text, and paste it in the box instead."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableDraft(
            _("This is an old Word file (.doc) or a locked one. Save it as .docx without a password first.")
        )
    if data.startswith(b"{\\rtf"):
        raise UnreadableDraft(_("This is an RTF file. Save it as a Word file (.docx) or plain text first."))


_REFUSED: dict[str, Callable[[int], str]] = {
    "bomb": lambda line: _("This file is too large once unpacked. Remove the pictures in it, or divide it."),
    "locked": lambda line: _("This file is locked with a password. Save it without one first."),
    "not-word": lambda line: _("This is a zip file, but not a Word file (.docx). Save the draft as .docx first."),
    "broken": lambda line: _("This Word file is damaged. Open it in your editor, and save it again."),
    "entities": lambda line: _(
        "This file defines entities (line %(line)s). They can hide content, so we do not read the file. Save "
        "it without entities.",
        line=line,
    ),
    "broken-xml": lambda line: _(
        "This is not well-formed XML. Line %(line)s is incomplete or has a wrong tag.", line=line
    ),
    "too-deep": lambda line: _(
        "This file has more than 250 levels of nested parts. We cannot read the text after them. Copy the text "
        "and paste it in the box instead."
    ),
    "not-akn": lambda line: _(
        "This is an XML file, but not Akoma Ntoso with a body element. Choose another file format."
    ),
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
    return str(_("This file is not text, or does not state its encoding. Save it as UTF-8."))


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    if data.startswith(_UTF16):
        return str(_("This file is marked as UTF-16, but it is incomplete or damaged. Save it again as UTF-8."))
    if len(_CONTROLS.findall(data[:4000])) > len(data[:4000]) // 50:
        return _not_text()  # a picture or an archive, which no editor can convert
    line = data.count(b"\n", 0, error.start) + 1
    start = data.rfind(b"\n", 0, error.start) + 1
    shown = data[max(start, error.start - 20) : error.start + 20].splitlines()[0].decode("latin-1")
    text = _(
        "Line %(line)s is not UTF-8, near “%(words)s”. The file probably has a Windows or Latin-1 encoding. "
        "Open it in your editor, save it as UTF-8, then upload it again.",
        line=line,
        words=shown.strip(),
    )
    return str(text)
