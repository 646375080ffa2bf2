"""Mail without a mail server: each letter is a file in `<data_dir>/outbox`, and can be read there."""

from __future__ import annotations

import email
import email.policy
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from consult.mail.wire import Outcome, Result

_NAME = re.compile(r"[0-9]{1,20}\.eml")
_HEAD = 16 * 1024


@dataclass(frozen=True)
class Listed:
    """A line of the list of letters."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a letter."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Stored(Listed):
    """A letter as its reader and their mail program would see it."""

    text: str
    html: str
    source: str
    files: Sequence[Enclosed]


class Folder:
    """A folder that takes letters; the same letter again replaces its file."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = outbox(data_dir)
        self._folder.mkdir(parents=True, exist_ok=True)

    def send(self, sender: str, to: str, name: str, message: bytes) -> Outcome:
        """Writes `<name>.eml` whole or not at all."""
        path = self._folder / f"{name}.eml"
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            partial.write_bytes(message)
            partial.rename(path)
        except OSError as error:
            return Outcome(Result.LATER, f"folder: {type(error).__name__}")
        return Outcome(Result.SENT)


def outbox(data_dir: Path) -> Path:
    """Where the letters are."""
    return data_dir / "outbox"


def letters(data_dir: Path, most: int = 200) -> Sequence[Listed]:
    """The newest letters, newest first."""
    try:
        names = [path.name for path in outbox(data_dir).iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    newest = sorted(names, key=lambda name: int(name.removesuffix(".eml")), reverse=True)[:most]
    return [_listed(name, _parse(_head(outbox(data_dir) / name))) for name in newest]


def letter(data_dir: Path, name: str) -> Stored | None:
    """One letter; None where there is none of this name."""
    path = outbox(data_dir) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    raw = path.read_bytes()
    message = _parse(raw)
    listed = _listed(name, message)
    return Stored(
        listed.name, listed.subject, listed.sender, listed.to, listed.at,
        text=_part(message, "plain"), html=_part(message, "html"), source=raw.decode(errors="replace"),
        files=[
            Enclosed(part.get_filename() or "", part.get_content_type(), bytes(part.get_payload(decode=True) or b""))
            for part in message.iter_attachments()
        ],
    )  # fmt: skip


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _listed(name: str, message: EmailMessage) -> Listed:
    written = message["Date"].datetime if message["Date"] else datetime.fromtimestamp(0, UTC)
    return Listed(name, str(message["Subject"] or ""), str(message["From"] or ""), str(message["To"] or ""), written)


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found is not None else ""
