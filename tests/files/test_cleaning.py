"""The copy says what the file says, and nothing of who made it, when, where and with what."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pikepdf
import pytest
from docx import Document
from PIL import Image

from consult.files.cleaning.answer import CleanedFile, pack, unpack
from consult.files.inspection import clean_file
from consult.files.kinds import detect_kind
from consult.files.reasons import REMOVED
from tests.files.samples import CANARY, GOOD, docx, gif, jpeg, odt, pdf, xlsx

_SAID = {
    "study.pdf": "Overdose deaths fell", "report.docx": "Of 214 people", "report.odt": "Waiting time fell",
    "figures.xlsx": "District North",
}  # fmt: skip


def unpacked(data: bytes) -> bytes:
    """Everything in a file in the clear: also what is packed inside it."""
    found = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            found += [unpacked(archive.read(name)) for name in archive.namelist()]
    if data.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(data)) as made:
            found += [thing.read_bytes() for thing in made.objects if isinstance(thing, pikepdf.Stream)
                      and thing.get("/Filter") != pikepdf.Name.DCTDecode]  # fmt: skip
            found += [str(dict(thing)).encode() for thing in made.objects if isinstance(thing, pikepdf.Dictionary)]
    return b"\0".join(found)


def clean(name: str) -> CleanedFile:
    data = GOOD[name]()
    assert CANARY.encode() in unpacked(data)
    return clean_file(data, detect_kind(data, name))


@pytest.mark.parametrize("name", GOOD)
def test_no_hidden_name_is_left_in_the_copy_and_what_was_removed_is_said(name: str) -> None:
    found = clean(name)
    assert found.refused == ""
    assert found.removed
    assert found.removed <= REMOVED.keys()
    for piece in [found.copy, found.text.encode(), *found.pages]:
        assert CANARY.encode() not in unpacked(piece)


@pytest.mark.parametrize(("name", "words"), _SAID.items())
def test_the_words_are_kept_for_search(name: str, words: str) -> None:
    assert words in clean(name).text


@pytest.mark.parametrize("name", [*GOOD, "notes.txt"])
def test_there_is_an_image_of_its_first_page(name: str) -> None:
    data = GOOD[name]() if name in GOOD else "مرحبا\nHello".encode()
    found = clean_file(data, detect_kind(data, name))
    assert 1 <= len(found.pages) <= 3
    sheet = Image.open(BytesIO(found.pages[0]))
    assert sheet.format == "WEBP"
    assert max(sheet.size) <= 1200


def test_the_place_where_a_photograph_was_taken_is_gone_and_its_author_is_told() -> None:
    found = clean_file(jpeg(), "jpeg")
    copy = Image.open(BytesIO(found.copy))
    assert not copy.getexif()
    assert "comment" not in copy.info
    assert {"place", "camera", "author"} <= found.removed


def test_a_pdf_loses_properties_scripts_attachments_and_the_notes_in_its_photographs() -> None:
    found = clean_file(pdf(), "pdf")
    with pikepdf.open(BytesIO(found.copy)) as copy:
        assert dict(copy.docinfo) == {}
        assert "/Metadata" not in copy.Root
        assert "/OpenAction" not in copy.Root
        assert len(copy.attachments) == 0
        note = copy.pages[0].Annots[0]
        assert "/T" not in note
        assert note.Contents == "See table 2"
        photo = copy.pages[0].Resources.XObject.Im
        assert b"Exif" not in photo.read_raw_bytes()
    assert {"author", "scripts", "attachments", "commenters", "picture"} <= found.removed


def test_the_beginning_of_each_page_of_a_pdf_is_known_in_its_text() -> None:
    found = clean_file(pdf(pages=3), "pdf")
    assert len(found.page_starts) == 3
    words = [found.text[start:].split("\n")[0] for start in found.page_starts]
    assert words == ["Overdose deaths fell by a third."] * 3
    assert list(clean_file(docx(), "docx").page_starts) == []


def test_a_word_file_still_opens_with_its_words_comment_and_picture() -> None:
    found = clean_file(docx(), "docx")
    copy = Document(BytesIO(found.copy))
    assert "Of 214 people, 61 carried it." in [line.text for line in copy.paragraphs]
    assert [(note.text, note.author) for note in copy.comments] == [("Check this", "")]
    assert len(copy.inline_shapes) == 1
    assert copy.core_properties.author == ""
    assert "commenters" in found.removed


def test_an_open_document_keeps_its_notes_without_their_authors() -> None:
    found = clean_file(odt(), "odt")
    with zipfile.ZipFile(BytesIO(found.copy)) as copy:
        assert copy.namelist()[0] == "mimetype"
        assert copy.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        assert b"Is it so?" in copy.read("content.xml")
    assert {"author", "commenters", "printer"} <= found.removed


def test_a_sheet_loses_the_names_of_its_commenters_and_printers() -> None:
    assert {"commenters", "printer", "custom", "author"} <= clean_file(xlsx(), "xlsx").removed


def test_an_old_picture_becomes_a_still_one() -> None:
    assert clean_file(gif(), "gif").kind == "png"


@pytest.mark.parametrize("code", ["utf-8", "utf-16", "cp1256"])
def test_arabic_text_is_read_in_the_codes_that_people_use(code: str) -> None:
    words = "انخفضت الوفيات بمقدار الثلث في منطقتين"
    found = clean_file(words.encode(code), "txt")
    assert found.text.strip("\ufeff") == words


def test_an_answer_that_is_not_one_is_not_believed() -> None:
    packed = pack(CleanedFile("txt", b"one", "one", [], {"author"}, [b"a", b"b"]))
    assert unpack(packed).pages == [b"a", b"b"]
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        unpack(b"\x80\x04K\x01.")
