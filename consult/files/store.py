"""File storage: a local folder, or S3 and compatible services. Everything in it is encrypted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
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
"""The code of S3 where the bucket itself is not there."""


class StoreAway(Refusal):
    """The place where files lie does not answer, or has no room."""

    status = 503


class NotInStore(Exception):
    """There is nothing at this place in the store."""


class StoreTrouble(StrEnum):
    """Why the store keeps nothing."""

    AWAY = "away"
    NO_BUCKET = "no bucket"
    REFUSED = "refused"


def open_store(chosen: Settings) -> LocalStore | S3Store:
    """The store that CONSULT_FILES_URL names, opened once in a process. Raises SettingsError."""
    url = chosen.files_url.reveal()
    key = f"{os.getpid()} {url or chosen.data_dir}"  # a forked worker opens its own
    if key not in _open_stores:
        _open_stores[key] = _open(url, chosen)
    return _open_stores[key]


def _open(url: str, chosen: Settings) -> LocalStore | S3Store:
    """`s3://bucket/folder?endpoint=https://…&region=…`, `file:///folder`, or nothing: a folder of the data."""
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        local: LocalStore = _stores.LocalStore(prefix=parts.path or (chosen.data_dir / "files").resolve(), mkdir=True)
        return local
    if parts.scheme != "s3" or not parts.hostname:
        raise SettingsError("CONSULT_FILES_URL is not understood: give file:///folder or s3://bucket/folder?endpoint=…")
    given = dict(parse_qsl(parts.query))
    own = {"access_key_id": unquote(parts.username or ""), "secret_access_key": unquote(parts.password or ""), **given}
    plain = given.get("endpoint", "").startswith("http://")
    bucket = url.split("@")[-1].removeprefix("s3://").split("/")[0].split("?")[0]  # case counts
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
            "CONSULT_FILES_URL cannot be used: after the ? it takes endpoint, region and other settings of S3."
        ) from error
    return far


def put(path: str, data: bytes, salt: bytes) -> None:
    """Keeps the bytes, sealed under this salt, in place of what was there. Raises StoreAway."""
    try:
        _obstore.put(open_store(settings()), path, seal_bytes(data, salt=salt))
    except (_errors.BaseError, OSError) as error:
        raise StoreAway(
            _("Files cannot be kept just now. Your words are safe: send them, or try the file again in a few minutes.")
        ) from error


def get(path: str, salt: bytes) -> bytes:
    """The bytes that were put there. Raises NotInStore and StoreAway."""
    try:
        sealed = bytes(_obstore.get(open_store(settings()), path).bytes())
    except (_errors.BaseError, OSError) as error:
        if _is_not_there(error):
            raise NotInStore(path) from error
        raise StoreAway(_("Files cannot be read just now. Try again in a few minutes.")) from error
    return unseal_bytes(sealed, salt=salt)


def delete(paths: Iterable[str]) -> None:
    """Deletes the object, if there is one. Raises StoreAway."""
    for path in paths:
        try:
            _obstore.delete(open_store(settings()), path)
        except (_errors.BaseError, OSError) as error:
            if not _is_not_there(error):
                raise StoreAway(_("Files cannot be deleted just now.")) from error


def find_trouble(chosen: Settings) -> StoreTrouble | None:
    """Why nothing can be kept there; None where the store answers. What it is asked for need not be there.

    It is asked to read: the answer to HEAD does not tell a bucket that is not there from a file that is not.
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
    """Whether the store says that it has nothing at this place, and is there itself."""
    return isinstance(error, (_errors.NotFoundError, FileNotFoundError)) and _NO_BUCKET not in str(error)


def _refusal_errors() -> tuple[type[Exception], ...]:
    return (_errors.PermissionDeniedError, _errors.UnauthenticatedError, PermissionError)
