"""Detection of file types by first and last bytes: a quick check without a parser, before anything else reads the file.

Accepted files are then inspected in a child process. Refusals are codes of `reasons.REASONS`.
"""

from __future__ import annotations

import re
import struct
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

MAX_BYTES = 25 * 2**20
MAX_MEMBERS = 2000
MAX_UNPACKED = 150 * 2**20
_MOST_DIRECTORY = 2**20
_MAX_RATIO = 250
"""The maximum compression ratio of a part beyond its first megabyte: XML reaches 60, a zip bomb 1,000."""


@dataclass(frozen=True)
class FileKind:
    """A type of file: its ending, media type, and other valid endings."""

    ending: str
    media_type: str
    also: tuple[str, ...] = ()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    "pdf": FileKind("pdf", "application/pdf"),
    "docx": FileKind("docx", _WORD),
    "xlsx": FileKind("xlsx", _SHEET),
    "odt": FileKind("odt", "application/vnd.oasis.opendocument.text"),
    "csv": FileKind("csv", "text/csv", ("tsv",)),
    "txt": FileKind("txt", "text/plain", ("text", "md")),
    "jpeg": FileKind("jpg", "image/jpeg", ("jpeg", "jpe", "jfif")),
    "png": FileKind("png", "image/png"),
    "webp": FileKind("webp", "image/webp"),
    "gif": FileKind("gif", "image/gif"),
}
ACCEPTED_ENDINGS = ",".join(f".{ending}" for kind in KINDS.values() for ending in (kind.ending, *kind.also))

_MAGIC = [
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"PK\x03\x04", "zip"),
]
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_MARKUP_START = re.compile(rb"\s*(?:<!doctype|<html|<svg|<script|<\?php|<\?xml|#!|\{\\rtf)", re.IGNORECASE)
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode(
    "utf-16-le"
)  # signature of a password-protected .docx. Source: MS-OFFCRYPTO, 2.3.4
_MACROS = re.compile(r"(^|/)vbaproject\.bin$|^(Basic|Scripts)/", re.IGNORECASE)
_CODE = re.compile(rb"<script|<\?php|<html[\s>]", re.IGNORECASE)


class UnacceptableFile(Exception):
    """The file is refused. `code` is the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def detect_kind(data: bytes, name: str) -> str:
    """Return the type of a file if it is accepted and matches its name. Raises UnacceptableFile.

    >>> detect_kind(b"district;deaths", "deaths.csv"), detect_kind(b"%PDF-1.7 ...", "Study.PDF")
    ('csv', 'pdf')
    """
    if not data:
        raise UnacceptableFile("empty")
    if len(data) > MAX_BYTES:
        raise UnacceptableFile("large")
    if _EICAR in data:
        raise UnacceptableFile("virus")
    ending = PurePath(name).suffix.lower().removeprefix(".")
    kind = _by_content(data, ending)
    if kind not in ("docx", "xlsx", "odt"):
        _require_single_kind(data, kind)
    if ending not in (KINDS[kind].ending, *KINDS[kind].also):
        raise UnacceptableFile("name")
    return kind


def _by_content(data: bytes, ending: str) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnacceptableFile("password" if _ENCRYPTED_PACKAGE in data else "old_office")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    kind_found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if kind_found == "zip":
        return _office_kind(data)
    if kind_found:
        return kind_found
    if _MARKUP_START.match(data) or not is_text(data):
        raise UnacceptableFile("kind")
    return "csv" if ending in ("csv", "tsv") else "txt"


def is_text(data: bytes) -> bool:
    """Return True for text: UTF-8, UTF-16 with a byte order mark, or an older encoding without control characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return len(data) % 2 == 0
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data)


def _require_single_kind(data: bytes, kind: str) -> None:
    """Raise UnacceptableFile if signs of another file type are found before, after or inside the file."""
    if _zip_directory(data) is not None:
        raise UnacceptableFile("double")
    if kind in ("csv", "txt"):
        return
    if kind != "pdf" and (b"%PDF-" in data[:2048] or _CODE.search(data)):
        raise UnacceptableFile("double")
    if kind == "gif" and data[6:8] in (b"/*", b"//", b"=1", b"='", b'="'):
        raise UnacceptableFile("double")
    if kind == "pdf" and _CODE.search(data[:1024]):
        raise UnacceptableFile("double")


def _zip_directory(data: bytes) -> tuple[int, int] | None:
    """Return the number of members and the size of the directory of a ZIP archive at the end of the file, or None."""
    tail = data[-66_000:]
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        return None
    members, size, _start = struct.unpack("<HII", tail[place + 10 : place + 20])
    at = len(data) - len(tail) + place - size
    if size and (at < 0 or data[at : at + 4] != b"PK\x01\x02"):
        return None
    return members, size


def _office_kind(data: bytes) -> str:
    """Return the document type of a ZIP archive. The size of its directory is checked before it is parsed."""
    weight = _zip_directory(data)
    if weight is None:
        raise UnacceptableFile("broken")
    if weight[0] > MAX_MEMBERS or weight[1] > _MOST_DIRECTORY:
        raise UnacceptableFile("members")
    try:
        members = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise UnacceptableFile("broken") from error
    if len(members) > MAX_MEMBERS:
        raise UnacceptableFile("members")
    _check_weight(members)
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise UnacceptableFile("password")
    if any(_MACROS.search(name) for name in names):
        raise UnacceptableFile("macros")
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and members[0].filename == "mimetype" and KINDS["odt"].media_type.encode() in data[:120]:
        return "odt"
    raise UnacceptableFile("kind")


def _check_weight(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    swollen = any(member.file_size > 2**20 + _MAX_RATIO * member.compress_size for member in members)
    if total > MAX_UNPACKED or swollen:
        raise UnacceptableFile("unpacks")
