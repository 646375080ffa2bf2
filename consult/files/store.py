"""Where the bytes lie: a local folder, or S3 and what speaks like it. Everything in it is sealed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from consult.core.crypto import seal_bytes, unseal_bytes
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.later import Later
from consult.core.settings import Settings, SettingsError
from consult.core.web import settings

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Store

_obstore: Any = Later("obstore")
_errors: Any = Later("obstore.exceptions")
_stores: Any = Later("obstore.store")
_opened: dict[str, LocalStore | S3Store] = {}
_PATIENCE = timedelta(seconds=20)


class StoreAway(Refusal):
    """The place where files lie does not answer, or has no room."""

    status = 503


class Missing(Exception):
    """There is nothing at this place in the store."""


def opened(chosen: Settings) -> LocalStore | S3Store:
    """The store that CONSULT_FILES_URL names, opened once in a process. Raises SettingsError."""
    url = chosen.files_url.reveal()
    key = f"{os.getpid()} {url or chosen.data_dir}"  # a forked worker opens its own
    if key not in _opened:
        _opened[key] = _open(url, chosen)
    return _opened[key]


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
    far: S3Store = _stores.S3Store(bucket, prefix=folder, config=config, client_options=patience, retry_config=retry)
    return far


def put(path: str, data: bytes, salt: bytes) -> None:
    """Keeps the bytes, sealed under this salt, in place of what was there. Raises StoreAway."""
    try:
        _obstore.put(opened(settings()), path, seal_bytes(data, salt=salt))
    except (_errors.BaseError, OSError) as error:
        raise StoreAway(
            _("Files cannot be kept just now. Your words are safe: send them, or try the file again in a few minutes.")
        ) from error


def get(path: str, salt: bytes) -> bytes:
    """The bytes that were put there. Raises Missing and StoreAway."""
    try:
        sealed = bytes(_obstore.get(opened(settings()), path).bytes())
    except (_errors.NotFoundError, FileNotFoundError) as error:
        raise Missing(path) from error
    except (_errors.BaseError, OSError) as error:
        raise StoreAway(_("Files cannot be read just now. Try again in a few minutes.")) from error
    return unseal_bytes(sealed, salt=salt)


def delete(paths: Iterable[str]) -> None:
    """Lets go of what lies there, if anything does. Raises StoreAway."""
    for path in paths:
        try:
            _obstore.delete(opened(settings()), path)
        except (_errors.NotFoundError, FileNotFoundError):
            continue
        except (_errors.BaseError, OSError) as error:
            raise StoreAway(_("Files cannot be deleted just now.")) from error


def answers(chosen: Settings) -> bool:
    """Whether the store can be asked for something, which need not be there."""
    try:
        _obstore.head(opened(chosen), "is-anybody-there")
    except (_errors.NotFoundError, FileNotFoundError):
        return True
    except (_errors.BaseError, OSError):
        return False
    return True
