"""A mail folder for use without a mail server: each e-mail is a readable file in `<data_dir>/outbox`."""

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
    """A row in the list of e-mails."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime


@dataclass(frozen=True)
class FolderAttachment:
    """A file attached to an e-mail."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class FolderLetter(FolderLetterSummary):
    """An e-mail as its reader and their mail program see it."""

    text: str
    html: str
    source: str
    files: Sequence[FolderAttachment]


class MailFolder:
    """A folder that receives e-mails. Sending the same e-mail again replaces its file."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = outbox_folder(data_dir)
        self._folder.mkdir(parents=True, exist_ok=True)

    def send(self, sender: str, to: str, name: str, message: bytes) -> DeliveryOutcome:
        """Write `<name>.eml` atomically."""
        path = self._folder / f"{name}.eml"
        partial = path.with_suffix(f".{os.getpid()}.part")
        try:
            partial.write_bytes(message)
            partial.rename(path)
        except OSError as error:
            return DeliveryOutcome(DeliveryResult.LATER, f"folder: {type(error).__name__}")
        return DeliveryOutcome(DeliveryResult.SENT)


def outbox_folder(data_dir: Path) -> Path:
    """Return the folder that holds the e-mails."""
    return data_dir / "outbox"


def list_letters(data_dir: Path, most: int = 200) -> Sequence[FolderLetterSummary]:
    """Return the newest e-mails, newest first."""
    try:
        names = [path.name for path in outbox_folder(data_dir).iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    newest = sorted(names, key=lambda name: int(name.removesuffix(".eml")), reverse=True)[:most]
    return [_summarise(name, _parse(_read_head(outbox_folder(data_dir) / name))) for name in newest]


def read_letter(data_dir: Path, name: str) -> FolderLetter | None:
    """Return one e-mail, or None if there is none with this name."""
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
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
