"""Files made for tests: good ones with canaries in every hidden place, and bad ones of every sort."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

import pikepdf
from docx import Document
from PIL import Image, PngImagePlugin

CANARY = "Xquirinia Vandermolen"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def packed(parts: dict[str, bytes | str], *, plain_first: bool = False) -> bytes:
    """A ZIP archive of these parts."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, part) in enumerate(parts.items()):
            plain = zipfile.ZIP_STORED if plain_first and number == 0 else zipfile.ZIP_DEFLATED
            archive.writestr(name, part, plain)
    return kept.getvalue()


def jpeg(width: int = 640, height: int = 400) -> bytes:
    """A photograph that says where, when, with what and by whom it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x9286] = "Camera", CANARY, CANARY
    exif[0x8825] = {1: "S", 2: (12.0, 3.0, 0.5), 3: "W", 4: (77.0, 2.0, 0.5)}
    kept = BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(kept, "JPEG", exif=exif, comment=CANARY.encode())
    return kept.getvalue()


def png() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", CANARY)
    kept = BytesIO()
    Image.new("RGBA", (300, 200), (20, 90, 110, 255)).save(kept, "PNG", pnginfo=notes)
    return kept.getvalue()


def gif() -> bytes:
    kept = BytesIO()
    Image.new("P", (30, 20)).save(kept, "GIF", comment=CANARY.encode())
    return kept.getvalue()


def pdf(words: str = "Overdose deaths fell by a third.", pages: int = 1) -> bytes:
    """A PDF that names its author in three places, runs a script, and carries a file and a photograph."""
    made = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    photo = made.make_stream(
        jpeg(64, 64),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=64,
        Height=64,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    for _number in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font), XObject=pikepdf.Dictionary(Im=photo))
        page.Contents = made.make_stream(
            f"BT /F1 18 Tf 60 760 Td ({words}) Tj ET q 64 0 0 64 60 600 cm /Im Do Q".encode()
        )
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, T=CANARY, Contents="See table 2", Rect=[10, 10, 30, 30]
    )
    made.pages[0].Annots = pikepdf.Array([made.make_indirect(note)])
    made.docinfo["/Author"], made.docinfo["/Creator"] = CANARY, "Writer"
    with made.open_metadata() as xmp:
        xmp["dc:creator"] = [CANARY]
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{CANARY}')")
    made.attachments["notes.txt"] = CANARY.encode()
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def docx() -> bytes:
    """A Word file with an author, a comment by somebody, tracked changes and a photograph."""
    made = Document()
    made.add_heading("Naloxone in two districts")
    line = made.add_paragraph("Of 214 people, 61 carried it.")
    made.add_comment(line.runs, text="Check this", author=CANARY, initials="XV")
    made.add_picture(BytesIO(jpeg()))
    made.core_properties.author = made.core_properties.last_modified_by = CANARY
    made.core_properties.created = datetime(2026, 3, 1, tzinfo=UTC)
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def odt() -> bytes:
    note = (
        f"<office:annotation><dc:creator>{CANARY}</dc:creator><dc:date>2026-01-01T10:00:00</dc:date>"
        "<text:p>Is it so?</text:p></office:annotation>"
    )
    spaces = (
        f'xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0" xmlns:meta="{_ODF}:meta:1.0" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:config="{_ODF}:config:1.0"'
    )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {spaces}><office:body><office:text><text:p>Waiting time fell{note} "
                       "to nine days.</text:p></office:text></office:body></office:document-content>",
        "meta.xml": f"<office:document-meta {spaces}><office:meta><meta:initial-creator>{CANARY}</meta:initial-creator>"
                    "<meta:generator>Office</meta:generator></office:meta></office:document-meta>",
        "settings.xml": f'<office:document-settings {spaces}><config:config-item config:name="PrinterName">{CANARY}'
                        "</config:config-item></office:document-settings>",
        "META-INF/manifest.xml": "<manifest/>",
    }, plain_first=True)  # fmt: skip


def xlsx() -> bytes:
    return packed({
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{_NS}"><fileSharing userName="{CANARY}"/></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_NS}"><si><t>District North</t></si></sst>',
        "xl/comments1.xml": f'<comments xmlns="{_NS}"><authors><author>{CANARY}</author></authors></comments>',
        "xl/printerSettings/printerSettings1.bin": CANARY,
        "docProps/core.xml": f"<coreProperties><creator>{CANARY}</creator></coreProperties>",
        "docProps/custom.xml": f"<Properties><property name='x'>{CANARY}</property></Properties>",
    })  # fmt: skip


GOOD: dict[str, Callable[[], bytes]] = {
    "photo.jpg": jpeg, "plan.png": png, "old.gif": gif, "study.pdf": pdf, "report.docx": docx, "report.odt": odt,
    "figures.xlsx": xlsx,
}  # fmt: skip


@lru_cache
def zip_bomb() -> bytes:
    return packed({"word/document.xml": b"<a>" + b"\0" * 200_000_000})


def lying_bomb() -> bytes:
    """A bomb whose directory says that it unpacks to 1,000 bytes."""
    data = bytearray(packed({"word/document.xml": b"\0" * 200_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def many_members() -> bytes:
    return packed({f"word/{number}.xml": b"" for number in range(5000)})


def entity_bomb() -> bytes:
    lines = ['<!DOCTYPE a [<!ENTITY b0 "bomb">']
    lines += [f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 10)]
    return packed({"word/document.xml": "".join(lines) + "]><a>&b9;</a>"})


def deep_xml() -> bytes:
    return packed({"word/document.xml": b"<a>" * 50_000 + b"</a>" * 50_000})


def raw_pdf(stream: bytes, beside: bytes = b"") -> bytes:
    """A PDF of one page with this stream as its contents."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<>>" + beside + b">>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream]
    made, starts = b"%PDF-1.7\n", []
    for number, thing in enumerate(objects, 1):
        starts.append(len(made))
        made += b"%d 0 obj\n" % number + thing + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(made)
    return made + b"xref\n0 5\n0000000000 65535 f \n" + table + end


