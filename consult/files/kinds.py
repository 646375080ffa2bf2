"""What a file is, by its first and last bytes; quick, without a parser, before anything else looks at it.

What passes is looked at closely in a child process. Refusals are codes of `reasons.REASONS`.
"""

from __future__ import annotations

import re
import struct
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

MOST_BYTES = 25 * 2**20
MOST_MEMBERS = 2000
MOST_UNPACKED = 150 * 2**20
_MOST_DIRECTORY = 2**20
_RATIO = 250
"""How many times its size one part may unpack to, beyond its first megabyte: XML reaches 60, a bomb 1,000."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: the ending of its name, its media type, and the other endings that are right for it."""

    ending: str
    media_type: str
    also: tuple[str, ...] = ()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    "pdf": Kind("pdf", "application/pdf"),
    "docx": Kind("docx", _WORD),
    "xlsx": Kind("xlsx", _SHEET),
    "odt": Kind("odt", "application/vnd.oasis.opendocument.text"),
    "csv": Kind("csv", "text/csv", ("tsv",)),
    "txt": Kind("txt", "text/plain", ("text", "md")),
    "jpeg": Kind("jpg", "image/jpeg", ("jpeg", "jpe", "jfif")),
    "png": Kind("png", "image/png"),
    "webp": Kind("webp", "image/webp"),
    "gif": Kind("gif", "image/gif"),
}
ACCEPTED = ",".join(f".{ending}" for kind in KINDS.values() for ending in (kind.ending, *kind.also))

_MAGIC = [
    (b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"),
    (b"GIF89a", "gif"), (b"PK\x03\x04", "zip"),
]  # fmt: skip
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_PAGE = re.compile(rb"\s*(?:<!doctype|<html|<svg|<script|<\?php|<\?xml|#!|\{\\rtf)", re.IGNORECASE)
_SEALED = "EncryptedPackage".encode("utf-16-le")  # what a password makes of a .docx. Source: MS-OFFCRYPTO, 2.3.4
_MACROS = re.compile(r"(^|/)vbaproject\.bin$|^(Basic|Scripts)/", re.IGNORECASE)
_CODE = re.compile(rb"<script|<\?php|<html[\s>]", re.IGNORECASE)


class Unacceptable(Exception):
    """The file is refused; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(data: bytes, name: str) -> str:
    """The kind of a file, where it is one that is taken and fits its name. Raises Unacceptable.

    >>> kind_of(b"district;deaths", "deaths.csv"), kind_of(b"%PDF-1.7 ...", "Study.PDF")
    ('csv', 'pdf')
    """
    if not data:
        raise Unacceptable("empty")
    if len(data) > MOST_BYTES:
        raise Unacceptable("large")
    if _EICAR in data:
        raise Unacceptable("virus")
    ending = PurePath(name).suffix.lower().removeprefix(".")
    kind = _by_content(data, ending)
    if kind not in ("docx", "xlsx", "odt"):
        _only_one_kind(data, kind)
    if ending not in (KINDS[kind].ending, *KINDS[kind].also):
        raise Unacceptable("name")
    return kind


def _by_content(data: bytes, ending: str) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unacceptable("password" if _SEALED in data else "old_office")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    found = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if found == "zip":
        return _office(data)
    if found:
        return found
    if _PAGE.match(data) or not is_text(data):
        raise Unacceptable("kind")
    return "csv" if ending in ("csv", "tsv") else "txt"


def is_text(data: bytes) -> bool:
    """Whether these bytes are words: UTF-8, UTF-16 with its mark, or an older code without control characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return len(data) % 2 == 0
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data)


def _only_one_kind(data: bytes, kind: str) -> None:
    """Raises Unacceptable where a second kind of file is hidden in the first: before, behind or inside it."""
    if _packed(data) is not None:
        raise Unacceptable("double")
    if kind in ("csv", "txt"):
        return
    if kind != "pdf" and (b"%PDF-" in data[:2048] or _CODE.search(data)):
        raise Unacceptable("double")
    if kind == "gif" and data[6:8] in (b"/*", b"//", b"=1", b"='", b'="'):
        raise Unacceptable("double")
    if kind == "pdf" and _CODE.search(data[:1024]):
        raise Unacceptable("double")


def _packed(data: bytes) -> tuple[int, int] | None:
    """Members and size of the directory of a ZIP archive that ends this file; None where none does."""
    tail = data[-66_000:]
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        return None
    members, size, _start = struct.unpack("<HII", tail[place + 10 : place + 20])
    at = len(data) - len(tail) + place - size
    if size and (at < 0 or data[at : at + 4] != b"PK\x01\x02"):
        return None
    return members, size


def _office(data: bytes) -> str:
    """Which kind of document a ZIP archive is. Its directory is weighed before it is read."""
    weight = _packed(data)
    if weight is None:
        raise Unacceptable("broken")
    if weight[0] > MOST_MEMBERS or weight[1] > _MOST_DIRECTORY:
        raise Unacceptable("members")
    try:
        members = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise Unacceptable("broken") from error
    if len(members) > MOST_MEMBERS:
        raise Unacceptable("members")
    _check_weight(members)
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise Unacceptable("password")
    if any(_MACROS.search(name) for name in names):
        raise Unacceptable("macros")
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and members[0].filename == "mimetype" and KINDS["odt"].media_type.encode() in data[:120]:
        return "odt"
    raise Unacceptable("kind")


def _check_weight(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    swollen = any(member.file_size > 2**20 + _RATIO * member.compress_size for member in members)
    if total > MOST_UNPACKED or swollen:
        raise Unacceptable("unpacks")
