"""Settings that are read from files: `CONSULT_…_FILE`, and credentials of systemd.

A unit with `LoadCredential=consult:/etc/consult/secrets` gets each file of the folder as the credential
`consult_<file name>`. Source: systemd documentation, systemd.exec(5), "LoadCredential=".
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

FILE_SETTINGS = (
    "database_url",
    "redis_url",
    "broker_url",
    "limits_url",
    "smtp_url",
    "secret_key",
    "seal_key",
    "files_url",
    "sms_secret",
    "metrics_token",
)
"""Settings that can contain a secret."""
_OTHERS_MAY_READ = stat.S_IRGRP | stat.S_IROTH


def file_variable(name: str) -> str:
    """Return the variable that names the file of a setting.

    >>> file_variable("secret_key")
    'CONSULT_SECRET_KEY_FILE'
    """
    return f"CONSULT_{name.upper()}_FILE"


def _list_sources(name: str) -> list[tuple[str, Path | str]]:
    """Return where a setting is given: a description, and its value or the file with its value."""
    variable = f"CONSULT_{name.upper()}"
    sources: list[tuple[str, Path | str]] = [(variable, os.environ[variable])] if os.environ.get(variable) else []
    if name not in FILE_SETTINGS:
        return sources
    if named := os.environ.get(file_variable(name)):
        sources.append((file_variable(name), Path(named)))
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (path := Path(credentials, f"consult_{name}")).exists():
        sources.append((f"the credential consult_{name}", path))
    return sources


def is_given(name: str) -> bool:
    """Return True if the environment gives this setting, as a value or as a file."""
    return bool(_list_sources(name))


def read_setting(name: str) -> str:
    """Return the value of a setting, or an empty string. White space at the ends of a file is not part of the value.

    Raises ValueError, with advice, if it is given twice or if its file cannot be used.
    """
    sources = _list_sources(name)
    if len(sources) > 1:
        raise ValueError(f"It is given by {' and by '.join(source for source, _value in sources)}. Use one of them")
    if not sources:
        return ""
    source, value = sources[0]
    if isinstance(value, str):
        return value
    try:
        text = value.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"The file of {source} cannot be read ({type(error).__name__})") from None
    if not text:
        raise ValueError(f"The file of {source} is empty")
    return text


def list_exposed_files() -> list[Path]:
    """Return the files of settings that other users of the machine can read. Files of systemd are protected by it."""
    paths = [Path(os.environ[variable]) for name in FILE_SETTINGS if os.environ.get(variable := file_variable(name))]
    return [path for path in paths if path.exists() and path.stat().st_mode & _OTHERS_MAY_READ]
