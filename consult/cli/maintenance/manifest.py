"""The manifest of a backup: what it contains, from which release and with which key, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import click

from consult.core.crypto import key_check_value
from consult.core.settings import Settings

NAME, DATABASE, FILES = "manifest.json", "database.dump", "files"
_FORMAT = 1
_KEY_SALT = b"consult backup manifest"


@dataclass(frozen=True)
class SavedFile:
    """A file of the backup: its path in the folder, its size and its SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a backup. Keys are never part of it."""

    made_at: str
    release: str
    revision: str
    key: str  # fingerprint of the seal key
    entries: int  # of the public record
    head: str  # SHA-256 of these entries
    files: list[SavedFile]
    has_store: bool
    format: int = field(default=_FORMAT)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1) + "\n")


def fingerprint_key(settings: Settings) -> str:
    """Return a fingerprint of the seal key that does not reveal it."""
    return key_check_value(settings, _KEY_SALT).hex()[:32]


def describe_file(folder: Path, path: Path) -> SavedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SavedFile(str(path.relative_to(folder).as_posix()), path.stat().st_size, digest)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup. Raises ClickException."""
    try:
        data: dict[str, Any] = json.loads((folder / NAME).read_text())
        files = [SavedFile(**each) for each in data.pop("files")]
        manifest = Manifest(files=files, **data)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise click.ClickException(f"{folder} is not a complete backup: {NAME} cannot be read.") from error
    if manifest.format != _FORMAT:
        raise click.ClickException("This backup was made by a later release. Install that release first.")
    return manifest


def list_damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield a sentence for each file that is missing, differs from the manifest or leads out of the folder."""
    for file in manifest.files:
        parts = PurePosixPath(file.path)
        if parts.is_absolute() or ".." in parts.parts:
            yield f"{file.path} leads out of the backup."
        elif not (folder / file.path).is_file():
            yield f"{file.path} is missing."
        elif describe_file(folder, folder / file.path) != file:
            yield f"{file.path} differs from the manifest."
