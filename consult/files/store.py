"""File storage: a local folder, or S3 and compatible services. Contents are encrypted before they are stored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from consult.core.crypto import seal_bytes, unseal_bytes
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.lazy import LazyModule
from consult.core.settings import Settings, SettingsError
from consult.core.web.requests import settings

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Store

_obstore: Any = LazyModule("obstore")
_errors: Any = LazyModule("obstore.exceptions")
_stores: Any = LazyModule("obstore.store")
_open_stores: dict[str, LocalStore | S3Store] = {}
_PATIENCE = timedelta(seconds=20)
_NO_BUCKET = "NoSuchBucket"
"""The S3 error code for a missing bucket."""


class StoreAway(Refusal):
    """The file store does not respond or has no space."""

    status = 503


class NotInStore(Exception):
    """The store has no object with this key."""


class StoreTrouble(StrEnum):
    """The reason that the store cannot be used."""

    AWAY = "away"
    NO_BUCKET = "no bucket"
    REFUSED = "refused"


def open_store(chosen: Settings) -> LocalStore | S3Store:
    """Return the store configured by CONSULT_FILES_URL, opened once per process. Raises SettingsError."""
    url = chosen.files_url.reveal()
    key = f"{os.getpid()} {url or chosen.data_dir}"  # a forked worker opens its own store
    if key not in _open_stores:
        _open_stores[key] = _open(url, chosen)
    return _open_stores[key]


def _open(url: str, chosen: Settings) -> LocalStore | S3Store:
    """Open the store at a URL.

    `s3://bucket/folder?endpoint=https://…&region=…`, `file:///folder`, or by default a folder in the data folder.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        local: LocalStore = _stores.LocalStore(prefix=parts.path or (chosen.data_dir / "files").resolve(), mkdir=True)
        return local
    if parts.scheme != "s3" or not parts.hostname:
        raise SettingsError("CONSULT_FILES_URL cannot be used. Use file:///folder or s3://bucket/folder?endpoint=…")
    given = dict(parse_qsl(parts.query))
    own = {"access_key_id": unquote(parts.username or ""), "secret_access_key": unquote(parts.password or ""), **given}
    plain = given.get("endpoint", "").startswith("http://")
    bucket = url.split("@")[-1].removeprefix("s3://").split("/")[0].split("?")[0]  # bucket names are case sensitive
    config: Any = {name: value for name, value in own.items() if value}
    patience: Any = {"timeout": _PATIENCE, "connect_timeout": timedelta(seconds=5), "allow_http": plain}
    retry: Any = {"max_retries": 2, "retry_timeout": _PATIENCE}
    folder = parts.path.strip("/") or None
    try:
        far: S3Store = _stores.S3Store(
            bucket, prefix=folder, config=config, client_options=patience, retry_config=retry
        )
    except _errors.BaseError as error:
        raise SettingsError(
            "CONSULT_FILES_URL cannot be used. After the ?, use endpoint, region and other S3 settings."
        ) from error
    return far


def put(path: str, data: bytes, salt: bytes) -> None:
    """Store bytes encrypted with this salt, replacing existing ones. Raises StoreAway."""
    try:
        _obstore.put(open_store(settings()), path, seal_bytes(data, salt=salt))
    except (_errors.BaseError, OSError) as error:
        raise StoreAway(
            _("We cannot save files at the moment. Your text is safe. Send it, or try the file again in a few minutes.")
        ) from error


def get(path: str, salt: bytes) -> bytes:
    """Return stored bytes. Raises NotInStore and StoreAway."""
    try:
        sealed = bytes(_obstore.get(open_store(settings()), path).bytes())
    except (_errors.BaseError, OSError) as error:
        if _is_not_there(error):
            raise NotInStore(path) from error
        raise StoreAway(_("We cannot open files at the moment. Try again in a few minutes.")) from error
    return unseal_bytes(sealed, salt=salt)


def delete(paths: Iterable[str]) -> None:
    """Delete objects if they exist. Raises StoreAway."""
    for path in paths:
        try:
            _obstore.delete(open_store(settings()), path)
        except (_errors.BaseError, OSError) as error:
            if not _is_not_there(error):
                raise StoreAway(_("We cannot delete files at the moment. Try again in a few minutes.")) from error


def list_paths(chosen: Settings) -> Iterator[str]:
    """Yield the path of every object. Raises StoreAway."""
    try:
        for objects in _obstore.list(open_store(chosen)):
            yield from (str(each["path"]) for each in objects)
    except (_errors.BaseError, OSError) as error:
        raise StoreAway("The file store does not answer.") from error


def save_encrypted(chosen: Settings, path: str, target: Path) -> None:
    """Save an object, encrypted as it is, to a local file. Raises NotInStore and StoreAway."""
    try:
        with target.open("wb") as file:
            for part in _obstore.get(open_store(chosen), path).stream():
                file.write(part)
    except (_errors.BaseError, OSError) as error:
        target.unlink(missing_ok=True)
        if _is_not_there(error):
            raise NotInStore(path) from error
        raise StoreAway("The file store does not answer, or the backup folder is full.") from error


def put_encrypted(chosen: Settings, path: str, source: Path) -> None:
    """Store a local file that is encrypted already, replacing an object of this path. Raises StoreAway."""
    try:
        _obstore.put(open_store(chosen), path, source)
    except (_errors.BaseError, OSError) as error:
        raise StoreAway("The file store does not answer, or is full.") from error


def try_writing(chosen: Settings) -> None:
    """Write, read and delete an object. Raises StoreAway, also if it does not return what was written."""
    path, content = ".doctor-probe", os.urandom(64)
    try:
        _obstore.put(open_store(chosen), path, content)
        same = bytes(_obstore.get(open_store(chosen), path).bytes()) == content
        _obstore.delete(open_store(chosen), path)
    except (_errors.BaseError, OSError) as error:
        raise StoreAway("The file store cannot be written to.") from error
    if not same:
        raise StoreAway("The file store returns other bytes than were written.")


def find_trouble(chosen: Settings) -> StoreTrouble | None:
    """Return why the store does not work, or None. It reads an object that need not exist.

    HEAD is not used, since its response does not distinguish a missing bucket from a missing object.
    """
    try:
        _obstore.get(open_store(chosen), "is-anybody-there").bytes()
    except (_errors.BaseError, OSError) as error:
        if _is_not_there(error):
            return None
        if _NO_BUCKET in str(error):
            return StoreTrouble.NO_BUCKET
        return StoreTrouble.REFUSED if isinstance(error, _refusal_errors()) else StoreTrouble.AWAY
    return None


def _is_not_there(error: Exception) -> bool:
    """Return True if only the object is missing, not the bucket."""
    return isinstance(error, (_errors.NotFoundError, FileNotFoundError)) and _NO_BUCKET not in str(error)


def _refusal_errors() -> tuple[type[Exception], ...]:
    return (_errors.PermissionDeniedError, _errors.UnauthenticatedError, PermissionError)