@lru_cache
def pdf_stream_bomb() -> bytes:
    """A megabyte that unpacks to 560 MB of drawing."""
    press = zlib.compressobj(1)
    drawing = b"".join([press.compress(b"0 0 m 1 1 l S\n" * 100_000) for _n in range(400)]) + press.flush()
    return raw_pdf(b"<</Length %d/Filter/FlateDecode>>stream\n" % len(drawing) + drawing + b"\nendstream")


def pdf_nested() -> bytes:
    return raw_pdf(b"<</Length 0>>stream\n\nendstream", b"/X " + b"[" * 200_000 + b"]" * 200_000)


def pixel_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of 3.6 gigapixels in a few kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def protected_pdf() -> bytes:
    kept = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as made:
        made.save(kept, encryption=pikepdf.Encryption(owner="a", user="b"))
    return kept.getvalue()


def bomb_inside() -> bytes:
    """A document in a document in a document, each packed small, the last one a bomb."""
    inner = zip_bomb()
    for _level in range(2):
        inner = packed({"word/document.xml": "<a/>", "word/embeddings/inner.docx": inner})
    return inner


def webp_bomb() -> bytes:
    """A WebP of 41 megapixels in a few kilobytes."""
    kept = BytesIO()
    Image.new("RGB", (8000, 5125)).save(kept, "WEBP", lossless=True, quality=0, method=0)
    return kept.getvalue()


def many_frames() -> bytes:
    """A GIF of 20,000 frames: a loop that a reader would draw for minutes."""
    one = gif()
    start = one.index(b"\x2c")
    return one[:start] + one[start:-1] * 20_000 + b"\x3b"


def many_pages() -> bytes:
    made = pikepdf.new()
    for _number in range(2001):
        made.add_blank_page(page_size=(10, 10))
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def encrypted_word() -> bytes:
    """The head of an Office file with a password: not ZIP any more."""
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + name + b"\0" * 400


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "nothing": ("empty.pdf", lambda: b"", "empty"),
    "too large": ("large.txt", lambda: b"a" * (25 * 2**20 + 1), "large"),
    "EICAR": ("eicar.txt", lambda: EICAR, "virus"),
    "EICAR inside": ("eicar.csv", lambda: b"a;b\n" + EICAR, "virus"),
    "zip bomb": ("bomb.docx", zip_bomb, "unpacks"),
    "zip bomb that lies": ("bomb.docx", lying_bomb, "broken"),
    "5,000 members": ("many.docx", many_members, "members"),
    "entity bomb": ("entities.docx", entity_bomb, "broken"),
    "XML 50,000 deep": ("deep.docx", deep_xml, "broken"),
    "PDF stream bomb": ("bomb.pdf", pdf_stream_bomb, "heavy"),
    "PDF 200,000 deep": ("deep.pdf", pdf_nested, "broken"),
    "PDF of 2,001 pages": ("long.pdf", many_pages, "pages"),
    "bomb in a document in a document": ("inner.docx", bomb_inside, "unpacks"),
    "archive of archives": ("all.docx", lambda: packed({"a.zip": packed({"b.zip": packed({"c": "d"})})}), "kind"),
    "WebP of 41 megapixels": ("bomb.webp", webp_bomb, "pixels"),
    "pixel bomb": ("bomb.png", pixel_bomb, "pixels"),
    "PDF and ZIP": ("both.pdf", lambda: pdf() + packed({"a": "b"}), "double"),
    "GIF and JavaScript": ("both.gif", lambda: b"GIF89a/*" + gif()[8:] + b"*/=1;alert(1)", "double"),
    "picture with a page inside": ("page.png", lambda: png() + b"<script>alert(1)</script>", "double"),
    "page in front of a PDF": ("page.pdf", lambda: b"%PDF-1.4\n<html><script>" + pdf(), "double"),
    "half a PDF": ("half.pdf", lambda: pdf()[:400], "broken"),
    "half a JPEG": ("half.jpg", lambda: jpeg()[:3000], "broken"),
    "half a Word file": ("half.docx", lambda: docx()[:9000], "broken"),
    "wrong ending": ("photo.pdf", jpeg, "name"),
    "protected PDF": ("secret.pdf", protected_pdf, "password"),
    "macros": ("macros.docx", lambda: packed({"word/document.xml": "<a/>", "word/vbaProject.bin": "x"}), "macros"),
    "program": ("tool.exe", lambda: b"MZ\x90\x00\x03\x00\x00\x00", "kind"),
    "SVG with a script": (
        "chart.svg",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        "kind",
    ),
    "web page called a PDF": ("study.pdf", lambda: b"<!DOCTYPE html><script>alert(1)</script>", "kind"),
    "program called a photograph": ("photo.jpg", lambda: b"MZ\x90\x00\x03\x00\x00\x00" * 9, "kind"),
    "protected Word file": ("secret.docx", encrypted_word, "password"),
    "web page": ("page.txt", lambda: b"<!DOCTYPE html><p>Hello", "kind"),
    "old Word file": ("old.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_office"),
}
"""By what they are: the name given, the bytes, and why they are refused."""
