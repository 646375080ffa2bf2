"""Cleaner of PDF: rewrites it without hidden data such as properties, scripts and history, and extracts its text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from consult.files.cleaning.answer import MAX_PAGE_IMAGES, MAX_PAGES, MAX_TEXT_LENGTH, CleanedFile, cleaned_text, packed
from consult.files.cleaning.blocks import Block
from consult.files.cleaning.pdf_blocks import Line, build_blocks, read_lines
from consult.files.cleaning.pictures import make_page_image
from consult.files.cleaning.segments import strip_metadata
from consult.files.kinds import UnacceptableFile

_READING_SECONDS = 6.0
_WIDEST = 1100
_ACTIVE_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/GoToE",
    "/GoToR",
    "/ImportData",
    "/SubmitForm",
    "/Rendition",
    "/Movie",
    "/Sound",
}
_DROPPED_KEYS = {"/Metadata": "author", "/PieceInfo": "custom", "/LastModified": "times", "/AA": "scripts",
           "/Thumb": "preview", "/AF": "attachments"}  # fmt: skip
_INFO = {"/Author": "author", "/Creator": "program", "/Producer": "program", "/CreationDate": "times",
         "/ModDate": "times", "/Title": "title", "/Subject": "title", "/Keywords": "title"}  # fmt: skip
_NOTES = {"/T": "commenters", "/CreationDate": "times", "/M": "times", "/NM": "custom", "/Subj": "custom"}
_ATTACHED = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


@packed
def clean(data: bytes, kind: str) -> CleanedFile:
    copy, removed = _rewrite(data)
    blocks, page_count, pages = _read_pages(copy)
    return cleaned_text(kind, copy, blocks, removed, pages, page_count)


def _rewrite(data: bytes) -> tuple[bytes, set[str]]:
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise UnacceptableFile("password")
            if len(pdf.pages) > MAX_PAGES:
                raise UnacceptableFile("pages")
            removed = set(_strip_properties(pdf)) | set(_strip_catalogue(pdf)) | set(_strip_objects(pdf))
            kept = BytesIO()
            pdf.save(
                kept,
                deterministic_id=True,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
            return kept.getvalue(), removed
    except pikepdf.PasswordError as error:
        raise UnacceptableFile("password") from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnacceptableFile("broken") from error


def _strip_properties(pdf: Pdf) -> Iterator[str]:
    info = pdf.trailer.get("/Info")
    if isinstance(info, Dictionary):
        yield from (_INFO.get(name, "custom") for name in dict(info))
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]


def _strip_catalogue(pdf: Pdf) -> Iterator[str]:
    """Remove actions and attachments of the document as a whole. Yield the codes of what was removed."""
    root = pdf.Root
    for name, code in (("/OpenAction", "scripts"), ("/Collection", "attachments"), ("/PieceInfo", "custom")):
        if name in root and (name != "/OpenAction" or isinstance(root[name], Dictionary)):
            yield code
            del root[name]
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        for name, code in (("/JavaScript", "scripts"), ("/EmbeddedFiles", "attachments")):
            if name in names:
                yield code
                del names[name]
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        yield "forms"
        del form["/XFA"]


def _strip_objects(pdf: Pdf) -> Iterator[str]:
    """Clean every object once. A PDF's objects are a flat list, so no nesting needs to be followed."""
    for thing in pdf.objects:
        if isinstance(thing, Stream):
            yield from _strip_picture(thing)
        if isinstance(thing, (Stream, Dictionary)):
            yield from _strip_keys(thing)
            annotations = thing.get("/Annots")
            if isinstance(annotations, Array):
                yield from _strip_annotations(thing, annotations)


def _strip_keys(thing: Any) -> Iterator[str]:
    for name, code in _DROPPED_KEYS.items():
        if name in thing:
            yield code
            del thing[name]
    for name in ("/A", "/Next"):
        action = thing.get(name)
        if isinstance(action, Dictionary) and str(action.get("/S")) in _ACTIVE_ACTIONS:
            yield "scripts"
            del thing[name]
    if str(thing.get("/S")) in _ACTIVE_ACTIONS and ("/JS" in thing or "/F" in thing):
        yield "scripts"
        for name in list(thing.keys()):
            del thing[name]


def _strip_annotations(sheet: Any, annotations: Array) -> Iterator[str]:
    """Keep annotations without their authors, and remove attachments and media."""
    kept = []
    for note in annotations:
        if not isinstance(note, Dictionary) or str(note.get("/Subtype")) in _ATTACHED:
            yield "attachments"
            continue
        if str(note.get("/Subtype")) not in ("/Widget", "/Link"):
            for name, code in _NOTES.items():
                if name in note:
                    yield code
                    del note[name]
        yield from _strip_keys(note)
        kept.append(note)
    sheet["/Annots"] = Array(kept)


def _strip_picture(thing: Stream) -> Iterator[str]:
    filters = thing.get("/Filter")
    alone = isinstance(filters, Array) and len(filters) == 1 and filters[0] == Name.DCTDecode
    if filters == Name.DCTDecode or alone:
        was = thing.read_raw_bytes()
        picture = strip_metadata(was)
        if len(picture) < len(was):
            yield "picture"
            thing.write(picture, filter=Name.DCTDecode)


def _read_pages(copy: bytes) -> tuple[list[Block], int, list[bytes]]:
    """Return the blocks, the number of pages, and images of the first pages."""
    try:
        document = pypdfium2.PdfDocument(copy)
        lines: list[Line] = []
        stop, length = time.monotonic() + _READING_SECONDS, 0
        for number in range(len(document)):
            lines += (on_page := read_lines(document[number].get_textpage(), number + 1))
            length += sum(len(line.words) for line in on_page)
            if time.monotonic() > stop or length > MAX_TEXT_LENGTH:
                break
        images = [_draw_page(document[number]) for number in range(min(MAX_PAGE_IMAGES, len(document)))]
        return build_blocks(lines, len(document)), len(document), images
    except pypdfium2.PdfiumError as error:
        raise UnacceptableFile("broken") from error


def _draw_page(sheet: Any) -> bytes:
    scale = min(2.0, _WIDEST / max(1.0, *sheet.get_size()))
    return make_page_image(sheet.render(scale=scale).to_pil())
