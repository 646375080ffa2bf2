"""Mail without a mail server: each letter is a readable file in `<data_dir>/outbox`."""

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

from consult.mail.wire import DeliveryOutcome, DeliveryResult

_NAME = re.compile(r"[0-9]{1,20}\.eml")
_HEAD = 16 * 1024


@dataclass(frozen=True)
class FolderLetterSummary:
    """A line of the list of letters."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime


@dataclass(frozen=True)
class FolderAttachment:
    """A file that came with a letter."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class FolderLetter(FolderLetterSummary):
    """A letter as its reader and their mail program would see it."""

    text: str
    html: str
    source: str
    files: Sequence[FolderAttachment]


class MailFolder:
    """A folder that takes letters; the same letter again replaces its file."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = outbox_folder(data_dir)
        self._folder.mkdir(parents=True, exist_ok=True)

    def send(self, sender: str, to: str, name: str, message: bytes) -> DeliveryOutcome:
        """Writes `<name>.eml` whole or not at all."""
        path = self._folder / f"{name}.eml"
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            partial.write_bytes(message)
            partial.rename(path)
        except OSError as error:
            return DeliveryOutcome(DeliveryResult.LATER, f"folder: {type(error).__name__}")
        return DeliveryOutcome(DeliveryResult.SENT)


def outbox_folder(data_dir: Path) -> Path:
    """The folder of the letters."""
    return data_dir / "outbox"


def list_letters(data_dir: Path, most: int = 200) -> Sequence[FolderLetterSummary]:
    """The newest letters, newest first."""
    try:
        names = [path.name for path in outbox_folder(data_dir).iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    newest = sorted(names, key=lambda name: int(name.removesuffix(".eml")), reverse=True)[:most]
    return [_summarise(name, _parse(_read_head(outbox_folder(data_dir) / name))) for name in newest]


def read_letter(data_dir: Path, name: str) -> FolderLetter | None:
    """One letter; None where there is none of this name."""
    path = outbox_folder(data_dir) / name
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    raw = path.read_bytes()
    message = _parse(raw)
    listed = _summarise(name, message)
    return FolderLetter(
        listed.name,
        listed.subject,
        listed.sender,
        listed.to,
        listed.at,
        text=_body_text(message, "plain"),
        html=_body_text(message, "html"),
        source=raw.decode(errors="replace"),
        files=[
            FolderAttachment(
                part.get_filename() or "", part.get_content_type(), bytes(part.get_payload(decode=True) or b"")
            )
            for part in message.iter_attachments()
        ],
    )


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _summarise(name: str, message: EmailMessage) -> FolderLetterSummary:
    written = message["Date"].datetime if message["Date"] else datetime.fromtimestamp(0, UTC)
    return FolderLetterSummary(
        name, str(message["Subject"] or ""), str(message["From"] or ""), str(message["To"] or ""), written
    )


def _body_text(message: EmailMessage, kind: str) -> str:
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found is not None else ""
